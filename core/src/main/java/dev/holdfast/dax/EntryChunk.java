package dev.holdfast.dax;

import dev.holdfast.mm.PageTable;
import dev.holdfast.mutant.Mutant;
import java.util.concurrent.atomic.LongAdder;

/**
 * The mapping entries of one huge page of a file: either one PMD entry or up to 512 PTE entries
 * (E1), and the marks of its pages.
 *
 * <p>An entry: (1) is made empty and locked; (2) is filled by its owner, and unlocked; (3) is
 * locked and unlocked by faults and write-back; (4) is deleted by an owner. Every change that a
 * waiter may wait for wakes all waiters, and each looks again from the beginning, at either size
 * (E2, E9).
 *
 * <p>Marks belong to pages, not to entries: a page that write() stored to has no entry.
 * <ol>
 * <li><em>dirty</em>: bytes of the page may not be durable;
 * <li><em>to-write</em>: a write-back that began after the page got dirty has yet to take it;
 * <li><em>in flight</em>: a write-back took the page and has not finished. The page can get dirty
 *     again meanwhile, and then stays so.
 * </ol>
 *
 * <p>Lock rule: everything is guarded by the monitor, which is held for a few instructions. The
 * entry lock is the LOCKED bit, and is held for as long as its owner likes.
 */
final class EntryChunk {
    private static final int SLOTS = PageTable.HUGE_PAGES;

    private final long firstPage;
    private final DaxContext context;
    private final LongAdder nrPages;
    private final PageMarks dirty = new PageMarks();
    private final PageMarks toWrite = new PageMarks();
    private final PageMarks inFlight = new PageMarks();
    private long huge;
    private long[] small;
    private volatile int smallCount;
    private int waiters;

    EntryChunk(long firstPage, DaxContext context, LongAdder nrPages) {
        this.firstPage = firstPage;
        this.context = context;
        this.nrPages = nrPages;
    }

    long firstPage() {
        return firstPage;
    }

    /** Tells whether there are PTE entries; without the monitor, so only a hint. */
    boolean hasSmall() {
        return smallCount > 0;
    }

    /**
     * Locks the entry that covers a slot, makes an empty one where there is none, and returns it. A
     * request for a PTE may be answered with a PMD entry (E6); a request for a PMD with
     * {@link Entry#FALLBACK}, without waiting, even for a locked PTE entry (E3).
     */
    synchronized long grab(int slot, Order order) {
        while (true) {
            long entry = entryAt(slot);
            if (order == Order.PMD && huge == Entry.NONE) {
                if (smallCount == 0 && !context.mutants().on(Mutant.NO_ENTRY_IS_CONFLICT)) {
                    return add(slot, Order.PMD);
                }
                if (!context.mutants().on(Mutant.HUGE_FAULT_WAITS_FOR_SMALL)) {
                    return Entry.FALLBACK;
                }
            } else if (entry == Entry.NONE) {
                return add(slot, Order.PTE);
            } else if (!Entry.isLocked(entry)) {
                put(slot, entry | Entry.LOCKED);
                return entry | Entry.LOCKED;
            }
            await(slot);
        }
    }

    /**
     * Locks the 4 KiB entries that follow one which the caller has locked, making empty ones where
     * there are none, up to the slot {@code end}. Never waits: it ends at the first that is locked.
     *
     * @return the slot after the last one locked
     */
    synchronized int grabAhead(int slot, int end) {
        int at = slot + 1;
        for (; at < end; at++) {
            long entry = small[at];
            if (entry == Entry.NONE) {
                add(at, Order.PTE);
            } else if (Entry.isLocked(entry)) {
                break;
            } else {
                small[at] = entry | Entry.LOCKED;
            }
        }
        return at;
    }

    /**
     * Locks the 4 KiB entries that follow one which the caller has locked, as long as they map the
     * pfns that follow, up to the slot {@code end}. Never waits.
     *
     * @return the slot after the last one locked
     */
    synchronized int lockAhead(int slot, int end, long pfn) {
        int at = slot + 1;
        while (at < end && small[at] == Entry.storage(Order.PTE, pfn + at - slot)) {
            small[at++] |= Entry.LOCKED;
        }
        return at;
    }

    /** Locks and returns the entry that covers a slot; none if there is none. */
    synchronized long lockExisting(int slot) {
        while (true) {
            long entry = entryAt(slot);
            if (entry == Entry.NONE) {
                return Entry.NONE;
            }
            if (!Entry.isLocked(entry)) {
                put(slot, entry | Entry.LOCKED);
                return entry | Entry.LOCKED;
            }
            await(slot);
        }
    }

    /** Returns the first slot in {@code [from, to)} that an entry covers, or -1. */
    synchronized int nextEntry(int from, int to) {
        if (huge != Entry.NONE) {
            return from < to ? from : -1;
        }
        if (smallCount > 0) {
            for (int slot = from; slot < to; slot++) {
                if (small[slot] != Entry.NONE) {
                    return slot;
                }
            }
        }
        return -1;
    }

    /** Gives a locked entry its content; it stays locked. */
    synchronized void fill(int slot, long entry, boolean markDirty) {
        assert Entry.isLocked(entryAt(slot)) && Entry.isPmd(entry) == Entry.isPmd(entryAt(slot));
        put(slot, entry | Entry.LOCKED);
        if (markDirty) {
            markDirty(slot);
        }
    }

    /**
     * Marks every page of the entry that covers a slot (E6); the slot alone where there is none.
     */
    synchronized void markDirty(int slot) {
        dirty.set(unitFrom(slot), unitTo(slot));
    }

    /** Marks the pages of {@code [from, to)}, whose 4 KiB entries the caller has locked. */
    synchronized void markDirty(int from, int to) {
        dirty.set(from, to);
    }

    /** Marks the pages of {@code [from, to)} that were stored to by write(). */
    synchronized void markWritten(int from, int to) {
        dirty.set(unitFrom(from), huge != Entry.NONE ? SLOTS : to);
    }

    /** Releases an entry. One that is still empty goes. */
    synchronized void unlock(int slot) {
        long entry = entryAt(slot);
        assert Entry.isLocked(entry);
        if (Entry.isEmpty(entry)) {
            remove(slot, entry);
        } else {
            put(slot, entry & ~Entry.LOCKED);
        }
        wake();
    }

    /** Releases the 4 KiB entries of {@code [from, to)}. Those that are still empty go. */
    synchronized void unlock(int from, int to) {
        for (int slot = from; slot < to; slot++) {
            if (Entry.isEmpty(small[slot])) {
                remove(slot, small[slot]);
            } else {
                small[slot] &= ~Entry.LOCKED;
            }
        }
        wake();
    }

    /** Removes a locked entry; the marks of its pages stay. */
    synchronized void delete(int slot) {
        long entry = entryAt(slot);
        if (!Entry.isLocked(entry)) {
            throw new IllegalStateException("page " + (firstPage + slot) + " has the entry "
                    + Entry.describe(entry) + ", which its deleter does not own (Z6)");
        }
        remove(slot, entry);
        wake();
    }

    /** Clears the marks of pages that leave the file, once no write-back has them in flight. */
    synchronized void clearMarks(int from, int to) {
        while (inFlight.any(from, to)) {
            await(from);
        }
        dirty.clear(from, to);
        toWrite.clear(from, to);
    }

    synchronized long entry(int slot) {
        return entryAt(slot);
    }

    /**
     * Tells whether the page, or any page of its PMD entry, may have bytes that are not durable.
     */
    synchronized boolean isDirty(int slot) {
        return dirty.any(unitFrom(slot), unitTo(slot))
                || inFlight.any(unitFrom(slot), unitTo(slot));
    }

    synchronized boolean isToWrite(int slot) {
        return toWrite.get(slot);
    }

    synchronized boolean hasDirty() {
        return dirty.any(0, SLOTS) || inFlight.any(0, SLOTS);
    }

    /** Tags what is dirty in {@code [from, to)} for one write-back; false when nothing is. */
    synchronized boolean tag(int from, int to) {
        int first = huge != Entry.NONE ? 0 : from;
        int end = huge != Entry.NONE ? SLOTS : to;
        // What another write-back has in flight is waited for (W4), and costs a second persist at
        // worst.
        toWrite.add(dirty, first, end);
        toWrite.add(inFlight, first, end);
        return toWrite.any(first, end);
    }

    /**
     * Takes the next tagged unit at or after {@code from} for write-back: waits for its lock, locks
     * it, clears its tag, puts its dirty marks in flight, and adds it to the batch. An entry that
     * was replaced while it waited is taken as it is now, or not at all if its tag went with it
     * (W5).
     *
     * @return the slot to go on from, or -1 when no unit was left
     */
    synchronized int take(int from, int to, WritebackBatch batch) {
        while (true) {
            int slot = toWrite.next(from, to);
            if (slot < 0) {
                return -1;
            }
            int first = unitFrom(slot);
            int end = unitTo(slot);
            long entry = entryAt(slot);
            if (!Entry.isLocked(entry) && !inFlight.any(first, end)) {
                if (entry != Entry.NONE) {
                    put(slot, entry | Entry.LOCKED);
                }
                toWrite.clear(first, end);
                dirty.clear(first, end);
                inFlight.set(first, end);
                batch.add(this, first, entry);
                return end;
            }
            await(slot);
        }
    }

    /**
     * Ends the write-back of a unit that {@link #take} gave out as {@code entry}, which is none for
     * a page without an entry; such a page may have got one meanwhile, and that is not ours.
     */
    synchronized void finish(int slot, long entry, boolean stillDirty) {
        int first = Entry.isPmd(entry) ? 0 : slot;
        int end = Entry.isPmd(entry) ? SLOTS : slot + 1;
        inFlight.clear(first, end);
        if (stillDirty) {
            dirty.set(first, end);
        }
        if (entry != Entry.NONE) {
            put(slot, entryAt(slot) & ~Entry.LOCKED);
        }
        wake();
    }

    private long entryAt(int slot) {
        return huge != Entry.NONE ? huge : small == null ? Entry.NONE : small[slot];
    }

    private int unitFrom(int slot) {
        return huge != Entry.NONE ? 0 : slot;
    }

    private int unitTo(int slot) {
        return huge != Entry.NONE ? SLOTS : slot + 1;
    }

    private void put(int slot, long entry) {
        if (Entry.isPmd(entry)) {
            huge = entry;
        } else {
            small[slot] = entry;
        }
    }

    private long add(int slot, Order order) {
        if (order == Order.PTE) {
            if (small == null) {
                small = new long[SLOTS];
            }
            smallCount++;
        }
        long entry = Entry.empty(order);
        put(slot, entry);
        nrPages.add(order.pages());
        return entry;
    }

    private void remove(int slot, long entry) {
        if (Entry.isPmd(entry)) {
            huge = Entry.NONE;
        } else {
            small[slot] = Entry.NONE;
            smallCount--;
        }
        nrPages.add(-Entry.order(entry).pages());
    }

    /**
     * Waits for a change of this chunk. An interrupt is kept for the caller and cannot end its
     * wait: what it waits for is short.
     */
    private void await(int slot) {
        context.tracer().waitingForEntry(firstPage + slot);
        boolean interrupted = Thread.interrupted();
        waiters++;
        try {
            wait();
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            waiters--;
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void wake() {
        if (waiters > 0 && !context.mutants().on(Mutant.WAKE_UP_LOST)) {
            notifyAll();
        }
    }
}
