package dev.holdfast.explore.model;

import dev.holdfast.explore.Judge;
import dev.holdfast.explore.medium.Recording;

/**
 * A run that was recorded, and what judges the crashes in it.
 *
 * @param from position of the trace before which crashes are another run's to explore: this one is
 *     its continuation
 */
public record Recorded(Recording recording, Judge judge, long from) {}
