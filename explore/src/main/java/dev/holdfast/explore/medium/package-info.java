/** The medium: what a run stored and persisted, event by event. */
package dev.holdfast.explore.medium;
