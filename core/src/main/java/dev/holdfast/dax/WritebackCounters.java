package dev.holdfast.dax;

import java.util.concurrent.atomic.LongAdder;

/** Exact counts of what write-back made durable. Thread-safe. */
public final class WritebackCounters {
    private final LongAdder bytes = new LongAdder();
    private final LongAdder pinnedBytes = new LongAdder();
    private final LongAdder batches = new LongAdder();

    void count(long persistedBytes, long pinned) {
        bytes.add(persistedBytes);
        pinnedBytes.add(pinned);
        batches.increment();
    }

    /** Returns the bytes persisted. */
    public long bytes() {
        return bytes.sum();
    }

    /** Returns those of them that were pinned writable: persisted again by every call. */
    public long pinnedBytes() {
        return pinnedBytes.sum();
    }

    /** Returns the calls of the device, each of many ranges. */
    public long batches() {
        return batches.sum();
    }
}
