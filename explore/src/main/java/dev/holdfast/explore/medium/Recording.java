package dev.holdfast.explore.medium;

import dev.holdfast.VolumeOptions;

/**
 * A run on a traced device: what the medium held when recording began, and what happened since.
 *
 * @param trace the base image and the events
 * @param reopening how the volume is opened on each crash state; clock, random and background are
 *     the explorer's own
 */
public record Recording(Trace trace, VolumeOptions reopening) {}
