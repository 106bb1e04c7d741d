package dev.holdfast;

/**
 * When a change that is not awaited becomes durable. Sync mappings keep their promise under each.
 */
public enum CommitPolicy {
    /**
     * A call orders its change in the log and returns. Not durable before the next fsync,
     * fdatasync, sync fault or background commit (5 ms on line media, 1 s on page media); lost
     * together with all later changes if a crash comes first.
     */
    LAZY,
    /** A call returns when its change, and what it wrote, is durable. */
    ALWAYS
}
