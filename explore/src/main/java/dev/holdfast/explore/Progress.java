package dev.holdfast.explore;

/** Hears how an exploration gets on, some times a second. */
@FunctionalInterface
public interface Progress {
    /** Hears nothing. */
    Progress NONE = (done, of, states, violations) -> {};

    /** So many of the crash points are done, and so many states, with so many violations. */
    void at(long crashPointsDone, long crashPoints, long states, int violations);
}
