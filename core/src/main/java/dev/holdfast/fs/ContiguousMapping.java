package dev.holdfast.fs;

import dev.holdfast.dax.MapFlags;
import dev.holdfast.device.AddressWindow;
import dev.holdfast.device.Medium;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.AllocateMode;
import dev.holdfast.mm.PinTable;
import dev.holdfast.mm.VmaList;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A range of a file in one run of addresses that somebody else maps and unmaps, whatever its
 * extents: what {@code FileChannel.map} returns.
 *
 * <ol>
 * <li>{@link Mappings#mapContiguous}: of a writable mapping the whole range has blocks, and they,
 *     the size and the name are durable, for the JDK's {@code force} is its own msync and never
 *     asks; the range is pinned, the inode held;
 * <li>{@link #lay}, once the addresses exist: extents side by side, zeroes where there are none;
 * <li>a block that a hole is given later is laid too (R9), until {@link #stop};
 * <li>the addresses are unmapped by their owner;
 * <li>{@link #release}: the pins and the hold go.
 * </ol>
 *
 * <p>Lock rule: this object's monitor is taken below inode and entry locks, and above the extent
 * map's.
 *
 * <p>Durability: the pages of a writable one count as dirty as long as it is pinned: every fsync of
 * the file persists them.
 */
public final class ContiguousMapping implements VmaList.View, PinTable.Holder {
    /** Who sees stores, and whether there may be any. */
    public enum Kind {
        /** Loads only. */
        READABLE,
        /** Stores go to the file. */
        WRITABLE,
        /** Stores go to private copies of the pages. */
        PRIVATE
    }

    private static final int STRIDE = 3;

    private final FileSystem fs;
    private final Inode inode;
    private final FilePages pages;
    private final Kind kind;
    private final boolean sync;
    private final long firstBlock;
    private final long blocks;
    /** For each extent laid: file block, device block, count. Set once by {@link #lay}. */
    private long[] extents = {};
    private long address;
    private AddressWindow window;
    private boolean stopped;
    private boolean released;

    private ContiguousMapping(FileSystem fs, Inode inode, Kind kind, boolean sync, long firstBlock,
            long blocks) {
        this.fs = fs;
        this.sync = sync;
        this.inode = inode;
        this.pages = fs.pages(inode);
        this.kind = kind;
        this.firstBlock = firstBlock;
        this.blocks = blocks;
    }

    static ContiguousMapping prepare(FileSystem fs, Inode inode, long fileOffset, long length,
            Kind kind, boolean sync) throws IOException {
        Files.requireFile(inode);
        if (sync) {
            MapFlags.check(MapFlags.SHARED | MapFlags.SYNC | MapFlags.VALIDATE, true,
                    fs.device().medium(), fs.pages(inode).host.fileName());
        }
        Files.requireOffset(inode, fileOffset, length);
        if (length == 0) {
            throw new HoldfastException(ErrorCode.INVALID, inode + ": an empty range to map");
        }
        if (kind == Kind.WRITABLE) {
            fs.requireWritable();
        } else {
            fs.requireAlive();
        }
        long first = fileOffset / Limits.BLOCK_BYTES;
        long end = InodeHost.blocksToHold(fileOffset + length);
        ContiguousMapping mapping = new ContiguousMapping(fs, inode, kind, sync, first,
                end - first);
        fs.hold(inode);
        boolean complete = false;
        try {
            mapping.pin(fileOffset, length);
            complete = true;
        } finally {
            if (!complete) {
                fs.release(inode);
            }
        }
        complete = false;
        try {
            if (kind == Kind.WRITABLE) {
                fs.journal().commit(inode.dataLsn());
            }
            complete = true;
        } finally {
            if (!complete) {
                mapping.release();
            }
        }
        return mapping;
    }

    /** Pins the range; with blocks that stay where they are if stores go to them. */
    private void pin(long fileOffset, long length) throws IOException {
        inode.lock.writeLock().lock();
        try {
            boolean writable = kind == Kind.WRITABLE;
            if (writable) {
                fs.files().allocate(inode, fileOffset, length, AllocateMode.WRITTEN);
            }
            pages.space.pins().pin(firstBlock, blocks, writable);
            pages.space.pins().addHolder(this);
            if (writable) {
                pages.space.markWritten(firstBlock * Limits.BLOCK_BYTES,
                        blocks * Limits.BLOCK_BYTES);
                fs.files().touchModified(inode);
                inode.tailDirty = true;
                fs.inodes().retain(inode);
            }
            if (kind != Kind.PRIVATE) {
                pages.space.vmas().addView(this);
            }
            fs.mappings().began(this);
        } finally {
            inode.lock.writeLock().unlock();
        }
    }

    /**
     * Shows the file at addresses of the caller, from the one that stands for the start of the
     * first block of the range on.
     *
     * @throws HoldfastException NO_MEMORY when the system allows no more pieces; the addresses then
     *     show zeroes or the file, in parts
     */
    public synchronized void lay(long atAddress) throws IOException {
        AddressWindow made =
                fs.device().windowOver(atAddress, blocks * Limits.BLOCK_BYTES);
        boolean isPrivate = kind == Kind.PRIVATE;
        List<Extent> shown;
        synchronized (inode.extents) {
            shown = inode.extents.within(firstBlock, firstBlock + blocks).stream()
                    .filter(Extent::written).toList();
        }
        long[] laid = new long[shown.size() * STRIDE];
        int at = 0;
        long next = firstBlock;
        for (Extent extent : joined(shown)) {
            hole(made, next, extent.fileBlock(), isPrivate);
            long windowOffset = (extent.fileBlock() - firstBlock) * Limits.BLOCK_BYTES;
            long deviceOffset = extent.deviceBlock() * Limits.BLOCK_BYTES;
            long length = extent.count() * Limits.BLOCK_BYTES;
            if (isPrivate) {
                made.layPrivate(windowOffset, deviceOffset, length);
            } else {
                made.layDevice(windowOffset, deviceOffset, length);
            }
            laid[at++] = extent.fileBlock();
            laid[at++] = extent.deviceBlock();
            laid[at++] = extent.count();
            next = extent.fileEnd();
        }
        hole(made, next, firstBlock + blocks, isPrivate);
        if (sync && kind == Kind.WRITABLE) {
            made.expectSmallPersists();
        }
        extents = Arrays.copyOf(laid, at);
        address = atAddress;
        window = made;
    }

    /** Joins extents that meet on both sides; the kernel then has fewer pieces to keep. */
    private static List<Extent> joined(List<Extent> extents) {
        List<Extent> result = new ArrayList<>();
        for (Extent extent : extents) {
            Extent last = result.isEmpty() ? null : result.getLast();
            if (last != null && last.fileEnd() == extent.fileBlock()
                    && last.deviceBlock() + last.count() == extent.deviceBlock()) {
                result.set(result.size() - 1, new Extent(last.fileBlock(), last.deviceBlock(),
                        last.count() + extent.count(), true));
            } else {
                result.add(extent);
            }
        }
        return result;
    }

    private void hole(AddressWindow into, long from, long to, boolean isPrivate)
            throws IOException {
        if (from == to) {
            return;
        }
        long windowOffset = (from - firstBlock) * Limits.BLOCK_BYTES;
        long length = (to - from) * Limits.BLOCK_BYTES;
        if (isPrivate) {
            into.layPrivateHole(windowOffset, length);
        } else {
            into.layHole(windowOffset, length);
        }
    }

    @Override
    public synchronized void relay(long filePage, long deviceOffset, long count)
            throws IOException {
        long from = Math.max(filePage, firstBlock);
        long to = Math.min(filePage + count, firstBlock + blocks);
        // What is writable has had its blocks, and shows them, since it was laid.
        if (window == null || stopped || kind == Kind.WRITABLE || from >= to) {
            return;
        }
        window.layDevice((from - firstBlock) * Limits.BLOCK_BYTES,
                deviceOffset + (from - filePage) * Limits.BLOCK_BYTES,
                (to - from) * Limits.BLOCK_BYTES);
    }

    /**
     * Makes the stores to a range of the addresses durable.
     *
     * @throws HoldfastException INVALID unless the mapping is writable; SHUT_DOWN after a failed
     *     write-back
     */
    public void persist(long atAddress, long length) throws IOException {
        if (kind != Kind.WRITABLE) {
            throw new HoldfastException(ErrorCode.INVALID, inode + ": memory that is "
                    + kind.name().toLowerCase(Locale.ROOT) + " has nothing to persist");
        }
        if (atAddress < address || length < 0
                || length > address + lengthBytes() - atAddress) {
            throw new IndexOutOfBoundsException(length + " bytes at address " + atAddress
                    + " are not inside a mapping of " + lengthBytes() + " bytes");
        }
        long at = firstBlock * Limits.BLOCK_BYTES + (atAddress - address);
        long end = at + length;
        for (int i = extentOf(at / Limits.BLOCK_BYTES); at < end; i += STRIDE) {
            long extentEnd = (extents[i] + extents[i + 2]) * Limits.BLOCK_BYTES;
            long part = Math.min(end, extentEnd) - at;
            long device = extents[i + 1] * Limits.BLOCK_BYTES
                    + (at - extents[i] * Limits.BLOCK_BYTES);
            if (fs.device().medium().granularity() == Medium.Granularity.PAGE) {
                fs.mappings().groupPersist().persist(device, part);
            } else {
                fs.persist(device, part);
            }
            at += part;
        }
    }

    private int extentOf(long block) {
        int low = 0;
        int high = extents.length / STRIDE - 1;
        while (low < high) {
            int middle = low + high + 1 >>> 1;
            if (extents[middle * STRIDE] <= block) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low * STRIDE;
    }

    @Override
    public boolean holds(long filePage) {
        return filePage >= firstBlock && filePage < firstBlock + blocks;
    }

    @Override
    public String describe(long filePage) {
        return "pages " + firstBlock + " to " + (firstBlock + blocks - 1) + ", held by a "
                + kind.name().toLowerCase(Locale.ROOT) + " mapping of FileChannel.map";
    }

    /** Tells whether stores to an address reach the file. */
    synchronized boolean isWritableAt(long atAddress) {
        return kind == Kind.WRITABLE && window != null && !stopped && atAddress >= address
                && atAddress < address + lengthBytes();
    }

    /** Returns the length in bytes, whole blocks. */
    public long lengthBytes() {
        return blocks * Limits.BLOCK_BYTES;
    }

    /** Returns the number of pieces that were laid. */
    public int pieces() {
        return extents.length / STRIDE;
    }

    /** Returns the file. */
    public Inode inode() {
        return inode;
    }

    /** Lays nothing more: the addresses are about to be unmapped. Idempotent. */
    public synchronized void stop() {
        if (!stopped) {
            stopped = true;
            if (window != null) {
                window.close();
            }
        }
    }

    /** Gives pins and hold back; nothing accesses the addresses any more. Idempotent. */
    public void release() {
        synchronized (this) {
            if (released) {
                return;
            }
            released = true;
        }
        stop();
        pages.space.vmas().removeView(this);
        pages.space.pins().removeHolder(this);
        pages.space.pins().unpin(firstBlock, blocks, kind == Kind.WRITABLE);
        fs.mappings().ended(this);
        fs.release(inode);
    }
}
