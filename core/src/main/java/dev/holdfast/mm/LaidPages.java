package dev.holdfast.mm;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What a window shows at each page: nothing yet, zeroes, or a block. Filled lazily, as a page
 * table.
 *
 * <p>Lock rule: changes are serialised by the owner; {@link #get} takes no lock and sees a change
 * only after the window itself was changed.
 */
final class LaidPages {
    /** Nothing was laid or handed out: the window reads as zero. */
    static final long FRESH = 0;
    /** Segments may show this page as a hole. */
    static final long HOLE = -1;

    private static final int PAGES = PageTable.HUGE_PAGES;
    private static final int SLOTS = 512;
    private static final VarHandle STATE = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle STATES = MethodHandles.arrayElementVarHandle(long[][].class);
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[][][].class);

    private final long[][][] directory;

    LaidPages(long pages) {
        directory = new long[Math.toIntExact((pages - 1) / ((long) SLOTS * PAGES) + 1)][][];
    }

    /** Returns the state that stands for a block. */
    static long block(long pfn) {
        return pfn + 1;
    }

    long get(long page) {
        long[][] slots = (long[][]) SLOT.getAcquire(directory, (int) (page / PAGES / SLOTS));
        if (slots == null) {
            return FRESH;
        }
        long[] states = (long[]) STATES.getAcquire(slots, (int) (page / PAGES % SLOTS));
        return states == null ? FRESH : (long) STATE.getAcquire(states, (int) (page % PAGES));
    }

    void set(long page, long state) {
        int gib = (int) (page / PAGES / SLOTS);
        long[][] slots = directory[gib];
        if (slots == null) {
            slots = new long[SLOTS][];
            SLOT.setRelease(directory, gib, slots);
        }
        int slot = (int) (page / PAGES % SLOTS);
        long[] states = slots[slot];
        if (states == null) {
            states = new long[PAGES];
            STATES.setRelease(slots, slot, states);
        }
        STATE.setRelease(states, (int) (page % PAGES), state);
    }
}
