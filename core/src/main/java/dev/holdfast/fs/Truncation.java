package dev.holdfast.fs;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.AllocateMode;
import dev.holdfast.mutant.Mutant;
import java.io.IOException;
import java.util.List;

/**
 * Changes of size, and holes. Each is one record when few extents go, and otherwise a record with
 * the visible change and an orphan range, which is then freed in bounded records; a crash in
 * between is finished by the next mount.
 *
 * <p>Locks: inode lock exclusive, then invalidate lock exclusive while blocks leave the file (Z3).
 */
public final class Truncation {
    private final FileSystem fs;

    Truncation(FileSystem fs) {
        this.fs = fs;
    }

    /** Sets the size of a file. */
    public void setSize(Inode inode, long size) throws IOException {
        Files.requireFile(inode);
        fs.requireWritable();
        Files.requireOffset(inode, size, 0);
        inode.lock.writeLock().lock();
        try {
            Files.requireNotDeleted(inode);
            if (size >= inode.sizeBytes()) {
                if (size > inode.sizeBytes()) {
                    fs.files().zeroTail(inode);
                }
                fs.files().logSize(inode, size);
            } else {
                shrink(inode, size);
            }
            fs.settle(inode.dataLsn());
        } finally {
            inode.lock.writeLock().unlock();
        }
    }

    /** Makes a file at least so long. */
    public void grow(Inode inode, long size) throws IOException {
        inode.lock.writeLock().lock();
        try {
            if (size > inode.sizeBytes()) {
                setSize(inode, size);
            }
        } finally {
            inode.lock.writeLock().unlock();
        }
    }

    private void shrink(Inode inode, long size) throws IOException {
        FilePages pages = fs.pages(inode);
        long stamp = inode.invalidate.writeLock();
        try {
            pages.layout.breakLayouts(size, Limits.FILE_MAX_BYTES - size);
            pages.layout.truncatePages(size);
            Attributes after = new Attributes();
            after.size = size;
            after.mtime = fs.now();
            after.ctime = after.mtime;
            Change change = fs.journal().begin().freeing().attributes(inode.ino,
                    Attributes.SIZE | Attributes.MTIME | Attributes.CTIME, after);
            long from = InodeHost.blocksToHold(size);
            boolean hasTail = size % Limits.BLOCK_BYTES != 0;
            Release release = new Release(inode, from, Long.MAX_VALUE >>> 1, change);
            long lsn = hasTail ? fs.journal().appendWithAfterWork(change)
                    : fs.journal().append(change);
            try {
                fs.files().applySize(inode, after, lsn);
                release.applied(lsn);
                if (hasTail) {
                    // The size first: a crash before may bring back the old one, with its bytes.
                    if (!fs.mutants().on(Mutant.TAIL_ZEROED_EARLY)) {
                        fs.journal().commit(lsn);
                    }
                    fs.stopOnFailure(() -> pages.zero.zeroTail(size));
                }
            } finally {
                if (hasTail) {
                    fs.journal().afterWorkDone();
                }
            }
            release.finish();
            takeBack(inode, from, Long.MAX_VALUE);
        } finally {
            inode.invalidate.unlockWrite(stamp);
        }
    }

    /**
     * Takes pages that have left the file out of the page tables of other processes. Unmapping may
     * destroy what the blocks hold, so the records by which they left are made durable first. The
     * invalidate lock is held exclusively.
     */
    void takeBack(Inode inode, long from, long to) throws IOException {
        Bindings bindings = inode.bindings;
        if (bindings == null) {
            return;
        }
        fs.journal().commit(inode.dataLsn());
        long unit = fs.device().medium().mappingUnitBytes() / Limits.BLOCK_BYTES;
        synchronized (inode.extents) {
            for (BlockRun run : bindings.reservedWithin(from, to)) {
                // Where the hardware maps units, one that stays in part is zeroed in place.
                long end = run.filePage() + run.pages();
                long first = Math.min(end, (run.filePage() + unit - 1) / unit * unit);
                long last = Math.max(first, end / unit * unit);
                zeroReserved(bindings, run.filePage(), first);
                if (first < last) {
                    fs.pages(inode).space.vmas().takeBack(
                            first, run.deviceBlock() + first - run.filePage(), last - first);
                }
                zeroReserved(bindings, last, end);
            }
        }
    }

    private void zeroReserved(Bindings bindings, long from, long to) throws IOException {
        if (from < to) {
            fs.stopOnFailure(() -> bindings.ensureZero(from, to - from));
        }
    }

    /** Unmaps what is reserved under a mapping that was made by an earlier mount. */
    void takeBackAll(ServedMapping mapping) throws IOException {
        Inode inode = mapping.inode();
        inode.lock.writeLock().lock();
        try {
            long stamp = inode.invalidate.writeLock();
            try {
                takeBack(inode, mapping.vma().firstPage(), mapping.vma().endPage());
            } finally {
                inode.invalidate.unlockWrite(stamp);
            }
        } finally {
            inode.lock.writeLock().unlock();
        }
    }

    /** Makes a range a hole: whole blocks are freed, partial ones zeroed. Keeps the size. */
    public void punch(Inode inode, long offset, long length) throws IOException {
        Files.requireFile(inode);
        fs.requireWritable();
        requireRange(inode, offset, length);
        inode.lock.writeLock().lock();
        try {
            Files.requireNotDeleted(inode);
            punchLocked(inode, offset, Math.min(length, Limits.FILE_MAX_BYTES - offset));
            fs.files().touchModified(inode);
            fs.settle(inode.dataLsn());
        } finally {
            inode.lock.writeLock().unlock();
        }
    }

    /** Makes a range read as zero and keeps, or gives it, blocks. */
    public void zeroRange(Inode inode, long offset, long length, boolean keepSize)
            throws IOException {
        Files.requireFile(inode);
        fs.requireWritable();
        requireRange(inode, offset, length);
        Files.requireOffset(inode, offset, length);
        inode.lock.writeLock().lock();
        try {
            Files.requireNotDeleted(inode);
            fs.stopOnFailure(() -> fs.pages(inode).zero.zeroRange(offset, length));
            fs.files().allocate(inode, offset, length, keepSize
                    ? AllocateMode.UNWRITTEN_KEEP_SIZE : AllocateMode.UNWRITTEN);
            fs.files().touchModified(inode);
            fs.settle(inode.dataLsn());
        } finally {
            inode.lock.writeLock().unlock();
        }
    }

    private static void requireRange(Inode inode, long offset, long length)
            throws HoldfastException {
        if (offset < 0 || length <= 0) {
            throw new HoldfastException(ErrorCode.INVALID, inode + ": not a range: offset " + offset
                    + ", length " + length);
        }
    }

    private void punchLocked(Inode inode, long offset, long length) throws IOException {
        long end = Math.min(offset + length, Math.max(inode.sizeBytes(), inode.allocatedEnd()));
        if (end <= offset) {
            return;
        }
        FilePages pages = fs.pages(inode);
        long stamp = inode.invalidate.writeLock();
        try {
            pages.layout.breakLayouts(offset, end - offset);
            long from = InodeHost.blocksToHold(offset);
            long to = end / Limits.BLOCK_BYTES;
            zeroEdges(pages, offset, end, from, to);
            if (from < to) {
                pages.layout.deleteEntries(from * Limits.BLOCK_BYTES,
                        (to - from) * Limits.BLOCK_BYTES);
                Change change = fs.journal().begin().freeing();
                Release release = new Release(inode, from, to, change);
                if (!change.isEmpty()) {
                    release.applied(fs.journal().append(change));
                }
                release.finish();
                takeBack(inode, from, to);
            }
        } finally {
            inode.invalidate.unlockWrite(stamp);
        }
    }

    private void zeroEdges(FilePages pages, long offset, long end, long from, long to)
            throws IOException {
        if (from > to) {
            zero(pages, offset, end);
            return;
        }
        if (offset < from * Limits.BLOCK_BYTES) {
            zero(pages, offset, Math.min(end, from * Limits.BLOCK_BYTES));
        }
        if (end > to * Limits.BLOCK_BYTES) {
            zero(pages, to * Limits.BLOCK_BYTES, end);
        }
    }

    private void zero(FilePages pages, long from, long to) throws IOException {
        fs.stopOnFailure(() -> pages.zero.zeroRange(from, to - from));
    }

    /** The freeing of a range: in the change at hand if it is small, else as an orphan range. */
    private final class Release {
        private final Inode inode;
        private final long from;
        private final long to;
        private final boolean isSmall;

        Release(Inode inode, long from, long to, Change change) {
            this.inode = inode;
            this.from = from;
            this.to = to;
            int extents;
            synchronized (inode.extents) {
                extents = inode.extents.within(from, to).size();
            }
            isSmall = extents <= fs.journal().freedPerRecord();
            // An inode without a name is an orphan already, and goes as a whole.
            if (!isSmall && inode.attributes.links > 0) {
                change.orphan(new Orphan(inode.ino, Orphan.Kind.FREE_RANGE, from, to));
            } else if (isSmall && extents > 0) {
                change.unmap(inode.ino, from, to - from, extents);
            }
        }

        void applied(long lsn) throws IOException {
            if (isSmall) {
                synchronized (inode.extents) {
                    fs.orphans().unmapped(inode, from, to, lsn);
                }
            }
        }

        void finish() throws IOException {
            if (!isSmall) {
                fs.orphans().freeFrom(inode, from, to);
                if (inode.attributes.links > 0) {
                    inode.changedAt(fs.journal().append(
                            fs.journal().begin().freeing().removeOrphan(inode.ino)));
                }
            }
        }
    }
}
