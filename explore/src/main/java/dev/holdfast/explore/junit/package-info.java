/**
 * Crash tests with JUnit: a workload runs on a volume in memory, and a recover method sees every
 * volume that a power cut may have left of it.
 */
package dev.holdfast.explore.junit;
