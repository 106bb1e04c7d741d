package dev.holdfast.explore;

import dev.holdfast.explore.medium.Recording;
import dev.holdfast.explore.states.Exploring;
import java.io.IOException;

/**
 * Recovers and judges what power cuts may leave of a recorded run. One thread; takes memory of some
 * times the size of the volume.
 */
public final class Explorer {
    private Explorer() {}

    /** Explores the crash states of a recording. */
    public static Exploration explore(Recording recording, Judge judge, Bounds bounds,
            Progress progress) throws IOException {
        return Exploring.explore(recording, judge, bounds, progress);
    }

    /** Recovers and judges one state again; returns what is wrong with it, or null. */
    public static Exploration.Found replay(Recording recording, Judge judge, String line)
            throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Reduces a violating state to a smallest loss that still violates. */
    public static Exploration.Found shrink(Recording recording, Judge judge, String line)
            throws IOException {
        throw new UnsupportedOperationException();
    }
}
