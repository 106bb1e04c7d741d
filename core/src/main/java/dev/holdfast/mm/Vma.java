package dev.holdfast.mm;

import dev.holdfast.device.DaxDevice;

/**
 * One mapping of a range of a file, with its page table.
 *
 * <p>A page is named by its number in the file everywhere outside the table. The table begins at
 * the huge page of the file that holds the mapping's first page, so its PMD slots are the file's
 * huge pages, and a mapping that starts or ends inside one simply has a slot no PMD entry fits in
 * (M1).
 *
 * <p>Immutable but for the table, the colour and the source of segments; thread-safe.
 */
public final class Vma {
    private final long fileOffsetBytes;
    private final long lengthBytes;
    private final boolean shared;
    private final boolean sync;
    private final boolean writable;
    private final boolean hugeAllowed;
    private final long firstPage;
    private final long endPage;
    private final long tableBase;
    private final PageTable table;
    private volatile boolean hugeColour = true;
    private volatile SegmentSource source;

    /**
     * Creates a mapping with an empty page table.
     *
     * @param fileOffsetBytes first byte mapped, a multiple of the page size
     * @param lengthBytes bytes mapped, at least one; the last page may be partial
     * @param shared stores go to the file; otherwise to a private copy
     * @param sync a writable page's metadata is durable; only together with {@code shared} (V3)
     */
    public Vma(
            long fileOffsetBytes,
            long lengthBytes,
            boolean shared,
            boolean sync,
            boolean writable,
            boolean hugeAllowed) {
        if (fileOffsetBytes < 0 || fileOffsetBytes % DaxDevice.BLOCK_BYTES != 0
                || lengthBytes <= 0 || lengthBytes > Long.MAX_VALUE - fileOffsetBytes) {
            throw new IllegalArgumentException("cannot map " + lengthBytes + " bytes at offset "
                    + fileOffsetBytes + ": the offset must be a multiple of "
                    + DaxDevice.BLOCK_BYTES + " and the length at least one");
        }
        if (sync && !shared) {
            throw new IllegalArgumentException("a private mapping cannot be a sync mapping");
        }
        this.fileOffsetBytes = fileOffsetBytes;
        this.lengthBytes = lengthBytes;
        this.shared = shared;
        this.sync = sync;
        this.writable = writable;
        this.hugeAllowed = hugeAllowed;
        this.firstPage = fileOffsetBytes / DaxDevice.BLOCK_BYTES;
        this.endPage = (fileOffsetBytes + lengthBytes - 1) / DaxDevice.BLOCK_BYTES + 1;
        this.tableBase = firstPage & -PageTable.HUGE_PAGES;
        this.table = new PageTable(firstPage - tableBase, endPage - tableBase);
    }

    /** Returns the first byte of the file that is mapped. */
    public long fileOffsetBytes() {
        return fileOffsetBytes;
    }

    /** Returns the bytes mapped. */
    public long lengthBytes() {
        return lengthBytes;
    }

    /** Tells whether stores go to the file. */
    public boolean shared() {
        return shared;
    }

    /** Tells whether metadata is durable before a page becomes writable. */
    public boolean sync() {
        return sync;
    }

    /** Tells whether stores are allowed at all. */
    public boolean writable() {
        return writable;
    }

    /** Tells whether PMD entries may be used. */
    public boolean hugeAllowed() {
        return hugeAllowed;
    }

    /** Returns the number in the file of the first page mapped. */
    public long firstPage() {
        return firstPage;
    }

    /** Returns the number in the file of the page after the last one mapped. */
    public long endPage() {
        return endPage;
    }

    /** Returns the pages mapped. */
    public long pages() {
        return endPage - firstPage;
    }

    /** Returns the page table; its pages are numbered by {@link #tablePage}. */
    public PageTable table() {
        return table;
    }

    /** Tells whether a page of the file is mapped. */
    public boolean contains(long filePage) {
        return filePage >= firstPage && filePage < endPage;
    }

    /** Tells whether any page of a range of the file is mapped. */
    public boolean overlaps(long filePage, long pages) {
        return filePage < endPage && pages > firstPage - filePage;
    }

    /** Returns the number in the table of a page of the file. */
    public long tablePage(long filePage) {
        return filePage - tableBase;
    }

    /** Returns the number in the file of a page of the table. */
    public long filePage(long tablePage) {
        return tablePage + tableBase;
    }

    /** Returns the PMD slot in the table of a huge page of the file. */
    public long tableHuge(long fileHugeIndex) {
        return fileHugeIndex - tableBase / PageTable.HUGE_PAGES;
    }

    /** Tells whether a huge page of the file lies wholly in the mapping (M1). */
    public boolean coversHugeRange(long fileHugeIndex) {
        long page = fileHugeIndex * PageTable.HUGE_PAGES;
        return page >= firstPage && endPage - page >= PageTable.HUGE_PAGES;
    }

    /**
     * Tells whether addresses and file offsets agree modulo 2 MiB (M1). Software windows always do.
     */
    public boolean isHugeColour() {
        return hugeColour;
    }

    /** Breaks or restores the colour, as an unlucky address would. For tests. */
    public void setHugeColour(boolean hugeColour) {
        this.hugeColour = hugeColour;
    }

    /** Makes known what hands out segments of this mapping. Once. */
    void attach(SegmentSource source) {
        if (this.source != null) {
            throw new IllegalStateException(this + " has its source of segments already");
        }
        this.source = source;
    }

    /** Returns what hands out segments of this mapping, or null. */
    SegmentSource source() {
        return source;
    }

    /** Returns what maps a page of the file, which the mapping contains. */
    public long entry(long filePage) {
        return table.entry(filePage - tableBase);
    }

    /** Write-protects what maps any page of a range of the file; returns the entries changed. */
    public long writeProtect(long filePage, long pages) {
        if (!overlaps(filePage, pages)) {
            return 0;
        }
        long from = Math.max(filePage, firstPage);
        return table.writeProtect(from - tableBase, clippedEnd(filePage, pages) - from);
    }

    /** Unmaps what maps any page of a range of the file; returns the entries removed. */
    public long unmap(long filePage, long pages) {
        if (!overlaps(filePage, pages)) {
            return 0;
        }
        long from = Math.max(filePage, firstPage);
        return table.unmap(from - tableBase, clippedEnd(filePage, pages) - from);
    }

    private long clippedEnd(long filePage, long pages) {
        return pages >= endPage - filePage ? endPage : filePage + pages;
    }

    @Override
    public String toString() {
        return "Vma[offset=" + fileOffsetBytes + " length=" + lengthBytes
                + (shared ? " shared" : " private") + (sync ? " sync" : "")
                + (writable ? " writable" : " read-only") + "]";
    }
}
