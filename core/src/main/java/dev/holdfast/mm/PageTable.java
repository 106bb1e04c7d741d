package dev.holdfast.mm;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;

/**
 * Software page table of one mapping: PMD entries and tables of PTEs, below a directory that fills
 * lazily.
 *
 * <p>Pages are 4 KiB and numbered from the start of the table; page 0 is huge-aligned in the
 * <em>file</em>, so a mapping that starts inside a huge page has a first slot it can use only with
 * PTEs ({@link Vma} converts). A slot of 512 pages is empty, one PMD entry, or a table of 512 PTEs:
 *
 * <ol>
 * <li>empty → PMD entry or PTE table, by a CAS of the slot;
 * <li>PMD entry → another with other rights, or empty, by a CAS of the slot;
 * <li>PTE table → PMD entry, only when every PTE is empty: each is sealed by a CAS first, so that
 *     no insert into the old table is lost.
 * </ol>
 *
 * <p>Lock rule: none. Reads never wait and never allocate; every update is one CAS of one entry,
 * and its success orders it. Which pfn belongs at a page is decided above, under the lock of the
 * mapping entry; a different answer found here is a bug and is loud (P11).
 */
public final class PageTable {
    /** The entry maps something. */
    public static final long PRESENT = 1;
    /** Stores are allowed. */
    public static final long WRITABLE = 1 << 1;
    /** The entry is a PMD entry and maps 512 pages. */
    public static final long HUGE = 1 << 2;
    /** The entry maps the zero page: no pfn, never writable. */
    public static final long ZERO = 1 << 3;
    /** Pages of a huge page. */
    public static final int HUGE_PAGES = 512;

    private static final int PFN_SHIFT = 12;
    private static final long MAX_PFN = -1L >>> PFN_SHIFT + 1;
    private static final int SLOTS = 512;
    /** Holds an empty PTE empty while its table is being replaced; readers take it for empty. */
    private static final long SEALED = 1 << 4;

    private static final VarHandle REFERENCE = MethodHandles.arrayElementVarHandle(Object[].class);
    private static final VarHandle PTE = MethodHandles.arrayElementVarHandle(long[].class);

    /** A PMD entry; never changed, so that a CAS of its slot sees every change. */
    private record Pmd(long entry) {}

    private final long firstPage;
    private final long endPage;
    /**
     * One element a GiB: an {@code Object[SLOTS]}, each element null, a Pmd, or a long[] of PTEs.
     */
    private final Object[] directory;

    /** Creates an empty table of {@code pages} pages. */
    public PageTable(long pages) {
        this(0, pages);
    }

    /**
     * Creates an empty table in which only the pages from first to end, exclusive, may be mapped.
     */
    PageTable(long firstPage, long endPage) {
        if (firstPage < 0 || endPage <= firstPage) {
            throw new IllegalArgumentException("no pages from " + firstPage + " to " + endPage);
        }
        this.firstPage = firstPage;
        this.endPage = endPage;
        long gibs = (endPage - 1) / ((long) SLOTS * HUGE_PAGES) + 1;
        this.directory = new Object[Math.toIntExact(gibs)];
    }

    /** Tells whether an entry allows stores (B18); false for none and for the zero page. */
    public static boolean isWritable(long entry) {
        return (entry & WRITABLE) != 0;
    }

    /** Tells whether an entry maps anything. */
    public static boolean isPresent(long entry) {
        return (entry & PRESENT) != 0;
    }

    /** Tells whether an entry is a PMD entry. */
    public static boolean isHuge(long entry) {
        return (entry & HUGE) != 0;
    }

    /** Tells whether an entry maps the zero page. */
    public static boolean isZero(long entry) {
        return (entry & ZERO) != 0;
    }

    /** Returns the first pfn that a present entry maps: for a PMD entry that of its first page. */
    public static long pfn(long entry) {
        return entry >>> PFN_SHIFT;
    }

    /** Returns the pfn of one page that {@code entry} maps; the entry is not a zero entry. */
    public static long pfnOf(long entry, long page) {
        return pfn(entry) + (isHuge(entry) ? page & HUGE_PAGES - 1 : 0);
    }

    /** Returns what maps a page: its PTE, or the PMD entry that covers it, or 0. */
    public long entry(long page) {
        checkPages(page, 1);
        Object slot = slot(page / HUGE_PAGES);
        if (slot instanceof long[] ptes) {
            long entry = (long) PTE.getAcquire(ptes, (int) (page & HUGE_PAGES - 1));
            return entry == SEALED ? 0 : entry;
        }
        return slot == null ? 0 : ((Pmd) slot).entry;
    }

    /**
     * Maps a page to a pfn.
     *
     * @throws IllegalStateException the page is mapped to something else (P11), zero page included
     */
    public Insert insertPte(long page, long pfn, boolean writable) {
        return putPte(page, entryOf(pfn, writable));
    }

    /** Maps a page to the zero page, read-only. Over storage it is loud (P10). */
    public Insert insertZeroPte(long page) {
        return putPte(page, PRESENT | ZERO);
    }

    /**
     * Maps a huge page to 512 pfns from {@code pfn}, which is a multiple of 512 (B2).
     *
     * @throws IllegalStateException the huge page is mapped to something else (P11), zero page
     *     included
     */
    public Insert insertPmd(long hugeIndex, long pfn, boolean writable) {
        if (pfn % HUGE_PAGES != 0) {
            throw new IllegalArgumentException(
                    "pfn " + pfn + " of a huge entry is not a multiple of " + HUGE_PAGES);
        }
        return putPmd(hugeIndex, entryOf(pfn, writable) | HUGE);
    }

    /** Maps a huge page to the huge zero page, read-only. Over storage it is loud (P10). */
    public Insert insertZeroPmd(long hugeIndex) {
        return putPmd(hugeIndex, PRESENT | HUGE | ZERO);
    }

    /**
     * Takes the right to store from every entry that maps any page of a range, huge ones that only
     * partly lie in it and PTEs below a huge range alike (B6).
     *
     * @return the entries changed
     */
    public long writeProtect(long page, long pages) {
        return update(page, pages, WRITABLE);
    }

    /**
     * Removes every entry that maps any page of a range; a huge entry that only partly lies in it
     * is removed whole.
     *
     * @return the entries removed
     */
    public long unmap(long page, long pages) {
        return update(page, pages, -1);
    }

    /**
     * Returns the first page at or after {@code page} that may be stored to, or {@code end} if
     * there is none before it. Of a huge entry every page counts, so the answer may be {@code page}
     * itself.
     */
    long nextWritable(long page, long end) {
        long at = page;
        while (at < end) {
            Object[] slots = (Object[]) REFERENCE.getAcquire(
                    directory, (int) (at / HUGE_PAGES / SLOTS));
            if (slots == null) {
                at = (at / HUGE_PAGES / SLOTS + 1) * SLOTS * HUGE_PAGES;
                continue;
            }
            Object slot = slot(at / HUGE_PAGES);
            long slotEnd = (at / HUGE_PAGES + 1) * HUGE_PAGES;
            if (slot instanceof Pmd pmd && isWritable(pmd.entry)) {
                return at;
            }
            if (slot instanceof long[] ptes) {
                for (; at < slotEnd && at < end; at++) {
                    if (isWritable((long) PTE.getAcquire(ptes, (int) (at & HUGE_PAGES - 1)))) {
                        return at;
                    }
                }
            }
            at = slotEnd;
        }
        return end;
    }

    /**
     * Makes room for PTEs where a huge entry is (M2). The entry is dropped and its pages fault
     * again, as file mappings do in the kernel.
     *
     * @return whether there was one
     */
    public boolean splitHuge(long hugeIndex) {
        checkHuge(hugeIndex);
        return slot(hugeIndex) instanceof Pmd && updatePmd(hugeIndex, -1);
    }

    private static long entryOf(long pfn, boolean writable) {
        if (pfn < 0 || pfn > MAX_PFN) {
            throw new IllegalArgumentException("pfn " + pfn + " is out of range");
        }
        return pfn << PFN_SHIFT | PRESENT | (writable ? WRITABLE : 0);
    }

    private Insert putPte(long page, long wanted) {
        checkPages(page, 1);
        long hugeIndex = page / HUGE_PAGES;
        int index = (int) (page & HUGE_PAGES - 1);
        Object[] slots = slotsForUpdate(hugeIndex);
        int slotIndex = (int) (hugeIndex % SLOTS);
        while (true) {
            Object slot = REFERENCE.getAcquire(slots, slotIndex);
            if (slot == null) {
                REFERENCE.compareAndSet(slots, slotIndex, null, new long[HUGE_PAGES]);
            } else if (slot instanceof long[] ptes) {
                long old = (long) PTE.getAcquire(ptes, index);
                if (old == SEALED) {
                    Thread.onSpinWait();
                    continue;
                }
                long merged = merge(old, wanted, page);
                if (merged == old) {
                    return Insert.ALREADY;
                }
                if (PTE.compareAndSet(ptes, index, old, merged)) {
                    return old == 0 ? Insert.INSERTED : Insert.UPGRADED;
                }
            } else {
                return Insert.HUGE_PRESENT;
            }
        }
    }

    private Insert putPmd(long hugeIndex, long wanted) {
        checkHuge(hugeIndex);
        Object[] slots = slotsForUpdate(hugeIndex);
        int slotIndex = (int) (hugeIndex % SLOTS);
        while (true) {
            Object slot = REFERENCE.getAcquire(slots, slotIndex);
            if (slot instanceof long[] ptes) {
                if (!seal(ptes)) {
                    return Insert.CONFLICT;
                }
                // Only the thread that sealed a table replaces it: the CAS cannot fail.
                REFERENCE.setRelease(slots, slotIndex, new Pmd(wanted));
                return Insert.INSERTED;
            }
            long old = slot == null ? 0 : ((Pmd) slot).entry;
            long merged = merge(old, wanted, hugeIndex * HUGE_PAGES);
            if (merged == old) {
                return Insert.ALREADY;
            }
            if (REFERENCE.compareAndSet(slots, slotIndex, slot, new Pmd(merged))) {
                return slot == null ? Insert.INSERTED : Insert.UPGRADED;
            }
        }
    }

    /** Returns what the entry must become, or is loud when it maps something else (P11, P12). */
    private static long merge(long old, long wanted, long page) {
        if (old == 0) {
            return wanted;
        }
        if (pfn(old) != pfn(wanted) || isZero(old) != isZero(wanted)) {
            throw new IllegalStateException("page " + page + " of the mapping is mapped to "
                    + describe(old) + " and was to be mapped to " + describe(wanted));
        }
        return old | wanted;
    }

    /**
     * Makes every PTE of a table unusable if all are empty; otherwise leaves the table as it was.
     */
    private static boolean seal(long[] ptes) {
        for (int i = 0; i < HUGE_PAGES; i++) {
            if (!PTE.compareAndSet(ptes, i, 0L, SEALED)) {
                for (int k = i - 1; k >= 0; k--) {
                    PTE.setRelease(ptes, k, 0L);
                }
                return false;
            }
        }
        return true;
    }

    /**
     * Clears the bits of {@code clear} in every entry of a range; an entry that loses PRESENT goes.
     */
    private long update(long page, long pages, long clear) {
        checkPages(page, pages);
        long changed = 0;
        long end = page + pages;
        for (long at = page; at < end; ) {
            long hugeIndex = at / HUGE_PAGES;
            Object[] slots = (Object[]) REFERENCE.getAcquire(directory, (int) (hugeIndex / SLOTS));
            if (slots == null) {
                at = (hugeIndex / SLOTS + 1) * SLOTS * HUGE_PAGES;
                continue;
            }
            long slotEnd = Math.min(end, (hugeIndex + 1) * HUGE_PAGES);
            changed += updateSlot(hugeIndex, at, slotEnd, clear);
            at = slotEnd;
        }
        return changed;
    }

    private long updateSlot(long hugeIndex, long page, long end, long clear) {
        while (true) {
            Object slot = slot(hugeIndex);
            if (slot == null) {
                return 0;
            }
            if (slot instanceof Pmd) {
                return updatePmd(hugeIndex, clear) ? 1 : 0;
            }
            long changed = 0;
            long[] ptes = (long[]) slot;
            for (long at = page; at < end; at++) {
                changed += updatePte(ptes, (int) (at & HUGE_PAGES - 1), clear) ? 1 : 0;
            }
            // A table replaced meanwhile by a huge entry was empty: look at the huge entry. If it
            // was not empty when this came, the huge entry came later, and is not this call's to
            // change.
            if (changed != 0 || slot(hugeIndex) == slot) {
                return changed;
            }
        }
    }

    private static boolean updatePte(long[] ptes, int index, long clear) {
        while (true) {
            long old = (long) PTE.getAcquire(ptes, index);
            if (old == SEALED || (old & clear) == 0) {
                return false;
            }
            if (PTE.compareAndSet(ptes, index, old, old & ~clear)) {
                return true;
            }
        }
    }

    private boolean updatePmd(long hugeIndex, long clear) {
        Object[] slots = slotsForUpdate(hugeIndex);
        int slotIndex = (int) (hugeIndex % SLOTS);
        while (REFERENCE.getAcquire(slots, slotIndex) instanceof Pmd pmd) {
            if ((pmd.entry & clear) == 0) {
                return false;
            }
            long left = pmd.entry & ~clear;
            if (REFERENCE.compareAndSet(slots, slotIndex, pmd, left == 0 ? null : new Pmd(left))) {
                return true;
            }
        }
        return false;
    }

    private Object slot(long hugeIndex) {
        Object[] slots = (Object[]) REFERENCE.getAcquire(directory, (int) (hugeIndex / SLOTS));
        return slots == null ? null : REFERENCE.getAcquire(slots, (int) (hugeIndex % SLOTS));
    }

    private Object[] slotsForUpdate(long hugeIndex) {
        int index = (int) (hugeIndex / SLOTS);
        Object[] slots = (Object[]) REFERENCE.getAcquire(directory, index);
        if (slots != null) {
            return slots;
        }
        Object[] fresh = new Object[SLOTS];
        Object other = REFERENCE.compareAndExchange(directory, index, null, fresh);
        return other == null ? fresh : (Object[]) other;
    }

    private void checkPages(long page, long pages) {
        if (page < firstPage || pages <= 0 || pages > endPage - page) {
            throw new IndexOutOfBoundsException("pages " + page + " and " + pages
                    + " from there are not inside " + firstPage + " to " + endPage);
        }
    }

    private void checkHuge(long hugeIndex) {
        Objects.checkIndex(hugeIndex, endPage / HUGE_PAGES);
        checkPages(hugeIndex * HUGE_PAGES, HUGE_PAGES);
    }

    private static String describe(long entry) {
        return (isZero(entry) ? "the zero page" : "pfn " + pfn(entry))
                + (isHuge(entry) ? ", huge" : "") + (isWritable(entry) ? ", writable" : "");
    }
}
