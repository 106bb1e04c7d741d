package dev.holdfast.mm;

import dev.holdfast.device.DaxDevice;
import java.util.Objects;

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
    private final HardwarePages hardware;
    private final long unitPages;
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
        this(fileOffsetBytes, lengthBytes, shared, sync, writable, hugeAllowed, null, 1);
    }

    /**
     * Creates a shared mapping whose page table is real and another process's; the table here
     * mirrors it.
     *
     * @param unitPages the fewest pages that the hardware can map: 1, or those of a huge page
     */
    public static Vma served(
            long fileOffsetBytes,
            long lengthBytes,
            boolean sync,
            boolean writable,
            boolean hugeAllowed,
            HardwarePages hardware,
            long unitPages) {
        return new Vma(fileOffsetBytes, lengthBytes, true, sync, writable,
                hugeAllowed || unitPages > 1, Objects.requireNonNull(hardware), unitPages);
    }

    private Vma(
            long fileOffsetBytes,
            long lengthBytes,
            boolean shared,
            boolean sync,
            boolean writable,
            boolean hugeAllowed,
            HardwarePages hardware,
            long unitPages) {
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
        this.hardware = hardware;
        this.unitPages = unitPages;
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

    /**
     * Tells whether the page table is real and another process's: {@link #hardware} then is not
     * null.
     */
    public boolean isServed() {
        return hardware != null;
    }

    /** Returns what drives the real page table of a served mapping; null for any other. */
    public HardwarePages hardware() {
        return hardware;
    }

    /** Tells whether only huge pages can be mapped: a 4 KiB fault has nothing to offer. */
    public boolean isHugeOnly() {
        return unitPages > 1;
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

    /**
     * Write-protects what maps any page of a range of the file, in the hardware too; returns the
     * entries changed. For a served mapping the caller holds the locks of the entries, or keeps
     * faults out.
     */
    public long writeProtect(long filePage, long pages) {
        if (!overlaps(filePage, pages)) {
            return 0;
        }
        long from = Math.max(filePage, firstPage);
        long end = clippedEnd(filePage, pages);
        return isServed() ? protectServed(from - tableBase, end - tableBase)
                : table.writeProtect(from - tableBase, end - from);
    }

    /** Mirror first, then hardware, run by run of what may be stored to; huge entries whole. */
    private long protectServed(long from, long end) {
        long changed = 0;
        for (long at = from; (at = table.nextWritable(at, end)) < end; ) {
            long start = PageTable.isHuge(table.entry(at)) ? at & -PageTable.HUGE_PAGES : at;
            long runEnd = at;
            long entry;
            while (runEnd < end && PageTable.isWritable(entry = table.entry(runEnd))) {
                runEnd = PageTable.isHuge(entry)
                        ? (runEnd / PageTable.HUGE_PAGES + 1) * PageTable.HUGE_PAGES : runEnd + 1;
            }
            changed += table.writeProtect(start, runEnd - start);
            hardware.writeProtect(start + tableBase, runEnd - start);
            at = runEnd;
        }
        return changed;
    }

    /**
     * Unmaps what maps any page of a range of the file; returns the entries removed. What a served
     * mapping has mapped is write-protected in the hardware and forgotten here: loads go on from
     * the blocks it is bound to, the next store faults.
     */
    public long unmap(long filePage, long pages) {
        if (!overlaps(filePage, pages)) {
            return 0;
        }
        long from = Math.max(filePage, firstPage);
        if (isServed()) {
            protectServed(from - tableBase, clippedEnd(filePage, pages) - tableBase);
        }
        return table.unmap(from - tableBase, clippedEnd(filePage, pages) - from);
    }

    /**
     * Makes room for 4 KiB entries where a huge one maps a huge page of the file, if one does (M2).
     */
    public void splitHuge(long fileHugeIndex) {
        if (!isServed()) {
            table.splitHuge(tableHuge(fileHugeIndex));
        } else if (PageTable.isHuge(entry(fileHugeIndex * PageTable.HUGE_PAGES))) {
            unmap(fileHugeIndex * PageTable.HUGE_PAGES, PageTable.HUGE_PAGES);
        }
    }

    private long clippedEnd(long filePage, long pages) {
        return pages >= endPage - filePage ? endPage : filePage + pages;
    }

    /**
     * Unmaps, in the hardware too, pages whose blocks have left the file for good; no fault can
     * come in. They are adjacent on the device, and inside a served mapping.
     */
    public void takeBack(long filePage, long deviceBlock, long pages) {
        table.unmap(filePage - tableBase, pages);
        hardware.unmap(filePage, deviceBlock, pages);
    }

    @Override
    public String toString() {
        return "Vma[offset=" + fileOffsetBytes + " length=" + lengthBytes
                + (isServed() ? " served" : shared ? " shared" : " private") + (sync ? " sync" : "")
                + (writable ? " writable" : " read-only") + "]";
    }
}
