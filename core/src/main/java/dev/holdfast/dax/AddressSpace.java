package dev.holdfast.dax;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.mm.PageTable;
import dev.holdfast.mm.PinTable;
import dev.holdfast.mm.VmaList;
import java.io.IOException;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the direct-access code knows of one file: its mapping entries, its dirty pages, the mappings
 * of it and the pins of its pages. One an inode.
 *
 * <ol>
 * <li>Made with its inode.
 * <li>Faults, reads, writes and write-back come and go, each under the locks its class names.
 * <li>{@link #evict} when the inode leaves the heap, or is deleted: nothing is left.
 * </ol>
 *
 * <p>Lock rule (H6): the caller's invalidate lock (shared for faults, exclusive for what removes
 * blocks), then entry locks in ascending order, then what {@link DaxHost} takes. Only write-back
 * holds more than one entry lock, and none is held while waiting for the log.
 *
 * <p>Durability rule: a page has a dirty mark before it can be stored to through a mapping (S5),
 * and after write() has stored to it; the mark goes only when its bytes are durable.
 */
public final class AddressSpace {
    private final DaxContext context;
    private final DaxHost host;
    private final VmaList vmas;
    private final PinTable pins;
    private final LongAdder nrPages = new LongAdder();
    private final ChunkDirectory chunks;
    private final ErrorSequence errors = new ErrorSequence();

    /** Creates the address space of a file that is not mapped. */
    public AddressSpace(DaxContext context, DaxHost host) {
        this.context = context;
        this.host = host;
        this.vmas = new VmaList(context.mutants());
        this.pins = new PinTable(host.fileName());
        this.chunks = new ChunkDirectory(context, nrPages);
    }

    /** Returns what all address spaces of the volume share. */
    public DaxContext context() {
        return context;
    }

    /** Returns the file system's side. */
    public DaxHost host() {
        return host;
    }

    /** Returns the mappings of the file. */
    public VmaList vmas() {
        return vmas;
    }

    /** Returns the pins of the file's pages. */
    public PinTable pins() {
        return pins;
    }

    /** Returns the write-back errors of the file. */
    public ErrorSequence errors() {
        return errors;
    }

    /** Returns the pages that have an entry, a PMD entry counting 512 (E8). */
    public long nrPages() {
        return nrPages.sum();
    }

    /** Tells whether a page may have bytes that are not durable. */
    public boolean isDirty(long page) {
        EntryChunk chunk = chunks.find(page);
        return chunk != null && chunk.isDirty(slot(page));
    }

    /** Tells whether any page may have bytes that are not durable. */
    public boolean hasDirty() {
        long end = Long.MAX_VALUE / DaxDevice.BLOCK_BYTES;
        EntryChunk chunk = chunks.next(0, end);
        while (chunk != null && !chunk.hasDirty()) {
            chunk = chunks.next(chunk.firstPage() + PageTable.HUGE_PAGES, end);
        }
        return chunk != null;
    }

    /** Says that bytes of the file were stored, and not persisted, by other than a mapping. */
    public void markWritten(long offset, long length) {
        if (length == 0) {
            return;
        }
        long end = (offset + length - 1) / DaxDevice.BLOCK_BYTES + 1;
        for (long page = offset / DaxDevice.BLOCK_BYTES; page < end; ) {
            EntryChunk chunk = chunks.findOrAdd(page);
            long to = Math.min(end, chunk.firstPage() + PageTable.HUGE_PAGES);
            chunk.markWritten(slot(page), (int) (to - chunk.firstPage()));
            page = to;
        }
    }

    /** Removes every entry and mark; the caller is the last user of the file. */
    public void evict() {
        if (!vmas.isEmpty() || pins.pinnedBytes() != 0) {
            throw new IllegalStateException("cannot evict " + host.fileName()
                    + ": it is mapped, or " + pins.pinnedBytes() + " bytes of it are pinned");
        }
        deleteEntries(0, Long.MAX_VALUE / DaxDevice.BLOCK_BYTES);
        assert nrPages() == 0;
    }

    ChunkDirectory chunks() {
        return chunks;
    }

    /** Returns the entry that covers a page, without locking it. */
    long entry(long page) {
        EntryChunk chunk = chunks.find(page);
        return chunk == null ? Entry.NONE : chunk.entry(slot(page));
    }

    /** Tells, without a lock, whether 4 KiB entries lie in the huge page of a page. */
    boolean hasSmallEntries(long page) {
        EntryChunk chunk = chunks.find(page);
        return chunk != null && chunk.hasSmall();
    }

    /**
     * Locks the entry for a fault at {@code page}, making an empty one where there is none. The
     * answer is the entry: of the wanted size; or, to a PTE request, a PMD entry with storage,
     * which serves as well (E6); or, to a PMD request, {@link Entry#FALLBACK} with nothing locked
     * (E3).
     */
    long grabEntry(long page, Order order) {
        EntryChunk chunk = chunks.findOrAdd(page);
        while (true) {
            long entry = chunk.grab(slot(page), order);
            if (order == Order.PMD || !Entry.isPmd(entry) || Entry.hasStorage(entry)
                    || entry == Entry.FALLBACK) {
                return entry;
            }
            // A huge zero page gives way to small entries (E5). Locked, it keeps faults out
            // meanwhile.
            vmas.unmap(chunk.firstPage(), PageTable.HUGE_PAGES);
            chunk.delete(slot(page));
        }
    }

    /** Locks and returns the entry that covers a page; none if there is none (S4). */
    long lockEntry(long page) {
        EntryChunk chunk = chunks.find(page);
        return chunk == null ? Entry.NONE : chunk.lockExisting(slot(page));
    }

    /**
     * Locks the 4 KiB entries after that of {@code page}, which the caller has locked, making empty
     * ones where there are none. Never waits, and does not leave the huge page of {@code page}.
     *
     * @return how many entries from {@code page} on are locked now: at most {@code wanted}
     */
    int grabAhead(long page, int wanted) {
        int slot = slot(page);
        int end = Math.min(PageTable.HUGE_PAGES, slot + wanted);
        return chunks.find(page).grabAhead(slot, end) - slot;
    }

    /** As {@link #grabAhead}, but only entries that map the pfns after {@code pfn} (S4, S6). */
    int lockAhead(long page, int wanted, long pfn) {
        int slot = slot(page);
        int end = Math.min(PageTable.HUGE_PAGES, slot + wanted);
        return chunks.find(page).lockAhead(slot, end, pfn) - slot;
    }

    void unlockEntry(long page) {
        chunks.find(page).unlock(slot(page));
    }

    /** Releases the 4 KiB entries that {@link #grabAhead} or {@link #lockAhead} left locked. */
    void unlockEntries(long page, int count) {
        chunks.find(page).unlock(slot(page), slot(page) + count);
    }

    void markDirty(long page) {
        chunks.find(page).markDirty(slot(page));
    }

    /** Marks pages whose 4 KiB entries, in one huge page, the caller has locked. */
    void markDirty(long page, int count) {
        chunks.find(page).markDirty(slot(page), slot(page) + count);
    }

    /**
     * Gives a locked entry the zero page.
     *
     * @throws IllegalStateException the entry has storage: the file system lost track of its blocks
     */
    void fillZero(long page, long entry) {
        if (Entry.hasStorage(entry)) {
            throw new IllegalStateException(host.fileName() + ": page " + page
                    + " is reported to be a hole and has the entry " + Entry.describe(entry));
        }
        chunks.find(page).fill(slot(page), Entry.zero(Entry.order(entry)), false);
    }

    /**
     * Gives a locked entry its pfn and, if so said, its dirty mark. Zero pages that are mapped in
     * its place are unmapped from every mapping first (M5), and memory handed out over them shows
     * the block from then on (R9). An entry that has storage stays as it is (E6).
     *
     * @throws IllegalStateException the entry has another pfn (S6)
     */
    void fillStorage(long page, long entry, long pfn, boolean fresh, boolean dirty)
            throws IOException {
        EntryChunk chunk = chunks.find(page);
        if (Entry.hasStorage(entry)) {
            checkPfn(page, entry, pfn);
            if (dirty) {
                chunk.markDirty(slot(page));
            }
            return;
        }
        Order order = Entry.order(entry);
        if (Entry.isZero(entry)) {
            vmas.unmap(page, order.pages());
        }
        if (Entry.isZero(entry) || fresh) {
            vmas.relay(page, pfn * DaxDevice.BLOCK_BYTES, order.pages());
        }
        chunk.fill(slot(page), Entry.storage(order, pfn), dirty);
    }

    /** Checks that a locked entry maps a page to a pfn (S6). */
    void checkPfn(long page, long entry, long pfn) {
        if (Entry.pfnOf(entry, page) != pfn) {
            throw new IllegalStateException(host.fileName() + ": page " + page + " has the entry "
                    + Entry.describe(entry) + " and was to be mapped to pfn " + pfn);
        }
    }

    /**
     * Unmaps the pages of a range and removes their entries and marks: their blocks leave the file.
     * Of a PMD entry that lies partly in the range, the pages outside keep their dirty marks. The
     * caller holds the invalidate lock exclusively.
     */
    void deleteEntries(long firstPage, long endPage) {
        if (firstPage >= endPage) {
            return;
        }
        vmas.unmap(firstPage, endPage - firstPage);
        visitEntries(firstPage, endPage, (chunk, slot, entry) -> {
            unmapEntry(chunk, slot, entry);
            return true;
        });
        EntryChunk chunk;
        for (long at = firstPage; (chunk = chunks.next(at, endPage)) != null; ) {
            chunk.clearMarks(from(chunk, at), to(chunk, endPage));
            at = chunk.firstPage() + PageTable.HUGE_PAGES;
        }
    }

    /** Unmaps and removes the clean entries of a range; dirty ones stay (Z6). */
    void invalidateClean(long firstPage, long endPage) {
        visitEntries(firstPage, endPage, (chunk, slot, entry) -> {
            if (chunk.isDirty(slot)) {
                return false;
            }
            unmapEntry(chunk, slot, entry);
            return true;
        });
    }

    /** Unmaps and removes the zero entries of a range, which has blocks now (R3). */
    void dropZeroEntries(long firstPage, long endPage) {
        visitEntries(firstPage, endPage, (chunk, slot, entry) -> {
            if (!Entry.isZero(entry)) {
                return false;
            }
            unmapEntry(chunk, slot, entry);
            return true;
        });
    }

    /**
     * Waits until no entry of a range is locked by a fault or write-back that began before (Z5).
     */
    void awaitUnlocked(long firstPage, long endPage) {
        visitEntries(firstPage, endPage, (chunk, slot, entry) -> false);
    }

    private void unmapEntry(EntryChunk chunk, int slot, long entry) {
        long first = Entry.order(entry).firstPage(chunk.firstPage() + slot);
        vmas.unmap(first, Entry.order(entry).pages());
    }

    /** Decides about a locked entry: true to delete it. */
    private interface EntryVisitor {
        boolean delete(EntryChunk chunk, int slot, long entry);
    }

    /** Locks each entry of a range in turn, waiting for those that are locked (Z5). */
    private void visitEntries(long firstPage, long endPage, EntryVisitor visitor) {
        EntryChunk chunk;
        for (long at = firstPage; (chunk = chunks.next(at, endPage)) != null; ) {
            int to = to(chunk, endPage);
            int slot = from(chunk, at);
            while ((slot = chunk.nextEntry(slot, to)) >= 0) {
                long entry = chunk.lockExisting(slot);
                if (entry != Entry.NONE) {
                    if (visitor.delete(chunk, slot, entry)) {
                        chunk.delete(slot);
                    } else {
                        chunk.unlock(slot);
                    }
                }
                // One that gave way meanwhile to others is looked at again at this slot (E9).
                slot += entry == Entry.NONE ? 0 : (int) Entry.order(entry).pages();
            }
            at = chunk.firstPage() + PageTable.HUGE_PAGES;
        }
    }

    private static int from(EntryChunk chunk, long page) {
        return (int) Math.max(0, page - chunk.firstPage());
    }

    private static int to(EntryChunk chunk, long endPage) {
        return (int) Math.min(PageTable.HUGE_PAGES, endPage - chunk.firstPage());
    }

    private static int slot(long page) {
        return (int) (page & PageTable.HUGE_PAGES - 1);
    }
}
