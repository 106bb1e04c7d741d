package dev.holdfast.mm;

import dev.holdfast.device.AddressWindow;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * The address window of one mapping: table page {@code n} of the mapping lies at page {@code n} of
 * the window, so window and file have the same huge-page colour.
 *
 * <p>What the window must show is what the page table says; what it shows is remembered, so a page
 * that is laid already costs no system call. A page is laid anew only if it shows something else,
 * which no segment can see: a pinned page keeps its block, and a hole below a segment only ever
 * gains one ({@link #relay}).
 *
 * <p>Lock rule: this object's monitor around every change of layout. The page table is read below
 * it, and whoever gives a hole its block unmaps the zero entries before it calls {@code relay}: so
 * either the zero entry is not seen here, or the hole is seen there (R9).
 */
final class MappingWindow {
    private static final int PAGE = DaxDevice.BLOCK_BYTES;

    private final PageTable table;
    private final AddressWindow window;
    private final LaidPages laid;
    private final long unitPages;
    private boolean closed;

    /** Lays {@code window} by {@code table}, in units of {@code unitPages} at least. */
    MappingWindow(PageTable table, AddressWindow window, long unitPages) {
        this.table = table;
        this.window = window;
        this.unitPages = unitPages;
        this.laid = new LaidPages(window.memory().byteSize() / PAGE);
    }

    /** Makes the window of a mapping whose table has {@code tablePages} pages. */
    static MappingWindow create(DaxDevice device, PageTable table, long tablePages)
            throws IOException {
        long unitPages = Math.max(1, device.medium().mappingUnitBytes() / PAGE);
        long pages = (tablePages + unitPages - 1) / unitPages * unitPages;
        return new MappingWindow(table, device.newWindow(pages * PAGE), unitPages);
    }

    MemorySegment memory() {
        return window.memory();
    }

    /** Tells, without a lock, whether the window shows a range as the page table has it. */
    boolean isLaid(long page, long end) {
        for (long at = page; at < end; at++) {
            long state = stateOf(table.entry(at), at);
            if (state == LaidPages.FRESH || laid.get(at) != state) {
                return false;
            }
        }
        return true;
    }

    /**
     * Makes the window show a range as the page table has it.
     *
     * @return false if a page is not mapped, or not writable where that is asked: it must fault
     *     first
     */
    synchronized boolean lay(long page, long end, boolean writable) throws IOException {
        for (long at = page; at < end; ) {
            long entry = table.entry(at);
            if (!SegmentSource.allows(entry, writable)) {
                return false;
            }
            long state = stateOf(entry, at);
            if (laid.get(at) == state) {
                at++;
                continue;
            }
            long runEnd = at + 1;
            while (runEnd < end && laid.get(runEnd) != continued(state, runEnd - at)
                    && stateOf(table.entry(runEnd), runEnd) == continued(state, runEnd - at)) {
                runEnd++;
            }
            if (PageTable.isZero(entry)) {
                layHole(at, runEnd);
            } else {
                layBlocks(at, runEnd, PageTable.pfnOf(entry, at), PageTable.isHuge(entry));
            }
            at = runEnd;
        }
        return true;
    }

    /** Lays blocks over those pages of a range that segments may show as a hole. */
    synchronized void relay(long page, long pfn, long pages) throws IOException {
        if (closed) {
            return;
        }
        boolean wholeUnits = page % unitPages == 0 && pages % unitPages == 0;
        for (long at = page; at < page + pages; ) {
            long runEnd = at;
            while (runEnd < page + pages && laid.get(runEnd) == LaidPages.HOLE) {
                runEnd++;
            }
            if (runEnd > at) {
                layBlocks(at, runEnd, pfn + (at - page), wholeUnits);
            }
            at = runEnd + 1;
        }
    }

    /** Lays blocks so that stores to them stay private to the window. */
    synchronized void layPrivate(long page, long deviceOffset, long pages) throws IOException {
        window.layPrivate(page * PAGE, deviceOffset, pages * PAGE);
    }

    /** Gives a range zeroes of its own, which can be stored to. */
    synchronized void layPrivateHole(long page, long pages) throws IOException {
        window.layPrivateHole(page * PAGE, pages * PAGE);
    }

    /** Unmaps the window; there is no segment over it any more. */
    synchronized void close() {
        closed = true;
        window.close();
    }

    private void layHole(long page, long end) throws IOException {
        boolean fresh = true;
        for (long at = page; at < end; at++) {
            fresh &= laid.get(at) == LaidPages.FRESH;
        }
        if (!fresh) {
            checkUnit(page, end, page);
            window.layHole(page * PAGE, (end - page) * PAGE);
        }
        for (long at = page; at < end; at++) {
            laid.set(at, LaidPages.HOLE);
        }
    }

    /** Lays a run of blocks; with a larger mapping unit, the whole units around it. */
    private void layBlocks(long page, long end, long pfn, boolean wholeUnits) throws IOException {
        long from = page;
        long to = end;
        if (wholeUnits) {
            from = page / unitPages * unitPages;
            to = (end + unitPages - 1) / unitPages * unitPages;
        }
        long fromPfn = pfn - (page - from);
        checkUnit(from, to, fromPfn);
        window.layDevice(from * PAGE, fromPfn * PAGE, (to - from) * PAGE);
        for (long at = from; at < to; at++) {
            laid.set(at, LaidPages.block(fromPfn + (at - from)));
        }
    }

    private void checkUnit(long from, long to, long pfn) throws HoldfastException {
        if (from % unitPages != 0 || to % unitPages != 0 || pfn % unitPages != 0) {
            throw new HoldfastException(ErrorCode.NOT_SUPPORTED, "pages " + from + " to " + (to - 1)
                    + " of the mapping cannot be laid side by side: this device maps units of "
                    + unitPages * PAGE + " bytes; use ranges that lie in one piece on the device");
        }
    }

    private static long continued(long state, long pages) {
        return state == LaidPages.HOLE ? state : state + pages;
    }

    private static long stateOf(long entry, long page) {
        if (!PageTable.isPresent(entry)) {
            return LaidPages.FRESH;
        }
        return PageTable.isZero(entry)
                ? LaidPages.HOLE
                : LaidPages.block(PageTable.pfnOf(entry, page));
    }
}
