package dev.holdfast.fs;

import dev.holdfast.dax.DaxIo;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.AllocateMode;
import dev.holdfast.file.FileExtent;
import dev.holdfast.file.FileType;
import dev.holdfast.iomap.Iomap;
import dev.holdfast.iomap.IomapOps;
import dev.holdfast.mutant.Mutant;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The content of regular files: read, write, sizes, space, seek, sync. What frees blocks is in
 * {@link Truncation}.
 *
 * <p>Locks: the inode lock, shared to read and exclusive otherwise; the invalidate lock only where
 * blocks leave the file.
 */
public final class Files {
    private static final long RELATIME_NANOS = 24L * 3600 * 1_000_000_000;
    private static final long ALLOCATION_BLOCKS = 1L << 18;

    private final FileSystem fs;

    Files(FileSystem fs) {
        this.fs = fs;
    }

    /** Holds a file for a handle, and remembers the path for messages. */
    public void open(Inode inode, String path) throws IOException {
        requireFile(inode);
        fs.hold(inode);
        fs.pages(inode).host.setFileName(path);
    }

    /** Reads up to the end of the file; returns the bytes read. */
    public long read(Inode inode, long offset, MemorySegment target) throws IOException {
        requireFile(inode);
        requireOffset(inode, offset, 0);
        inode.lock.readLock().lock();
        try {
            touchAccess(inode);
            return fs.pages(inode).io.read(offset, target);
        } finally {
            inode.lock.readLock().unlock();
        }
    }

    /**
     * Shows a reader where the bytes of a range lie; their blocks stay in the file, and nobody
     * writes to it, until {@link DaxIo.RunReader#finish} returns. Returns the bytes shown. Who
     * reads without leaving a trace calls {@link #touchAccess} not before.
     */
    public long readInPlace(Inode inode, long offset, long length, DaxIo.RunReader reader)
            throws IOException {
        requireFile(inode);
        requireOffset(inode, offset, 0);
        inode.lock.readLock().lock();
        try {
            return fs.pages(inode).io.readInPlace(offset, length, reader);
        } finally {
            inode.lock.readLock().unlock();
        }
    }

    /** Notes a read, as a relatime mount: once after each change, and once a day. */
    public void touchAccess(Inode inode) {
        // Without the monitor: a change that this misses is noted by the next read.
        if (isAccessNoted(inode)) {
            return;
        }
        long now = fs.now();
        Attributes attributes = inode.attributes;
        synchronized (attributes) {
            if (isAccessNoted(attributes, now)) {
                return;
            }
            attributes.atime = now;
        }
        timesChanged(inode);
    }

    /** Tells whether {@link #touchAccess} would leave the time of the last read as it is. */
    public boolean isAccessNoted(Inode inode) {
        return fs.isReadOnly() || isAccessNoted(inode.attributes, fs.now());
    }

    private static boolean isAccessNoted(Attributes attributes, long now) {
        long atime = attributes.atime;
        return atime > attributes.mtime && atime > attributes.ctime
                && now - atime < RELATIME_NANOS;
    }

    /** Notes that times changed in the heap; the next sync of the inode logs them. */
    void timesChanged(Inode inode) {
        if (!inode.timesDirty()) {
            inode.setTimesDirty(true);
            fs.inodes().retain(inode);
        }
    }

    /** Writes all of {@code source} at the end of the file, or nothing; returns where it begins. */
    public long append(Inode inode, MemorySegment source) throws IOException {
        inode.lock.writeLock().lock();
        try {
            long at = inode.sizeBytes();
            long written = write(inode, at, source);
            if (written < source.byteSize()) {
                fs.truncation().setSize(inode, at);
                throw new HoldfastException(ErrorCode.NO_SPACE, inode + ": space for " + written
                        + " of " + source.byteSize() + " bytes to append; nothing was appended");
            }
            return at;
        } finally {
            inode.lock.writeLock().unlock();
        }
    }

    /**
     * Writes at offset {@code at}.
     *
     * @return the bytes written: fewer than asked when space ran out after a part
     */
    public long write(Inode inode, long at, MemorySegment source) throws IOException {
        requireFile(inode);
        fs.requireWritable();
        inode.lock.writeLock().lock();
        try {
            requireNotDeleted(inode);
            requireOffset(inode, at, source.byteSize());
            if (source.byteSize() == 0) {
                return 0;
            }
            FilePages pages = fs.pages(inode);
            if (source.byteSize() > inode.sizeBytes() - at) {
                // Also what this write will cover: its bytes may be lost and the new size not.
                zeroTail(inode);
            }
            long end = writeLocked(inode, pages, at, source);
            if (fs.isAlwaysDurable()) {
                pages.writeback.writeback(at, end - at);
                fs.journal().commit(inode.dataLsn());
            }
            fs.requestWork();
            return end - at;
        } finally {
            inode.lock.writeLock().unlock();
        }
    }

    /** Writes and logs the new size or times; returns the end of what was written. */
    private long writeLocked(Inode inode, FilePages pages, long at, MemorySegment source)
            throws IOException {
        boolean done = false;
        try {
            long end = at + pages.io.write(at, source);
            fs.inodes().retain(inode);
            if (end > inode.sizeBytes()) {
                logSize(inode, end);
            } else {
                touchModified(inode);
            }
            done = true;
            return end;
        } finally {
            if (!done) {
                inode.tailDirty = true;
            }
        }
    }

    void touchModified(Inode inode) {
        inode.contentChanged();
        long now = fs.now();
        synchronized (inode.attributes) {
            inode.attributes.mtime = now;
            inode.attributes.ctime = now;
        }
        timesChanged(inode);
    }

    /**
     * Zeroes, durably, from the end of the file to the end of its last block (Z2), which is further
     * away where a write that a crash or lack of space cut short left blocks. Inode lock exclusive.
     */
    void zeroTail(Inode inode) throws IOException {
        if (inode.tailDirty && !fs.mutants().on(Mutant.TAIL_NOT_ZEROED)) {
            long size = inode.sizeBytes();
            long end = inode.allocatedEnd();
            if (end > size) {
                fs.stopOnFailure(() -> fs.pages(inode).zero.zeroRange(size, end - size));
            }
            inode.tailDirty = !fs.pages(inode).space.vmas().isEmpty();
        }
    }

    /** Logs a new size with its times and applies it. Inode lock exclusive. */
    void logSize(Inode inode, long size) throws IOException {
        Attributes after = new Attributes();
        after.size = size;
        after.mtime = fs.now();
        after.ctime = after.mtime;
        long lsn = fs.journal().append(fs.journal().begin().attributes(inode.ino,
                Attributes.SIZE | Attributes.MTIME | Attributes.CTIME, after));
        applySize(inode, after, lsn);
        fs.served().grown(inode);
    }

    /** Applies a size; the inode is dirty before a fault can see the size (D3, D7). */
    void applySize(Inode inode, Attributes after, long lsn) {
        inode.dataChangedAt(lsn);
        inode.contentChanged();
        synchronized (inode.attributes) {
            inode.setSize(after.size);
            inode.attributes.mtime = after.mtime;
            inode.attributes.ctime = after.ctime;
        }
        fs.inodes().retain(inode);
    }

    /** Gives a range blocks. Nothing is allocated when not all of it can be. */
    public void allocate(Inode inode, long offset, long length, AllocateMode how)
            throws IOException {
        requireFile(inode);
        fs.requireWritable();
        requireOffset(inode, offset, length);
        if (length == 0) {
            throw new HoldfastException(ErrorCode.INVALID, inode + ": an empty range to allocate");
        }
        inode.lock.writeLock().lock();
        try {
            requireNotDeleted(inode);
            long end = offset + length;
            long from = offset / Limits.BLOCK_BYTES;
            long to = InodeHost.blocksToHold(end);
            requireSpace(inode, from, to);
            boolean grows = how != AllocateMode.UNWRITTEN_KEEP_SIZE && end > inode.sizeBytes();
            if (grows) {
                zeroTail(inode);
            }
            if (how == AllocateMode.WRITTEN) {
                writeZeroes(inode, from, to);
            } else {
                allocateUnwritten(inode, from, to);
            }
            if (grows) {
                logSize(inode, end);
            } else {
                touchModified(inode);
            }
            fs.settle(inode.dataLsn());
        } finally {
            inode.lock.writeLock().unlock();
        }
    }

    private void requireSpace(Inode inode, long from, long to) throws HoldfastException {
        long needed = holes(inode, from, to) - reserved(inode, from, to);
        long available = fs.space().allocator().availableBlocks()
                + fs.space().allocator().pendingFreeBlocks();
        if (needed > available) {
            throw new HoldfastException(ErrorCode.NO_SPACE, inode + ": " + needed
                    + " more blocks are needed and " + available + " are available");
        }
    }

    /** Returns how many holes of a range have a block reserved for them. */
    private static long reserved(Inode inode, long from, long to) {
        synchronized (inode.extents) {
            return inode.bindings == null ? 0 : inode.bindings.reserved().countWithin(from, to);
        }
    }

    /** Returns how many blocks of a range the file does not have. */
    static long holes(Inode inode, long from, long to) {
        synchronized (inode.extents) {
            long mapped = 0;
            for (Extent extent : inode.extents.within(from, to)) {
                mapped += extent.count();
            }
            return to - from - mapped;
        }
    }

    private void writeZeroes(Inode inode, long from, long to) throws IOException {
        Iomap iomap = new Iomap();
        FilePages pages = fs.pages(inode);
        for (long at = from * Limits.BLOCK_BYTES; at < to * Limits.BLOCK_BYTES; at = iomap.end()) {
            pages.host.begin(at, to * Limits.BLOCK_BYTES - at, IomapOps.WRITE, iomap);
            if (iomap.has(Iomap.NEW)) {
                pages.layout.showNewBlocks(at, iomap.end() - at, iomap.deviceOffsetOf(at));
            }
        }
    }

    private void allocateUnwritten(Inode inode, long from, long to) throws IOException {
        synchronized (inode.extents) {
            for (long at = from; at < to; ) {
                int index = inode.extents.firstEndingAfter(at);
                boolean more = index < inode.extents.size();
                long next = more ? inode.extents.fileBlock(index) : Long.MAX_VALUE;
                if (next <= at) {
                    at = inode.extents.fileEnd(index);
                } else {
                    at += fs.pages(inode).host.allocateUnwritten(at,
                            Math.min(Math.min(to, next) - at, ALLOCATION_BLOCKS));
                }
            }
        }
    }

    /** Returns the first byte at or after {@code offset} that has data, or that has none. */
    public long seek(Inode inode, long offset, boolean data) throws IOException {
        requireFile(inode);
        inode.lock.readLock().lock();
        try {
            long size = inode.sizeBytes();
            if (offset < 0 || offset >= size) {
                throw noData(inode, offset, data);
            }
            synchronized (inode.extents) {
                long at = data ? nextData(inode.extents, offset) : nextHole(inode.extents, offset);
                if (at >= size && data) {
                    throw noData(inode, offset, true);
                }
                return Math.min(at, size);
            }
        } finally {
            inode.lock.readLock().unlock();
        }
    }

    private static HoldfastException noData(Inode inode, long offset, boolean data) {
        return new HoldfastException(ErrorCode.NO_DATA, inode + ": no " + (data ? "data" : "hole")
                + " at or after offset " + offset);
    }

    private static long nextData(ExtentMap extents, long offset) {
        int index = extents.firstEndingAfter(offset / Limits.BLOCK_BYTES);
        while (index < extents.size() && !extents.written(index)) {
            index++;
        }
        return index == extents.size() ? Long.MAX_VALUE
                : Math.max(offset, extents.fileBlock(index) * Limits.BLOCK_BYTES);
    }

    private static long nextHole(ExtentMap extents, long offset) {
        long at = offset;
        for (int index = extents.firstEndingAfter(offset / Limits.BLOCK_BYTES);
                index < extents.size() && extents.written(index)
                        && extents.fileBlock(index) * Limits.BLOCK_BYTES <= at; index++) {
            at = extents.fileEnd(index) * Limits.BLOCK_BYTES;
        }
        return at;
    }

    /** Returns every extent of a file, in order. */
    public List<FileExtent> extents(Inode inode) {
        synchronized (inode.extents) {
            return inode.extents.all().stream().map(extent -> new FileExtent(
                    extent.fileBlock() * Limits.BLOCK_BYTES,
                    extent.deviceBlock() * Limits.BLOCK_BYTES,
                    extent.count() * Limits.BLOCK_BYTES, extent.written())).toList();
        }
    }

    /** Makes what was stored in a file durable; not its metadata. */
    void persistData(Inode inode) throws IOException {
        FilePages pages = inode.pages;
        if (pages != null) {
            pages.writeback.writeback(0, Limits.FILE_MAX_BYTES);
        }
    }

    /** fdatasync: data, and the metadata that finding it needs. Takes no inode lock (D5). */
    public void fdatasync(Inode inode) throws IOException {
        fs.requireAlive();
        persistData(inode);
        fs.journal().commit(inode.dataLsn());
    }

    /** fsync: data and all metadata. */
    public void fsync(Inode inode) throws IOException {
        fs.requireAlive();
        persistData(inode);
        logTimes(inode);
        fs.journal().commit(inode.changeLsn());
    }

    /** Logs times that so far changed in the heap only. */
    void logTimes(Inode inode) throws IOException {
        if (!inode.timesDirty()) {
            return;
        }
        inode.lock.writeLock().lock();
        try {
            if (inode.timesDirty() && !inode.deleted) {
                inode.setTimesDirty(false);
                Attributes now = new Attributes();
                synchronized (inode.attributes) {
                    now.atime = inode.attributes.atime;
                    now.mtime = inode.attributes.mtime;
                    now.ctime = inode.attributes.ctime;
                }
                inode.changedAt(fs.journal().append(fs.journal().begin().attributes(inode.ino,
                        Attributes.ATIME | Attributes.MTIME | Attributes.CTIME, now)));
                fs.inodes().retain(inode);
            }
        } finally {
            inode.lock.writeLock().unlock();
        }
    }

    static void requireFile(Inode inode) throws HoldfastException {
        if (inode.type == FileType.DIRECTORY) {
            throw new HoldfastException(ErrorCode.IS_A_DIRECTORY, inode + " is a directory");
        }
        if (inode.type != FileType.FILE) {
            throw new HoldfastException(ErrorCode.INVALID, inode + " is not a regular file");
        }
    }

    /** A change that lost the race with the last handle's close. The inode lock is held. */
    static void requireNotDeleted(Inode inode) throws HoldfastException {
        if (inode.deleted) {
            throw new HoldfastException(ErrorCode.NOT_FOUND, inode + " was removed meanwhile");
        }
    }

    static void requireOffset(Inode inode, long offset, long length) throws HoldfastException {
        if (offset < 0 || length < 0) {
            throw new HoldfastException(ErrorCode.INVALID, inode + ": a negative offset or length: "
                    + offset + ", " + length);
        }
        if (length > Limits.FILE_MAX_BYTES || offset > Limits.FILE_MAX_BYTES - length) {
            throw new HoldfastException(ErrorCode.TOO_LARGE, inode + ": " + length
                    + " bytes at offset " + offset + " pass the largest file, "
                    + Limits.FILE_MAX_BYTES + " bytes");
        }
    }
}
