package dev.holdfast.explore.medium;

import dev.holdfast.VolumeOptions;

/**
 * A run on a traced device: what the medium held when recording began, and what happened since.
 *
 * @param trace the base image and the events
 * @param reopening how the volume is opened on each crash state; clock, random and background are
 *     the explorer's own
 * @param from position before which crashes are not looked at: another recording, of which this one is
 *     the continuation, has them
 */
public record Recording(Trace trace, VolumeOptions reopening, long from) {
    /** Creates a recording all of whose crashes count. */
    public Recording(Trace trace, VolumeOptions reopening) {
        this(trace, reopening, 0);
    }

    /** Leaves out crashes before a position. */
    public Recording from(long position) {
        return new Recording(trace, reopening, position);
    }
}
