package dev.holdfast.dax;

import dev.holdfast.mm.PageTable;

/**
 * A mapping entry, packed into a {@code long}: the pfn, and four bits. Whether it is dirty is a
 * mark beside it, not a bit in it. Block 0 of a volume is its superblock, so no entry packs to 0.
 */
final class Entry {
    /** There is no entry. */
    static final long NONE = 0;
    /** Answer to a huge request that meets small entries (E3). No entry packs to it. */
    static final long FALLBACK = -1;

    /** One owner works on the entry; others wait (E2). */
    static final long LOCKED = 1;
    /** The entry covers 512 aligned pages (E1). */
    static final long PMD = 2;
    /** The zero page is mapped: a hole that was read. */
    static final long ZERO = 4;
    /** Nothing is known yet. Exists only locked: its owner fills it, or it goes at unlock. */
    static final long EMPTY = 8;

    private static final int PFN_SHIFT = 4;

    private Entry() {}

    static long empty(Order order) {
        return EMPTY | LOCKED | size(order);
    }

    static long zero(Order order) {
        return ZERO | size(order);
    }

    static long storage(Order order, long pfn) {
        if (pfn <= 0 || (order == Order.PMD && pfn % PageTable.HUGE_PAGES != 0)) {
            throw new IllegalArgumentException("pfn " + pfn + " cannot back a " + order + " entry");
        }
        return pfn << PFN_SHIFT | size(order);
    }

    static boolean isLocked(long entry) {
        return (entry & LOCKED) != 0;
    }

    static boolean isPmd(long entry) {
        return (entry & PMD) != 0;
    }

    static boolean isZero(long entry) {
        return (entry & ZERO) != 0;
    }

    static boolean isEmpty(long entry) {
        return (entry & EMPTY) != 0;
    }

    static boolean hasStorage(long entry) {
        return entry >>> PFN_SHIFT != 0;
    }

    static Order order(long entry) {
        return isPmd(entry) ? Order.PMD : Order.PTE;
    }

    /** Returns the pfn of the first page covered. */
    static long pfn(long entry) {
        return entry >>> PFN_SHIFT;
    }

    /** Returns the pfn of one page covered. */
    static long pfnOf(long entry, long page) {
        return pfn(entry) + (page - order(entry).firstPage(page));
    }

    static String describe(long entry) {
        if (entry == NONE) {
            return "none";
        }
        return order(entry)
                + (isEmpty(entry) ? " empty" : isZero(entry) ? " zero" : " pfn " + pfn(entry))
                + (isLocked(entry) ? " locked" : "");
    }

    private static long size(Order order) {
        return order == Order.PMD ? PMD : 0;
    }
}
