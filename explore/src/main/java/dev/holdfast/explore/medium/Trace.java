package dev.holdfast.explore.medium;

/** The events of a run. */
public final class Trace {
    private Trace() {}
}
