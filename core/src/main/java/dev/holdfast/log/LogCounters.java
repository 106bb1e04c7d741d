package dev.holdfast.log;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * Exact counts of what a log did since it was opened. Reading is thread-safe; each count that is
 * kept on a hot path is written only under the lock that path holds anyway.
 */
public final class LogCounters {
    private static final int RECORDS = 0;
    private static final int LINES = 1;
    private static final int PADS = 2;
    /** The commit side begins a cache line further on. */
    private static final int COMMITS = 16;
    private static final int COMMITTED_LINES = 17;
    private static final int LARGEST_COMMIT_LINES = 18;

    private final AtomicLongArray counts = new AtomicLongArray(32);
    private final LongAdder joined = new LongAdder();

    LogCounters() {}

    /** Counts a record; under the append lock. */
    void countRecord(int lines) {
        add(RECORDS, 1);
        add(LINES, lines);
    }

    /** Counts a pad to the ring's end; under the append lock. */
    void countPad(long lines) {
        add(PADS, 1);
        add(LINES, lines);
    }

    /** Counts a commit; by the thread whose turn it is. */
    void countCommit(long lines) {
        add(COMMITS, 1);
        add(COMMITTED_LINES, lines);
        if (lines > counts.getPlain(LARGEST_COMMIT_LINES)) {
            counts.setOpaque(LARGEST_COMMIT_LINES, lines);
        }
    }

    /** Counts a caller of commit that waited and was served by another thread's commit. */
    void countJoined() {
        joined.increment();
    }

    private void add(int index, long count) {
        counts.setOpaque(index, counts.getPlain(index) + count);
    }

    /** Returns the records appended, pads not counted. */
    public long records() {
        return counts.getOpaque(RECORDS);
    }

    /** Returns the lines appended, those of pads included. */
    public long lines() {
        return counts.getOpaque(LINES);
    }

    /** Returns the pads written because a record would have straddled the ring's end. */
    public long pads() {
        return counts.getOpaque(PADS);
    }

    /** Returns the commits that persisted something; each is one call of the device. */
    public long commits() {
        return counts.getOpaque(COMMITS);
    }

    /** Returns the lines made durable. */
    public long committedLines() {
        return counts.getOpaque(COMMITTED_LINES);
    }

    /** Returns the lines of the largest commit. */
    public long largestCommitLines() {
        return counts.getOpaque(LARGEST_COMMIT_LINES);
    }

    /** Returns the waits that ended because another thread committed for them. */
    public long joinedCommits() {
        return joined.sum();
    }

    /** Returns how many waiting callers one commit served on average; 0 before the first. */
    public double groupSize() {
        long commits = commits();
        return commits == 0 ? 0 : (double) (commits + joinedCommits()) / commits;
    }
}
