package dev.holdfast.device;

import java.util.concurrent.atomic.LongAdder;

/** Exact counts of what a device was asked to make durable. Thread-safe. */
public final class DeviceCounters {
    private final LongAdder lines = new LongAdder();
    private final LongAdder barriers = new LongAdder();
    private final LongAdder bytes = new LongAdder();

    /** Counts a persist of {@code lineCount} cache lines, {@code byteCount} bytes, one barrier. */
    void count(long lineCount, long byteCount, long barrierCount) {
        lines.add(lineCount);
        bytes.add(byteCount);
        barriers.add(barrierCount);
    }

    /**
     * Returns the cache lines written back, partial lines counted whole; on page media all lines of
     * the pages written.
     */
    public long lines() {
        return lines.sum();
    }

    /** Returns the barriers really executed: fences, or {@code msync} calls. */
    public long barriers() {
        return barriers.sum();
    }

    /** Returns the bytes asked for, before rounding to lines. */
    public long bytes() {
        return bytes.sum();
    }
}
