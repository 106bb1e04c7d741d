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
     * @param lost what of the workload's stores was lost, in words
     * @param replay what {@link Explorer#replay} takes: one line
     * @param state how many states had been explored
     */
    public record Found(CrashPoint point, String message, String lost, String replay,
            long state) {}

    /** Returns states a second. */
    public double statesPerSecond() {
        return nanos == 0 ? 0 : states * 1e9 / nanos;
    }
}
