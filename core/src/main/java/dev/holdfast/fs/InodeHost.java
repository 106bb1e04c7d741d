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
 * <p>Lock: the monitor of the inode's extent map, below the entry lock, above allocator and log
 * (H6).
 *
 * <p>Durability: a MAP or CONVERT record is appended only after the zeroes of its blocks are
 * durable (S9).
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
            if ((flags & BOUND) != 0) {
                bind(from, to, flags, iomap);
            }
            iomap.flags |= (isNew ? Iomap.NEW : 0) | (isDirty(offset + length) ? Iomap.DIRTY : 0);
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

    /** Answers with the bound blocks where there is no data. */
    private void bind(long from, long to, int flags, Iomap iomap) throws IOException {
        Bindings bindings = inode.bindings;
        boolean huge = (flags & HUGE) != 0;
        if (iomap.end() >= to * Limits.BLOCK_BYTES && iomap.type == Type.MAPPED
                || huge && (flags & WRITE) != 0) {
            return;
        }
        if (huge) {
            bindHuge(bindings, from, to, iomap);
        } else if (iomap.type == Type.UNWRITTEN) {
            long end = Math.min(to, iomap.end() / Limits.BLOCK_BYTES);
            set(iomap, Type.UNWRITTEN, from, end, bindings.deviceBlockOf(from), Iomap.RESERVED);
            fs.device().zero(iomap.deviceOffset, iomap.length);
        } else if (iomap.type == Type.HOLE) {
            int run = bindings.reserved().firstEndingAfter(from);
            if (bindings.reserved().covers(run, from)) {
                long end = Math.min(to, bindings.reserved().fileEnd(run));
                bindings.ensureZero(from, end - from);
                set(iomap, Type.HOLE, from, end, bindings.deviceBlockOf(from), Iomap.RESERVED);
            }
        }
    }

    /**
     * A huge page of which the file has no part can be loaded from like a hole. One that it has in
     * part can be mapped where nothing smaller can: it counts as data, with the rest zeroed.
     */
    private void bindHuge(Bindings bindings, long from, long to, Iomap iomap) throws IOException {
        boolean anyWritten = false;
        long block = bindings.deviceBlockOf(from);
        for (long at = from; at < to; ) {
            long end = Math.min(to, bindings.boundEnd(at));
            if (end == at || bindings.deviceBlockOf(at) != block + at - from) {
                return;
            }
            anyWritten |= inode.extents.writtenBlock(at) >= 0;
            at = end;
        }
        if (anyWritten && fs.device().medium().mappingUnitBytes() == Limits.BLOCK_BYTES) {
            return;
        }
        for (long at = from; at < to; ) {
            long end = Math.min(to, bindings.boundEnd(at));
            if (bindings.reserved().deviceBlockOf(at) >= 0) {
                bindings.ensureZero(at, end - at);
            } else if (inode.extents.writtenBlock(at) < 0) {
                fs.device().zero(bindings.deviceBlockOf(at) * Limits.BLOCK_BYTES,
                        (end - at) * Limits.BLOCK_BYTES);
            }
            at = end;
        }
        set(iomap, anyWritten ? Type.MAPPED : Type.HOLE, from, to, block,
                anyWritten ? 0 : Iomap.RESERVED);
    }

    private static void set(Iomap iomap, Type type, long from, long to, long block, int flags) {
        iomap.set(type, from * Limits.BLOCK_BYTES, (to - from) * Limits.BLOCK_BYTES,
                block * Limits.BLOCK_BYTES, flags);
    }

    private static void fill(Iomap iomap, Type type, long from, long to, long limit, long device) {
        iomap.set(type, from * Limits.BLOCK_BYTES,
                (Math.min(to, limit) - from) * Limits.BLOCK_BYTES, device, 0);
    }

    /** Allocates or converts what {@code from} needs; tells whether anything changed. */
    private boolean makeWritable(long from, long to, int flags) throws IOException {
        if ((flags & (HUGE | BOUND)) == (HUGE | BOUND)
                && fs.device().medium().mappingUnitBytes() > Limits.BLOCK_BYTES) {
            return makeUnitWritable(from, to);
        }
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

    /** Where nothing smaller can be mapped, the holes of a huge page are filled all at once. */
    private boolean makeUnitWritable(long from, long to) throws IOException {
        boolean changed = false;
        for (long at = from; at < to; at = inode.extents.fileEnd(inode.extents.floor(at))) {
            changed |= makeWritable(at, to, 0);
        }
        return changed;
    }

    private boolean allocateHuge(long from) throws IOException {
        if (inode.bindings != null
                && inode.bindings.reserved().next(from) < from + Limits.HUGE_BLOCKS) {
            return mapReservedHuge(inode.bindings.reserved(), from);
        }
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

    private boolean mapReservedHuge(ReservedRuns reserved, long from) throws IOException {
        int run = reserved.firstEndingAfter(from);
        if (!reserved.covers(run, from) || reserved.fileEnd(run) < from + Limits.HUGE_BLOCKS
                || reserved.deviceBlockOf(from) % Limits.HUGE_BLOCKS != 0) {
            return false;
        }
        mapReserved(from, Limits.HUGE_BLOCKS);
        return true;
    }

    /** Fills a hole with the blocks that are reserved for it, which lie in one run. */
    private void mapReserved(long from, long count) throws IOException {
        Bindings bindings = inode.bindings;
        if (!fs.mutants().on(Mutant.ZEROES_NOT_DURABLE)) {
            bindings.ensureZero(from, count);
        }
        long block = bindings.deviceBlockOf(from);
        long lsn = fs.journal().append(
                fs.journal().begin().map(inode.ino, from, block, count, true));
        bindings.reserved().remove(from, count);
        mapped(from, block, count, true, lsn);
    }

    private boolean allocate(long from, long limit) throws IOException {
        long to = limit;
        if (inode.bindings != null) {
            ReservedRuns reserved = inode.bindings.reserved();
            int run = reserved.firstEndingAfter(from);
            if (reserved.covers(run, from)) {
                mapReserved(from, Math.min(limit, reserved.fileEnd(run)) - from);
                return true;
            }
            to = Math.min(limit, reserved.next(from));
        }
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
        mapped(from, run.block, run.count, true, lsn);
    }

    /** Applies to the heap that the record at {@code lsn} gave a hole blocks. */
    private void mapped(long from, long block, long count, boolean written, long lsn)
            throws IOException {
        inode.extents.map(from, block, count, written);
        addBlocks(count);
        inode.dataChangedAt(lsn);
        fs.inodes().retain(inode);
    }

    /**
     * Gives the start of a hole unwritten blocks, in one run; returns how many. The extent map is
     * locked.
     *
     * @param wanted how many at most; the hole is at least as long
     */
    long allocateUnwritten(long from, long wanted) throws IOException {
        long count = wanted;
        if (inode.bindings != null) {
            ReservedRuns reserved = inode.bindings.reserved();
            int run = reserved.firstEndingAfter(from);
            if (reserved.covers(run, from)) {
                count = Math.min(wanted, reserved.fileEnd(run) - from);
                long block = reserved.deviceBlockOf(from);
                long lsn = fs.journal().append(
                        fs.journal().begin().map(inode.ino, from, block, count, false));
                reserved.remove(from, count);
                mapped(from, block, count, false, lsn);
                return count;
            }
            count = Math.min(wanted, reserved.next(from) - from);
        }
        Request request = new Request().count(1, count)
                .colour((int) (from % Limits.HUGE_BLOCKS))
                .stream(inode.ino)
                .content(Request.Content.ANY);
        int before = inode.extents.floor(from);
        if (before >= 0 && inode.extents.fileEnd(before) == from) {
            request.goal(inode.extents.deviceBlock(before) + inode.extents.count(before));
        }
        Run run = new Run();
        fs.space().allocate(request, run, fileName());
        long lsn;
        try {
            lsn = fs.journal().append(
                    fs.journal().begin().map(inode.ino, from, run.block, run.count, false));
        } catch (IOException | RuntimeException e) {
            fs.space().allocator().giveBack(run, false);
            throw e;
        }
        mapped(from, run.block, run.count, false, lsn);
        return run.count;
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
