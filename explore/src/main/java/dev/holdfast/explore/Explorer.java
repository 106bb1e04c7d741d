package dev.holdfast.explore;

import dev.holdfast.device.ImageDevice;
import dev.holdfast.device.TracedDevice.Unit;
import dev.holdfast.explore.medium.Recording;
import dev.holdfast.explore.medium.Trace;
import dev.holdfast.explore.states.Exploring;
import dev.holdfast.explore.states.Replayer;
import dev.holdfast.explore.states.Shrinker;
import java.io.IOException;

/**
 * Recovers and judges what power cuts may leave of recorded runs. One thread; takes memory of some
 * times the size of the volume. An explorer serves for recordings of one size and unit, one after
 * another, which spares small ones most of their cost.
 */
public final class Explorer implements AutoCloseable {
    private final Unit unit;
    private final ImageDevice first;
    private final ImageDevice second;

    /**
     * Creates an explorer.
     *
     * @param sizeBytes of the device that was recorded, at most {@link ImageDevice#MAX_BYTES}
     */
    public Explorer(long sizeBytes, Unit unit) throws IOException {
        this.unit = unit;
        first = ImageDevice.create(sizeBytes, unit);
        ImageDevice created = null;
        try {
            created = ImageDevice.create(sizeBytes, unit);
        } finally {
            if (created == null) {
                first.close();
            }
        }
        second = created;
    }

    /** Explores the crash states of a recording. */
    public static Exploration explore(Recording recording, Judge judge, Bounds bounds,
            Progress progress) throws IOException {
        Trace trace = recording.trace();
        try (Explorer explorer = new Explorer(trace.sizeBytes(), trace.unit())) {
            return explorer.run(recording, judge, bounds, progress);
        }
    }

    /**
     * Explores the crash states of a recording.
     *
     * @throws IllegalArgumentException when it is not of this explorer's size and unit
     */
    public Exploration run(Recording recording, Judge judge, Bounds bounds, Progress progress)
            throws IOException {
        Trace trace = recording.trace();
        if (trace.sizeBytes() != first.sizeBytes() || trace.unit() != unit) {
            throw new IllegalArgumentException("a recording of " + trace.sizeBytes() + " bytes by "
                    + trace.unit() + "; this explorer is for " + first.sizeBytes() + " by " + unit);
        }
        return Exploring.explore(recording, judge, bounds, progress, first, second);
    }

    @Override
    public void close() {
        first.close();
        second.close();
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
     * Reduces a violating state to a smallest loss, or, if that is smaller, a smallest set of what
     * is kept, that still violates; perhaps in another way.
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
