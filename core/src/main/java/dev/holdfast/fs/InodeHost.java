package dev.holdfast.fs;

import dev.holdfast.alloc.Request;
import dev.holdfast.alloc.Run;
import dev.holdfast.dax.DaxHost;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.iomap.Iomap;
import dev.holdfast.iomap.Iomap.Type;
import dev.holdfast.mutant.Mutant;
import java.io.IOException;

/**
 * One file's answers to the DAX layer: where a range lives, and how its metadata becomes durable.
 *
 * <p>Lock: the monitor of the inode's extent map, below the entry lock, above allocator and log (H6).
 *
 * <p>Durability: a MAP or CONVERT record is appended only after the zeroes of its blocks are durable (S9).
 */
final class InodeHost implements DaxHost {
    /** The most blocks allocated by one record for a write; a fault asks for one, or 512. */
    private static final long MAX_ALLOCATION = 1L << 15;

    private final FileSystem fs;
    private final Inode inode;
    private final Reservation reservation = new Reservation();
    private volatile String name;

    /** Request and answer of the allocator; one a thread, so that a fault makes no garbage. */
    private static final class Scratch {
        private final Request request = new Request();
        private final Run run = new Run();
    }

    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    InodeHost(FileSystem fs, Inode inode) {
        this.fs = fs;
        this.inode = inode;
    }

    Reservation reservation() {
        return reservation;
    }

    @Override
    public long sizeBytes() {
        return inode.sizeBytes();
    }

    @Override
    public String fileName() {
        return name == null ? inode.toString() : name;
    }

    /** Remembers the name by which the file was last opened, for messages. */
    void setFileName(String fileName) {
        this.name = fileName;
    }

    @Override
    public void fdatasync(long offset, long length) throws IOException {
        fs.journal().commit(inode.dataLsn());
    }

    @Override
    public void writebackFailed(IOException cause) {
        fs.shutDown(cause);
    }

    @Override
    public void begin(long offset, long length, int flags, Iomap iomap) throws IOException {
        if (offset < 0 || length <= 0 || offset > Limits.FILE_MAX_BYTES - length) {
            throw new HoldfastException(ErrorCode.TOO_LARGE, fileName() + ": " + length
                    + " bytes at offset " + offset + " pass the largest file, "
                    + Limits.FILE_MAX_BYTES + " bytes");
        }
        long from = offset / Limits.BLOCK_BYTES;
        long to = blocksToHold(offset + length);
        synchronized (inode.extents) {
            boolean isNew = (flags & WRITE) != 0 && makeWritable(from, to, flags);
            answer(from, to, iomap);
            iomap.flags = (isNew ? Iomap.NEW : 0) | (isDirty(offset + length) ? Iomap.DIRTY : 0);
        }
    }

    static long blocksToHold(long bytes) {
        return (bytes + Limits.BLOCK_BYTES - 1) / Limits.BLOCK_BYTES;
    }

    /** D1, D3, D5: not yet durable, or the size will have to change. */
    private boolean isDirty(long end) {
        return inode.dataLsn() > fs.journal().durableLsn()
                || end > inode.sizeBytes() && !fs.mutants().on(Mutant.DIRTY_FORGOTTEN_PAST_EOF);
    }

    private void answer(long from, long to, Iomap iomap) {
        ExtentMap extents = inode.extents;
        int index = extents.firstEndingAfter(from);
        boolean hole = index == extents.size() || extents.fileBlock(index) > from;
        if (hole) {
            long next = index == extents.size() ? Long.MAX_VALUE : extents.fileBlock(index);
            fill(iomap, Type.HOLE, from, Math.max(to, from + 1), next, Iomap.NO_ADDRESS);
        } else {
            Type type = extents.written(index) ? Type.MAPPED : Type.UNWRITTEN;
            fill(iomap, type, extents.fileBlock(index), extents.fileEnd(index), Long.MAX_VALUE,
                    extents.deviceBlock(index) * Limits.BLOCK_BYTES);
        }
    }

    private static void fill(Iomap iomap, Type type, long from, long to, long limit, long device) {
        iomap.set(type, from * Limits.BLOCK_BYTES,
                (Math.min(to, limit) - from) * Limits.BLOCK_BYTES, device, 0);
    }

    /** Allocates or converts what {@code from} needs; tells whether anything changed. */
    private boolean makeWritable(long from, long to, int flags) throws IOException {
        ExtentMap extents = inode.extents;
        int index = extents.firstEndingAfter(from);
        boolean hole = index == extents.size() || extents.fileBlock(index) > from;
        if (hole) {
            long next = index == extents.size() ? Long.MAX_VALUE : extents.fileBlock(index);
            return (flags & HUGE) != 0 ? to <= next && allocateHuge(from)
                    : allocate(from, Math.min(Math.min(to, next), from + MAX_ALLOCATION));
        }
        if (extents.written(index)) {
            return false;
        }
        long end = Math.min(to, extents.fileEnd(index));
        if ((flags & HUGE) != 0 && end < to) {
            return false;
        }
        convert(from, end, extents.deviceBlock(index) + from - extents.fileBlock(index));
        return true;
    }

    private boolean allocateHuge(long from) throws IOException {
        Scratch scratch = SCRATCH.get();
        boolean reserved = reservation.covers(Limits.HUGE_BLOCKS);
        Request request = scratch.request.reset().huge().stream(inode.ino)
                .fromReservation(reserved);
        if (!fs.space().allocator().allocate(request, scratch.run)) {
            return false;
        }
        mapRun(from, scratch.run, reserved);
        return true;
    }

    private boolean allocate(long from, long to) throws IOException {
        Scratch scratch = SCRATCH.get();
        boolean reserved = reservation.covers(to - from);
        int before = inode.extents.floor(from);
        boolean continues = before >= 0 && inode.extents.fileEnd(before) == from;
        Request request = scratch.request.reset()
                .count(1, to - from)
                .colour((int) (from % Limits.HUGE_BLOCKS))
                .stream(inode.ino)
                .fromReservation(reserved);
        if (continues) {
            request.goal(inode.extents.deviceBlock(before) + inode.extents.count(before));
        }
        fs.space().allocate(request, scratch.run, fileName());
        mapRun(from, scratch.run, reserved);
        return true;
    }

    private void mapRun(long from, Run run, boolean reserved) throws IOException {
        long lsn;
        try {
            if (!fs.mutants().on(Mutant.ZEROES_NOT_DURABLE)) {
                fs.space().ensureZero(run);
            }
            lsn = fs.journal().append(
                    fs.journal().begin().map(inode.ino, from, run.block, run.count, true));
        } catch (IOException | RuntimeException e) {
            fs.space().allocator().giveBack(run, reserved);
            throw e;
        }
        if (reserved) {
            reservation.use(run.count);
        }
        inode.extents.map(from, run.block, run.count, true);
        addBlocks(run.count);
        inode.dataChangedAt(lsn);
        fs.inodes().retain(inode);
    }

    private void convert(long from, long to, long deviceBlock) throws IOException {
        if (!fs.mutants().on(Mutant.ZEROES_NOT_DURABLE)) {
            fs.space().zeroAndPersist(deviceBlock, to - from);
        }
        long lsn = fs.journal().append(
                fs.journal().begin().convert(inode.ino, from, to - from, 1));
        inode.extents.convert(from, to);
        if (fs.mutants().on(Mutant.DIRTY_FORGOTTEN_UNWRITTEN)) {
            inode.changedAt(lsn);
        } else {
            inode.dataChangedAt(lsn);
        }
        fs.inodes().retain(inode);
    }

    void addBlocks(long count) {
        synchronized (inode.attributes) {
            inode.attributes.blocks += count;
        }
    }
}
