/**
 * An optional agent that lets a recording see the JDK's own {@code force()} of mapped memory, which
 * no file system is told of.
 */
package dev.holdfast.explore.agent;
