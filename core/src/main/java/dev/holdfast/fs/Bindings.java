package dev.holdfast.fs;

import dev.holdfast.alloc.BlockAllocator;
import dev.holdfast.alloc.Request;
import dev.holdfast.alloc.Run;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which block each page of one file's served mappings is bound to: the file's own or, for a hole,
 * one reserved here. The binding of a page lasts as long as a mapping over it.
 *
 * <ol>
 * <li>{@link #reserve} gives every hole of a range a block, {@link #add} makes it last;
 * <li>whoever fills a hole takes the block that is reserved for it;
 * <li>blocks that leave the file come back here ({@link #returned}), not to free space;
 * <li>{@link #remove}: what no other mapping covers goes back to free space.
 * </ol>
 *
 * <p>Lock: the monitor of the inode's extent map, held by every caller. Durability: none of this is
 * logged; after a crash reserved blocks are what the log says, free.
 */
final class Bindings {
    private static final ServedMapping[] NONE = {};

    private final FileSystem fs;
    private final Inode inode;
    private final ReservedRuns reserved = new ReservedRuns();
    private ServedMapping[] mappings = NONE;

    Bindings(FileSystem fs, Inode inode) {
        this.fs = fs;
        this.inode = inode;
    }

    ReservedRuns reserved() {
        return reserved;
    }

    ServedMapping[] mappings() {
        return mappings;
    }

    void add(ServedMapping mapping) {
        mappings = Arrays.copyOf(mappings, mappings.length + 1);
        mappings[mappings.length - 1] = mapping;
    }

    /** Ends a mapping; the client can reach its pages no more. */
    void remove(ServedMapping mapping) {
        List<ServedMapping> left = new ArrayList<>(List.of(mappings));
        left.remove(mapping);
        mappings = left.toArray(NONE);
        release(mapping.vma().firstPage(), mapping.vma().endPage());
    }

    /**
     * Returns where the stretch of pages ends, from one on, that mappings cover; the page if none
     * does.
     */
    private long coveredEnd(long page) {
        long end = page;
        for (int i = 0; i < mappings.length; i++) {
            if (mappings[i].vma().contains(end)) {
                end = mappings[i].vma().endPage();
                i = -1;
            }
        }
        return end;
    }

    /** Returns the first page at or after one that a mapping covers, or {@code limit}. */
    private long nextCovered(long page, long limit) {
        long next = limit;
        for (ServedMapping mapping : mappings) {
            if (mapping.vma().endPage() > page) {
                next = Math.min(next, Math.max(page, mapping.vma().firstPage()));
            }
        }
        return next;
    }

    /** Gives every hole of a range a block, or none of them. */
    void reserve(long from, long to, long unitPages) throws IOException {
        long wanted = to - from - reserved.countWithin(from, to) - mapped(from, to);
        fs.space().commitIfShort(wanted);
        if (wanted > fs.space().allocator().availableBlocks()) {
            throw new HoldfastException(ErrorCode.NO_SPACE, fs.pages(inode).host.fileName()
                    + ": mapping it needs " + wanted
                    + " more blocks of 4096 bytes for its holes, and "
                    + fs.space().allocator().availableBlocks()
                    + " are available; free space, or map less");
        }
        boolean done = false;
        try {
            for (long at = from; at < to; ) {
                long bound = boundEnd(at);
                if (bound == at) {
                    bound = at + fill(at, Math.min(to, nextBound(at)), unitPages);
                }
                at = bound;
            }
            done = true;
        } finally {
            if (!done) {
                release(from, to);
            }
        }
    }

    /**
     * Binds the holes of a range to the blocks that a client maps already, taken from those
     * withheld from free space since the mount.
     *
     * @param withheld keyed by device block
     */
    void resume(List<BlockRun> runs, ReservedRuns withheld) {
        for (BlockRun run : runs) {
            for (long at = run.filePage(); at < run.filePage() + run.pages(); ) {
                long bound = boundEnd(at);
                long block = run.deviceBlock() + at - run.filePage();
                int index = withheld.firstEndingAfter(block);
                if (bound == at && withheld.covers(index, block)) {
                    long end = Math.min(run.filePage() + run.pages(), nextBound(at));
                    long count = Math.min(end - at, withheld.fileEnd(index) - block);
                    withheld.remove(block, count);
                    reserved.add(at, block, count, false);
                    bound = at + count;
                }
                at = Math.max(bound, at + 1);
            }
        }
    }

    private long mapped(long from, long to) {
        return to - from - Files.holes(inode, from, to);
    }

    /**
     * Returns the end of the extent or reserved run that holds a page, or the page if none does.
     */
    long boundEnd(long page) {
        int extent = inode.extents.firstEndingAfter(page);
        if (extent < inode.extents.size() && inode.extents.fileBlock(extent) <= page) {
            return inode.extents.fileEnd(extent);
        }
        int run = reserved.firstEndingAfter(page);
        return reserved.covers(run, page) ? reserved.fileEnd(run) : page;
    }

    private long nextBound(long page) {
        int extent = inode.extents.firstEndingAfter(page);
        return Math.min(reserved.next(page),
                extent < inode.extents.size() ? inode.extents.fileBlock(extent) : Long.MAX_VALUE);
    }

    /** Reserves one run for the start of a hole; returns how many blocks it has. */
    private long fill(long from, long to, long unitPages) throws IOException {
        Request request = new Request().stream(inode.ino);
        if (unitPages > 1) {
            if (from % unitPages != 0 || to - from < unitPages) {
                return fillUnit(from, Math.min(to, (from / unitPages + 1) * unitPages), unitPages);
            }
            request.count(unitPages, unitPages).align(unitPages);
        } else {
            request.count(1, to - from).colour((int) (from % Limits.HUGE_BLOCKS));
        }
        long before = from == 0 ? -1 : deviceBlockOf(from - 1);
        if (before >= 0) {
            request.goal(before + 1);
        }
        Run run = new Run();
        fs.space().allocate(request, run, fs.pages(inode).host.fileName());
        reserved.add(from, run.block, run.count, run.zeroed);
        return run.count;
    }

    /** Reserves the very blocks that a unit lacks of which the file has a part. */
    private long fillUnit(long from, long to, long unitPages) throws IOException {
        long unit = from / unitPages * unitPages;
        long known = unit;
        while (known < unit + unitPages && deviceBlockOf(known) < 0) {
            known++;
        }
        long block = deviceBlockOf(known) - known + from;
        Run run = new Run();
        if (!fs.space().allocator().allocateWithin(block, to - from, run)) {
            throw misplaced(from);
        }
        if (run.block != block) {
            fs.space().allocator().putBack(run);
            throw misplaced(from);
        }
        reserved.add(from, run.block, run.count, false);
        return run.count;
    }

    /** Refuses a range whose blocks do not lie as units of the device do. */
    void requireUnits(long from, long to, long unitPages) throws HoldfastException {
        for (long unit = from; unit < to; unit += unitPages) {
            long block = deviceBlockOf(unit);
            for (long at = unit; at < unit + unitPages; at = boundEnd(at)) {
                if (block % unitPages != 0 || deviceBlockOf(at) != block + at - unit) {
                    throw misplaced(at);
                }
            }
        }
    }

    private HoldfastException misplaced(long page) {
        return new HoldfastException(ErrorCode.NOT_SUPPORTED, fs.pages(inode).host.fileName()
                + ": the device maps units of " + fs.device().medium().mappingUnitBytes()
                + " bytes, and the block at offset " + page * Limits.BLOCK_BYTES
                + " does not lie in an aligned one of the file; copy the file to a new one, and "
                + "map that before it is written");
    }

    /** Returns the block that a page is bound to, or -1. */
    long deviceBlockOf(long page) {
        int extent = inode.extents.firstEndingAfter(page);
        if (extent < inode.extents.size() && inode.extents.fileBlock(extent) <= page) {
            return inode.extents.deviceBlock(extent) + page - inode.extents.fileBlock(extent);
        }
        return reserved.deviceBlockOf(page);
    }

    /** Gives back what is reserved in a range and covered by no mapping. */
    private void release(long from, long to) {
        Run run = new Run();
        for (long at = reserved.next(from); at < to; at = reserved.next(at)) {
            long covered = coveredEnd(at);
            if (covered > at) {
                at = covered;
                continue;
            }
            int index = reserved.firstEndingAfter(at);
            long end = nextCovered(at, Math.min(to, reserved.fileEnd(index)));
            run.block = reserved.deviceBlock(index) + at - reserved.fileBlock(index);
            run.count = end - at;
            run.zeroed = reserved.zeroed(index);
            reserved.remove(at, run.count);
            fs.space().allocator().putBack(run);
        }
    }

    /**
     * Takes blocks that leave the file by the record at {@code lsn}: those that a mapping covers
     * stay bound, with content to be zeroed; the others are free once the record is durable.
     */
    void returned(Extent gone, long lsn) {
        BlockAllocator allocator = fs.space().allocator();
        for (long at = gone.fileBlock(); at < gone.fileEnd(); ) {
            long covered = Math.min(coveredEnd(at), gone.fileEnd());
            long block = gone.deviceBlock() + at - gone.fileBlock();
            if (covered > at) {
                reserved.add(at, block, covered - at, false);
                at = covered;
            } else {
                long end = nextCovered(at, gone.fileEnd());
                allocator.free(block, end - at, lsn);
                at = end;
            }
        }
    }

    /** Makes reserved blocks, within one run, durably zero. */
    void ensureZero(long from, long count) throws IOException {
        int index = reserved.firstEndingAfter(from);
        if (!reserved.zeroed(index)) {
            fs.space().zeroAndPersist(
                    reserved.deviceBlock(index) + from - reserved.fileBlock(index), count);
            reserved.setZeroed(from, count);
        }
    }

    /** Returns the longest runs that bind a range. */
    List<BlockRun> runs(long from, long to) {
        List<BlockRun> runs = new ArrayList<>();
        for (long at = from; at < to && boundEnd(at) > at; ) {
            long end = Math.min(to, boundEnd(at));
            BlockRun last = runs.isEmpty() ? null : runs.getLast();
            long block = deviceBlockOf(at);
            if (last != null && last.deviceBlock() + last.pages() == block) {
                runs.set(runs.size() - 1,
                        new BlockRun(last.filePage(), last.deviceBlock(), end - last.filePage()));
            } else {
                runs.add(new BlockRun(at, block, end - at));
            }
            at = end;
        }
        return runs;
    }

    /** Returns the reserved runs within a range. */
    List<BlockRun> reservedWithin(long from, long to) {
        List<BlockRun> runs = new ArrayList<>();
        for (long at = reserved.next(from); at < to; at = reserved.next(at)) {
            int index = reserved.firstEndingAfter(at);
            long end = Math.min(to, reserved.fileEnd(index));
            runs.add(new BlockRun(at,
                    reserved.deviceBlock(index) + at - reserved.fileBlock(index), end - at));
            at = end;
        }
        return runs;
    }
}
