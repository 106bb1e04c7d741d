package dev.holdfast.mm;

import dev.holdfast.device.DaxDevice;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Turns mapped pages of one mapping into memory segments, each tied to an arena and a pin of its
 * pages for as long as that arena lives.
 *
 * <ol>
 * <li>{@link #segment} pins the range, checks that the page table maps all of it, and answers with
 *     a slice of the device's memory if the blocks lie in one piece there, or else of the mapping's
 *     address window, made on first need. Where a page is missing it answers null: the caller
 *     faults the range and asks again.
 * <li>{@link #relay} lays the new block of a hole over the window, below segments that show it.
 * <li>{@link #close} hands out no more. When the last arena that has segments is closed too, the
 *     owner is told, and the window goes. Until then the mapping stays in its {@link VmaList}, for
 *     segments over holes must go on seeing new blocks.
 * </ol>
 *
 * <p>Closing an arena first makes its segments unusable and then gives the pins back. A mapping
 * that is private is laid whole by its owner, once, with {@link #layPrivate} and {@link
 * #layPrivateHole}.
 *
 * <p>What it hands out is not tied to the device: whoever closes the device first makes sure that
 * {@link #isHeld} is false.
 *
 * <p>Thread safety: safe; a range already held by the arena and mapped takes no lock and no system
 * call, and leaves the segment as its only garbage.
 */
public final class SegmentSource {
    private static final int PAGE = DaxDevice.BLOCK_BYTES;
    private static final long FAULT = -1;
    private static final long SCATTERED = -2;

    private final DaxDevice device;
    private final MemorySegment.Scope deviceScope;
    private final Vma vma;
    private final PinTable pins;
    private final PinSets sets;
    private final Runnable whenUnused;
    private final Object windowLock = new Object();
    private volatile MappingWindow window;
    private boolean windowClosed;
    private volatile boolean closed;

    /**
     * Creates the source of a mapping's segments and makes it known to the mapping.
     *
     * @param whenUnused runs once, when this is closed and no arena holds a segment of it; takes
     *     the mapping out of the list of its file. Any thread may run it, one that closes an arena
     *     too.
     */
    public SegmentSource(DaxDevice device, Vma vma, PinTable pins, Runnable whenUnused) {
        this.device = device;
        this.deviceScope = device.memory().scope();
        this.vma = vma;
        this.pins = pins;
        this.whenUnused = whenUnused;
        this.sets = new PinSets(device.memory(), pins, this::unused);
        vma.attach(this);
    }

    /**
     * Returns a range of the file as one segment of {@code arena}, read-only unless {@code
     * writable}; or null if some page of it is not mapped, or not writably: fault the range, then
     * ask again. Each page is pinned until the arena is closed.
     *
     * @param fileOffset first byte, in the mapping
     * @param lengthBytes bytes, at least one, all in the mapping
     * @throws IndexOutOfBoundsException the range is not in the mapping
     * @throws UnsupportedOperationException {@code writable} of a mapping that is not
     * @throws IllegalStateException the arena, this source or the device is closed
     * @throws WrongThreadException the arena is confined to another thread
     * @throws IOException the window could not be made or laid; nothing stays pinned by this call
     */
    public MemorySegment segment(
            Arena arena, long fileOffset, long lengthBytes, boolean writable) throws IOException {
        checkRange(fileOffset, lengthBytes);
        if (writable && !vma.writable()) {
            throw new UnsupportedOperationException(vma + " cannot be stored to");
        }
        if (closed || !deviceScope.isAlive()) {
            throw new IllegalStateException("the mapping of " + pins.file() + " has been closed");
        }
        PinSet set = sets.of(arena);
        long page = fileOffset / PAGE;
        long end = (fileOffset + lengthBytes - 1) / PAGE + 1;
        // Stores to a private copy give fsync nothing to persist.
        boolean pinWritable = writable && vma.shared();
        if (set.ledger().holds(page, end - page, pinWritable)) {
            return slice(set, page, end, fileOffset, lengthBytes, writable);
        }
        pins.pin(page, end - page, pinWritable);
        MemorySegment segment = null;
        try {
            segment = slice(set, page, end, fileOffset, lengthBytes, writable);
        } finally {
            if (segment == null) {
                pins.unpin(page, end - page, pinWritable);
            }
        }
        if (segment != null) {
            set.ledger().adopt(page, end - page, pinWritable);
        }
        return segment;
    }

    /** Tells whether an entry lets a segment of the wanted kind show its page (B18). */
    static boolean allows(long entry, boolean writable) {
        return writable ? PageTable.isWritable(entry) : PageTable.isPresent(entry);
    }

    /**
     * Lays blocks given to a hole where the window shows it to segments; see {@link VmaList#relay}.
     */
    public void relay(long filePage, long deviceOffset, long pages) throws IOException {
        MappingWindow made = window;
        if (made == null) {
            return;
        }
        long from = Math.max(filePage, vma.firstPage());
        long to = Math.min(filePage + pages, vma.endPage());
        if (from < to) {
            made.relay(vma.tablePage(from), deviceOffset / PAGE + (from - filePage), to - from);
        }
    }

    /** Lays blocks of the file into a private mapping, before its first segment. */
    public void layPrivate(long filePage, long deviceOffset, long pages) throws IOException {
        checkRange(filePage * PAGE, 1);
        window().layPrivate(vma.tablePage(filePage), deviceOffset, pages);
    }

    /**
     * Gives a hole of the file memory of its own in a private mapping, before its first segment.
     */
    public void layPrivateHole(long filePage, long pages) throws IOException {
        checkRange(filePage * PAGE, 1);
        window().layPrivateHole(vma.tablePage(filePage), pages);
    }

    /** Tells whether an arena that was given segments is still open. */
    public boolean isHeld() {
        return sets.isUsed();
    }

    /** Hands out no more segments. Those in users' hands stay good until their arenas close. */
    public void close() {
        closed = true;
        sets.close();
    }

    private MemorySegment slice(PinSet set, long page, long end, long fileOffset,
            long lengthBytes, boolean writable) throws IOException {
        long windowOffset = fileOffset - vma.filePage(0) * PAGE;
        if (!vma.shared()) {
            return set.ofWindow(window().memory(), windowOffset, lengthBytes, writable);
        }
        long pfn = contiguousFrom(page, end, writable);
        if (pfn == FAULT) {
            return null;
        }
        if (pfn != SCATTERED) {
            long deviceOffset = pfn * PAGE + fileOffset % PAGE;
            device.handedOut(deviceOffset, lengthBytes, writable);
            return set.ofDevice(deviceOffset, lengthBytes, writable);
        }
        MappingWindow made = window();
        long tablePage = vma.tablePage(page);
        long tableEnd = vma.tablePage(end);
        if (!made.isLaid(tablePage, tableEnd) && !made.lay(tablePage, tableEnd, writable)) {
            return null;
        }
        return set.ofWindow(made.memory(), windowOffset, lengthBytes, writable);
    }

    /**
     * Returns the pfn at which the pages lie side by side on the device, or FAULT, or SCATTERED.
     */
    private long contiguousFrom(long page, long end, boolean writable) {
        PageTable table = vma.table();
        long first = SCATTERED;
        boolean contiguous = true;
        for (long at = page; at < end; ) {
            long tablePage = vma.tablePage(at);
            long entry = table.entry(tablePage);
            if (!allows(entry, writable)) {
                return FAULT;
            }
            long pfn = PageTable.pfnOf(entry, tablePage);
            if (at == page) {
                first = pfn;
            }
            contiguous &= !PageTable.isZero(entry) && pfn == first + (at - page);
            at = PageTable.isHuge(entry) ? (at / PageTable.HUGE_PAGES + 1) * PageTable.HUGE_PAGES
                    : at + 1;
        }
        return contiguous ? first : SCATTERED;
    }

    private MappingWindow window() throws IOException {
        MappingWindow made = window;
        if (made != null) {
            return made;
        }
        synchronized (windowLock) {
            if (windowClosed) {
                throw new IllegalStateException(
                        "the mapping of " + pins.file() + " has been closed");
            }
            if (window == null) {
                window = MappingWindow.create(
                        device, vma.table(), vma.tablePage(vma.endPage()));
            }
            return window;
        }
    }

    private void unused() {
        whenUnused.run();
        synchronized (windowLock) {
            windowClosed = true;
            if (window != null) {
                window.close();
            }
        }
    }

    private void checkRange(long fileOffset, long lengthBytes) {
        long from = fileOffset - vma.fileOffsetBytes();
        if (from < 0 || lengthBytes <= 0 || lengthBytes > vma.lengthBytes() - from) {
            throw new IndexOutOfBoundsException(lengthBytes + " bytes at offset " + fileOffset
                    + " of " + pins.file() + " are not inside " + vma);
        }
    }
}
