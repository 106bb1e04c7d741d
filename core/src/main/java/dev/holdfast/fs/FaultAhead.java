package dev.holdfast.fs;

import dev.holdfast.mm.PageTable;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Decides how many pages a fault of one mapping takes along. A store where the last fault's pages
 * ended takes four times as many, anything else makes it one again; a load always takes some, for
 * they cost no blocks. Sequences are told apart by the huge page they are in.
 *
 * <p>Thread-safe; a race costs a guess.
 */
final class FaultAhead {
    /** The most pages that one fault maps. */
    static final int MAX_PAGES = 256;

    private static final int GROWTH = 4;
    private static final int LOAD_PAGES = 16;
    private static final int STREAMS = 8;
    private static final int COUNT_BITS = 16;

    /**
     * For each stream the page it will fault on next, and how many it mapped last; stores, then
     * loads.
     */
    private final AtomicLongArray streams = new AtomicLongArray(2 * STREAMS);
    private volatile int limit = MAX_PAGES;

    void limit(int maxPages) {
        requirePages(maxPages);
        limit = maxPages;
    }

    static void requirePages(int maxPages) {
        if (maxPages < 1 || maxPages > MAX_PAGES) {
            throw new IllegalArgumentException("not 1 to " + MAX_PAGES + " pages: " + maxPages);
        }
    }

    /** Returns how many pages from {@code page} on to map. */
    int pagesFor(long page, boolean write) {
        long last = streams.getPlain(stream(page, write));
        int pages = last >>> COUNT_BITS == page && page != 0
                ? GROWTH * (int) (last & (1 << COUNT_BITS) - 1) : 1;
        return Math.min(limit, write ? pages : Math.max(pages, LOAD_PAGES));
    }

    /** Notes that a fault at {@code page} has mapped the pages up to {@code end}. */
    void mapped(long page, long end, boolean write) {
        streams.setPlain(stream(end, write), end << COUNT_BITS | end - page);
    }

    /**
     * A sequence goes on in the stream of the page before: it is the same in the next huge page.
     */
    private static int stream(long page, boolean write) {
        int stream = (int) (Math.max(0, page - 1) / PageTable.HUGE_PAGES % STREAMS);
        return write ? stream : STREAMS + stream;
    }
}
