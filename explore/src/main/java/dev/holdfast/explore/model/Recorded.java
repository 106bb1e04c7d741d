package dev.holdfast.explore.model;

import dev.holdfast.explore.Judge;
import dev.holdfast.explore.medium.Recording;

/** A run that was recorded, and what judges the crashes in it. */
public record Recorded(Recording recording, Judge judge) {}
