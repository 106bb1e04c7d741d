/**
 * Crash states: a run of a workload is recorded store by store; every image that a power cut may
 * have left is recovered, checked and judged.
 */
package dev.holdfast.explore;
