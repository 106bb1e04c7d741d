package dev.holdfast.explore;

import java.util.List;

/**
 * What an exploration did and found.
 *
 * @param crashPoints crash points of the recording that were looked at
 * @param images distinct images that these can leave and that were selected
 * @param states images that were mounted, checked and judged; nested ones included
 * @param distinctStates different states recovered: of names, attributes, space and file data
 * @param nestedStates those of {@code states} after a crash in a recovery or after one
 * @param exhaustive every image that the model allows at every crash point was explored
 * @param left what was not, in words; empty when exhaustive
 * @param violations what must not be, in the order found
 * @param nanos how long it took
 * @param seed what random choices depended on
 */
public record Exploration(long crashPoints, long images, long states, long distinctStates,
        long nestedStates, boolean exhaustive, String left, List<Found> violations, long nanos,
        long seed) {
    /**
     * A violation.
     *
     * @param point where the power was cut
     * @param message what is wrong
     * @param losses what became of stores that were in flight: each that was lost or, if {@code
     *     onlyKept}, each that was kept; worth reading when {@linkplain Explorer#shrink shrunk}
     * @param onlyKept whether everything in flight was lost but for {@code losses}
     * @param replay what {@link Explorer#replay} takes: one line
     * @param state how many states had been explored
     */
    public record Found(CrashPoint point, String message, List<Loss> losses, boolean onlyKept,
            String replay, long state) {
        @Override
        public String toString() {
            return message + "; at " + point + (onlyKept ? ", kept only " : ", lost ") + losses
                    + "; replay " + replay;
        }
    }

    /**
     * What became of a piece of the medium that had been stored to and not persisted.
     *
     * @param deviceOffset in bytes
     * @param lengthBytes of the piece
     * @param version the store whose content the medium has, by number of the trace; -1 for what
     *     was durable
     * @param place what lies there
     */
    public record Loss(long deviceOffset, int lengthBytes, int version, String place) {
        @Override
        public String toString() {
            return place + (version < 0 ? "" : " (version " + version + ")");
        }
    }

    /**
     * What a state has of what had been stored to and not persisted.
     *
     * @param lost pieces that are durable, or show an earlier store
     * @param kept pieces whose newest store reached the medium
     */
    public record InFlight(List<Loss> lost, List<Loss> kept) {}

    /** Returns states a second. */
    public double statesPerSecond() {
        return nanos == 0 ? 0 : states * 1e9 / nanos;
    }
}
