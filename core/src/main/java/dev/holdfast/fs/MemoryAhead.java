package dev.holdfast.fs;

/**
 * Decides which blocks of one mapping get memory behind them before they are touched. The first
 * touch of a block is the system's, which clears it: that costs more than mapping it, and in a
 * fault it is waited for. So it is done in the background, for the start of a mapping and ahead of
 * accesses that are in order.
 *
 * <p>Only a hint: a block that has no memory when its page faults gets it there. Nothing on the
 * medium changes, and blocks stay reserved, that is free after a crash.
 *
 * <p>Thread-safe; a race costs a guess.
 */
final class MemoryAhead {
    /** How far ahead of accesses there is to be memory: 4 MiB. */
    static final long WINDOW_PAGES = 1024;

    /** Fewer pages mapped by one fault are no sign of accesses in order; a load alone maps 16. */
    private static final long SEQUENCE_PAGES = 64;

    private long wantedFrom;
    /** Where the pages that were ever wanted end. */
    private volatile long wantedEnd;

    /** Pages that are to have memory, from the first to before the last. */
    record Range(long from, long end) {}

    /** Creates it for a mapping that begins at a page. */
    MemoryAhead(long firstPage) {
        want(firstPage, firstPage + WINDOW_PAGES);
    }

    /**
     * Notes that one fault has mapped the pages of a range; tells whether more are wanted now: in
     * steps of half the window.
     */
    boolean reached(long page, long end) {
        long ahead = wantedEnd - end;
        if (end - page < SEQUENCE_PAGES || ahead > WINDOW_PAGES / 2 && ahead <= 2 * WINDOW_PAGES) {
            return false;
        }
        boolean isContinued = ahead >= 0 && ahead <= WINDOW_PAGES;
        want(isContinued ? end + ahead : end, end + WINDOW_PAGES);
        return true;
    }

    private synchronized void want(long from, long end) {
        if (from != wantedEnd) {
            wantedFrom = from;
        }
        wantedEnd = end;
    }

    /** Returns what is wanted, and leaves it to the caller; empty if that was done before. */
    synchronized Range take() {
        Range range = new Range(wantedFrom, wantedEnd);
        wantedFrom = wantedEnd;
        return range;
    }
}
