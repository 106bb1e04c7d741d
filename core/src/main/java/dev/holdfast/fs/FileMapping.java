package dev.holdfast.fs;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.mm.PageTable;
import dev.holdfast.mm.SegmentSource;
import dev.holdfast.mm.Vma;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A range of a file, mapped.
 *
 * <ol>
 * <li>made by {@link Mappings#map}: blocks for its holes are promised, the inode is held;
 * <li>{@link #segment} faults pages in and hands out memory, which pins them;
 * <li>{@link #close}: hands out nothing more;
 * <li>when the last arena with a segment of it has closed, the VMA, the promise and the hold go.
 * </ol>
 *
 * <p>Thread-safe.
 */
public final class FileMapping implements AutoCloseable {
    private static final int FAULT_ROUNDS = 1000;

    private final FileSystem fs;
    private final Inode inode;
    private final Vma vma;
    private final SegmentSource source;
    private final long promisedBlocks;
    /** Extents laid into a private mapping; complete before the mapping is handed out. */
    private final List<Extent> laid = new ArrayList<>();
    private volatile boolean closed;

    FileMapping(FileSystem fs, Inode inode, Vma vma, long promisedBlocks) {
        this.fs = fs;
        this.inode = inode;
        this.vma = vma;
        this.promisedBlocks = promisedBlocks;
        this.source = new SegmentSource(fs.device(), vma, fs.pages(inode).space.pins(),
                this::unused);
    }

    SegmentSource source() {
        return source;
    }

    /** Returns the mapping's VMA. */
    public Vma vma() {
        return vma;
    }

    /** Returns the file. */
    public Inode inode() {
        return inode;
    }

    /**
     * Returns memory that shows {@code length} bytes of the file from {@code fileOffset} on, alive
     * as long as {@code arena}. Faults what is not mapped yet; in a writable segment of a sync
     * mapping every byte is findable after a crash when this returns.
     */
    public MemorySegment segment(Arena arena, long fileOffset, long length, boolean writable)
            throws IOException {
        for (int round = 0; round < FAULT_ROUNDS; round++) {
            requireOpen();
            requireInFile(fileOffset, length);
            MemorySegment segment = source.segment(arena, fileOffset, length, writable);
            if (segment != null) {
                return segment;
            }
            fault(fileOffset, length, writable);
        }
        throw new HoldfastException(ErrorCode.IO_ERROR, inode + ": the range at " + fileOffset
                + " was taken away " + FAULT_ROUNDS + " times while it was faulted in");
    }

    /** P7, for a private mapping, whose memory is the kernel's and never faults here. */
    private void requireInFile(long fileOffset, long length) throws HoldfastException {
        long end = InodeHost.blocksToHold(inode.sizeBytes()) * DaxDevice.BLOCK_BYTES;
        if (!vma.shared() && fileOffset + length > end) {
            throw new HoldfastException(ErrorCode.BUS_ERROR, fs.pages(inode).host.fileName()
                    + ": access to " + length + " bytes at offset " + fileOffset + " of a file of "
                    + inode.sizeBytes() + " bytes");
        }
    }

    private void fault(long fileOffset, long length, boolean writable) throws IOException {
        long end = (fileOffset + length - 1) / DaxDevice.BLOCK_BYTES + 1;
        for (long page = fileOffset / DaxDevice.BLOCK_BYTES; page < end; ) {
            long entry = vma.entry(page);
            if (writable ? !PageTable.isWritable(entry) : !PageTable.isPresent(entry)) {
                fs.faultHandler().fault(inode, vma, page, writable);
                entry = vma.entry(page);
            }
            page = PageTable.isHuge(entry)
                    ? (page / PageTable.HUGE_PAGES + 1) * PageTable.HUGE_PAGES
                    : page + 1;
        }
    }

    /**
     * Makes the bytes of a range durable. On line media only the lines of the range, and none of
     * its metadata: in a sync mapping that is durable already. A page that is not mapped now may
     * have been stored to before it was taken away, and counts too.
     */
    public void persist(long fileOffset, long length) throws IOException {
        requireOpen();
        if (!vma.shared()) {
            throw new HoldfastException(ErrorCode.INVALID,
                    inode + ": stores to a private mapping have nowhere to be persisted");
        }
        fs.requireAlive();
        long[] ranges = new long[2];
        int count = 0;
        long end = fileOffset + length;
        for (long at = fileOffset; at < end; ) {
            long page = at / DaxDevice.BLOCK_BYTES;
            long next = Math.min(end, (page + 1) * DaxDevice.BLOCK_BYTES);
            long block = blockOf(page);
            if (block >= 0) {
                long device = block * DaxDevice.BLOCK_BYTES + at % DaxDevice.BLOCK_BYTES;
                if (count > 0 && ranges[2 * count - 2] + ranges[2 * count - 1] == device) {
                    ranges[2 * count - 1] += next - at;
                } else {
                    ranges = 2 * count == ranges.length ? Arrays.copyOf(ranges, 4 * count) : ranges;
                    ranges[2 * count] = device;
                    ranges[2 * count + 1] = next - at;
                    count++;
                }
            }
            at = next;
        }
        persistRanges(ranges, count);
    }

    /** Returns the device block of a page, or -1 if nothing can have been stored to it. */
    private long blockOf(long page) {
        long entry = vma.entry(page);
        if (PageTable.isPresent(entry) && !PageTable.isZero(entry)) {
            return PageTable.pfnOf(entry, vma.tablePage(page));
        }
        synchronized (inode.extents) {
            return inode.extents.writtenBlock(page);
        }
    }

    private void persistRanges(long[] ranges, int count) throws IOException {
        if (count == 1) {
            fs.persist(ranges[0], ranges[1]);
        } else if (count > 1) {
            long[] all = ranges;
            fs.stopOnFailure(() -> fs.device().persist(all, count));
        }
    }

    /** Tells whether an arena that holds a segment of this mapping is open. */
    public boolean isHeld() {
        return source.isHeld();
    }

    /** Tells whether this hands out no more segments. */
    public boolean isClosed() {
        return closed;
    }

    /** Hands out no more segments; those in users' hands stay good. Idempotent. */
    @Override
    public void close() {
        closed = true;
        source.close();
    }

    /** Throws IllegalStateException once this or the volume is closed. */
    public void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the mapping of " + inode + " is closed");
        }
        if (fs.isClosed()) {
            throw new IllegalStateException("the volume of " + inode + " is closed");
        }
    }

    /** Blocks the kernel shows in this private mapping stay in the file as long as it is open. */
    void pinLaid(Extent extent) {
        fs.pages(inode).space.pins().pin(extent.fileBlock(), extent.count(), false);
        laid.add(extent);
    }

    private void unused() {
        laid.forEach(extent -> fs.pages(inode).space.pins()
                .unpin(extent.fileBlock(), extent.count(), false));
        fs.mappings().ended(this, promisedBlocks);
    }
}
