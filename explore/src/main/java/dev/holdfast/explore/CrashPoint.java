package dev.holdfast.explore;

import java.util.List;
import java.util.Locale;

/**
 * Where in a recorded run the power was cut.
 *
 * @param position the events of the trace that had happened; what a {@link
 *     dev.holdfast.explore.medium.Recorder} told as position {@code p} had happened if
 *     {@code p <= position}
 * @param kind whether a barrier was about to happen
 * @param completed the operations that had returned, oldest first
 * @param inProgress the operations that had begun and not returned
 */
public record CrashPoint(long position, Kind kind, List<Operation> completed,
        List<Operation> inProgress) {
    /** What lies around a crash point. */
    public enum Kind {
        /** A persist was about to make something durable. */
        BARRIER,
        /** Between two barriers. */
        BETWEEN,
        /** Nothing more happened. */
        END
    }

    /** Returns the operation that returned last, or null before the first. */
    public Operation lastCompleted() {
        return completed.isEmpty() ? null : completed.getLast();
    }

    /** Tells whether what was at a position of the trace had happened. */
    public boolean isAfter(long otherPosition) {
        return otherPosition <= position;
    }

    @Override
    public String toString() {
        return "position " + position + " (" + kind.name().toLowerCase(Locale.ROOT)
                + "), completed " + lastCompleted() + ", in progress " + inProgress;
    }
}
