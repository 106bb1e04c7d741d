package dev.holdfast.alloc;

import java.io.IOException;
import java.util.Arrays;

/**
 * Claimed runs on their way out of the known-zero set.
 *
 * <ol>
 * <li>Under the lock the runs are taken out of the claimed class ({@link #add}).
 * <li>Without it, records say that they leave, and are committed ({@link #leave}).
 * <li>Now the blocks may be stored to. Had it failed, those whose record was not appended are
 *     claimed as before, and the others wait for theirs to be durable after all ({@link #undo}).
 * </ol>
 */
final class Departure {
    private final FreeSpace space;
    private long[] runs = new long[4];
    private int size;
    private int appended;
    private long lsn;

    Departure(FreeSpace space) {
        this.space = space;
    }

    /** Takes a claimed run out. */
    void add(long block, long count) {
        space.take(FreeSpace.Kind.CLAIMED, block, count);
        if (size == runs.length) {
            runs = Arrays.copyOf(runs, size * 2);
        }
        runs[size++] = block;
        runs[size++] = count;
    }

    /** Makes the claims leave; {@code durably} is false only for a mutant. */
    void leave(ZeroClaims claims, boolean durably) throws IOException {
        for (; appended < size; appended += 2) {
            lsn = Math.max(lsn, claims.leave(runs[appended], runs[appended + 1]));
        }
        if (durably) {
            claims.commit(lsn);
        }
    }

    /** Puts every block that is not in {@code [from, to)} into the pool; returns all that left. */
    long poolOutside(long from, long to) {
        long left = 0;
        for (int i = 0; i < size; i += 2) {
            long start = runs[i];
            long end = start + runs[i + 1];
            left += end - start;
            if (start < from) {
                pool(start, Math.min(end, from));
            }
            if (end > to) {
                pool(Math.max(start, to), end);
            }
        }
        return left;
    }

    private void pool(long start, long end) {
        space.put(FreeSpace.Kind.POOL, start, end - start);
    }

    /**
     * Puts the blocks back after a failure, and with them whatever else of {@code [from, to)} was
     * taken out, as unknown. All of them are counted as free.
     */
    void undo(long from, long to) {
        var others = new RunSet();
        if (from < to) {
            others.add(from, to - from);
        }
        for (int i = 0; i < size; i += 2) {
            others.cut(runs[i], runs[i + 1]);
            if (i < appended) {
                space.ledger.withdraw(runs[i + 1]);
                space.park(lsn, runs[i], runs[i + 1]);
            } else {
                space.put(FreeSpace.Kind.CLAIMED, runs[i], runs[i + 1]);
            }
        }
        others.forEach((block, count) -> space.put(FreeSpace.Kind.UNKNOWN, block, count));
    }
}
