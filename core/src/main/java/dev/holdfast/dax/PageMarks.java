package dev.holdfast.dax;

import dev.holdfast.mm.PageTable;

/** One mark for each page of a huge page. Not thread-safe: guarded by its chunk's monitor. */
final class PageMarks {
    private static final int WORDS = PageTable.HUGE_PAGES / Long.SIZE;

    private final long[] words = new long[WORDS];

    boolean get(int slot) {
        return (words[slot / Long.SIZE] & 1L << slot) != 0;
    }

    /** Sets the marks of {@code [from, to)}. */
    void set(int from, int to) {
        for (int at = from; at < to; at = wordEnd(at)) {
            words[at / Long.SIZE] |= mask(at, to);
        }
    }

    /** Clears the marks of {@code [from, to)}. */
    void clear(int from, int to) {
        for (int at = from; at < to; at = wordEnd(at)) {
            words[at / Long.SIZE] &= ~mask(at, to);
        }
    }

    /** Sets the marks that {@code other} has in {@code [from, to)}. */
    void add(PageMarks other, int from, int to) {
        for (int at = from; at < to; at = wordEnd(at)) {
            words[at / Long.SIZE] |= other.words[at / Long.SIZE] & mask(at, to);
        }
    }

    /** Returns the first mark set in {@code [from, to)}, or -1. */
    int next(int from, int to) {
        for (int at = from; at < to; at = wordEnd(at)) {
            long found = words[at / Long.SIZE] & mask(at, to);
            if (found != 0) {
                return (at & -Long.SIZE) + Long.numberOfTrailingZeros(found);
            }
        }
        return -1;
    }

    boolean any(int from, int to) {
        return next(from, to) >= 0;
    }

    private static int wordEnd(int slot) {
        return (slot & -Long.SIZE) + Long.SIZE;
    }

    /** Returns the bits of the word of {@code at} that lie in {@code [at, to)}. */
    private static long mask(int at, int to) {
        long upper = to >= wordEnd(at) ? -1L : (1L << to) - 1;
        return upper & -1L << at;
    }
}
