package dev.holdfast.faultd.keeper;

import java.util.ArrayDeque;
import java.util.Deque;

/** Counts deaths of workers, and says when there were too many. Not thread-safe. */
final class RestartLimit {
    private final Keeper.Limits limits;
    private final Deque<Long> deaths = new ArrayDeque<>();

    RestartLimit(Keeper.Limits limits) {
        this.limits = limits;
    }

    /**
     * Takes a death in; returns whether another worker may be started.
     *
     * @param nanos when, on a clock that only goes forward
     */
    boolean allowsAfterDeathAt(long nanos) {
        deaths.addLast(nanos);
        while (nanos - deaths.getFirst() > limits.withinNanos()) {
            deaths.removeFirst();
        }
        return deaths.size() <= limits.restarts();
    }
}
