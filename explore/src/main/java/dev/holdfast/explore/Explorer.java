package dev.holdfast.explore;

import dev.holdfast.explore.medium.Recording;
import dev.holdfast.explore.states.Exploring;
import dev.holdfast.explore.states.Replayer;
import dev.holdfast.explore.states.Shrinker;
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

    /**
     * Recovers and judges one state again; returns what is wrong with it, or null.
     *
     * @param line {@link Exploration.Found#replay}, found in this very recording
     * @throws IllegalArgumentException when the line is no such, or of another recording
     */
    public static Exploration.Found replay(Recording recording, Judge judge, String line)
            throws IOException {
        try (Replayer replayer = new Replayer(recording, judge)) {
            return replayer.found(line);
        }
    }

    /**
     * Reduces a violating state to a smallest loss, or, if that is smaller, a smallest set of what is
     * kept, that still violates; perhaps in another way.
     *
     * @return the smallest found, or null when the line does not violate
     * @throws IllegalArgumentException when the line is no such, or of another recording
     */
    public static Exploration.Found shrink(Recording recording, Judge judge, String line)
            throws IOException {
        try (Replayer replayer = new Replayer(recording, judge)) {
            return Shrinker.shrink(replayer, line);
        }
    }

    /**
     * Reduces what was lost in a violating state to a smallest loss that still violates, everything
     * else that was in flight being kept.
     *
     * @return the smallest found, or null when the line does not violate
     * @throws IllegalArgumentException when the line is no such, or of another recording
     */
    public static Exploration.Found smallestLoss(Recording recording, Judge judge, String line)
            throws IOException {
        try (Replayer replayer = new Replayer(recording, judge)) {
            return Shrinker.shrinkLoss(replayer, line);
        }
    }

    /**
     * Returns what became of every piece of the medium that was in flight in a state.
     *
     * @throws IllegalArgumentException when the line is no such, or of another recording
     */
    public static Exploration.InFlight inFlight(Recording recording, String line)
            throws IOException {
        try (Replayer replayer = new Replayer(recording, (volume, point) -> { })) {
            return replayer.inFlight(line);
        }
    }
}
