package dev.holdfast.dax;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.iomap.Iomap;
import dev.holdfast.iomap.IomapOps;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.Consumer;

/** A file with its extents in memory: what is durable of them is a copy made by fdatasync. */
final class FakeFile implements DaxHost {
    static final int PAGE = 4096;
    private static final int HUGE = 512;
    private static final long HOLE = 0;

    private final long[] blocks;
    private final boolean[] unwritten;
    private long[] durableBlocks;
    private long nextPfn = 1;
    private final long endPfn;
    private boolean dirty;
    private boolean alwaysDirty;
    private long sizeBytes;
    private IOException beginFailure;
    private IOException fdatasyncFailure;
    private Consumer<Iomap> distortion = iomap -> { };
    private Runnable onFdatasync = () -> { };
    private boolean hugeAllocation = true;
    private int allocations;
    private int fdatasyncs;
    private long lastSyncOffset = -1;
    private long lastSyncLength = -1;
    private int begun;
    private int ended;
    private IOException writebackFailure;

    FakeFile(long pages, long devicePages) {
        this.blocks = new long[(int) pages];
        this.unwritten = new boolean[(int) pages];
        this.durableBlocks = new long[(int) pages];
        this.sizeBytes = pages * PAGE;
        this.endPfn = devicePages;
    }

    // What a test sets up.

    /** Gives pages written, durable blocks. */
    synchronized FakeFile written(long page, long pages) {
        allocate((int) page, (int) pages, 1);
        durableBlocks = blocks.clone();
        return this;
    }

    synchronized FakeFile writtenHuge(long page) {
        allocate((int) page, HUGE, HUGE);
        durableBlocks = blocks.clone();
        return this;
    }

    synchronized FakeFile unwritten(long page, long pages) {
        written(page, pages);
        Arrays.fill(unwritten, (int) page, (int) (page + pages), true);
        return this;
    }

    synchronized FakeFile dirty(boolean now) {
        dirty = now;
        return this;
    }

    synchronized void alwaysDirty() {
        alwaysDirty = true;
    }

    synchronized void size(long bytes) {
        sizeBytes = bytes;
    }

    synchronized void failBegin(IOException failure) {
        beginFailure = failure;
    }

    synchronized void failFdatasync(IOException failure) {
        fdatasyncFailure = failure;
    }

    synchronized void distort(Consumer<Iomap> change) {
        distortion = change;
    }

    synchronized void onFdatasync(Runnable action) {
        onFdatasync = action;
    }

    synchronized void noHugeAllocation() {
        hugeAllocation = false;
    }

    /** Skips pfns, so that the next block is not next to the last. */
    synchronized void skipPfns(int count) {
        nextPfn += count;
    }

    synchronized void punch(long page, long pages) {
        Arrays.fill(blocks, (int) page, (int) (page + pages), HOLE);
    }

    /** Moves a page to another block, as a careless file system would. */
    synchronized void move(long page) {
        blocks[(int) page] = nextPfn++;
    }

    // What a test asks.

    synchronized long pfn(long page) {
        return blocks[(int) page];
    }

    synchronized long durablePfn(long page) {
        return durableBlocks[(int) page];
    }

    synchronized int allocatedPages() {
        return (int) Arrays.stream(blocks).filter(b -> b != HOLE).count();
    }

    synchronized int allocations() {
        return allocations;
    }

    synchronized int fdatasyncs() {
        return fdatasyncs;
    }

    synchronized long lastSyncOffset() {
        return lastSyncOffset;
    }

    synchronized long lastSyncLength() {
        return lastSyncLength;
    }

    synchronized boolean allEnded() {
        return begun == ended;
    }

    synchronized IOException writebackFailure() {
        return writebackFailure;
    }

    // The file system's side.

    @Override
    public synchronized long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public String fileName() {
        return "fake.dat";
    }

    @Override
    public void fdatasync(long offset, long length) throws IOException {
        Runnable action;
        synchronized (this) {
            action = onFdatasync;
        }
        action.run();
        synchronized (this) {
            fdatasyncs++;
            lastSyncOffset = offset;
            lastSyncLength = length;
            if (fdatasyncFailure != null) {
                throw fdatasyncFailure;
            }
            durableBlocks = blocks.clone();
            dirty = false;
        }
    }

    @Override
    public synchronized void begin(long offset, long length, int flags, Iomap iomap)
            throws IOException {
        if (beginFailure != null) {
            throw beginFailure;
        }
        begun++;
        int page = (int) (offset / PAGE);
        int pages = (int) ((offset + length - 1) / PAGE + 1) - page;
        boolean write = (flags & IomapOps.WRITE) != 0;
        boolean fresh = write && ((flags & IomapOps.HUGE) != 0
                ? allocateHuge(page) : allocateMissing(page, pages));
        int end = page + 1;
        while (end < blocks.length && sameRun(page, end)) {
            end++;
        }
        Iomap.Type type = blocks[page] == HOLE ? Iomap.Type.HOLE
                : unwritten[page] ? Iomap.Type.UNWRITTEN : Iomap.Type.MAPPED;
        iomap.set(type, (long) page * PAGE, (long) (end - page) * PAGE,
                type == Iomap.Type.HOLE ? Iomap.NO_ADDRESS : blocks[page] * PAGE,
                (fresh ? Iomap.NEW : 0) | (dirty || alwaysDirty ? Iomap.DIRTY : 0));
        distortion.accept(iomap);
    }

    @Override
    public synchronized void end(long offset, long length, long written, int flags, Iomap iomap) {
        ended++;
    }

    @Override
    public synchronized void writebackFailed(IOException cause) {
        writebackFailure = cause;
    }

    private boolean sameRun(int page, int other) {
        return blocks[page] == HOLE ? blocks[other] == HOLE
                : blocks[other] == blocks[page] + other - page
                        && unwritten[other] == unwritten[page];
    }

    private boolean allocateHuge(int page) throws HoldfastException {
        boolean allHole = true;
        boolean allUnwritten = true;
        for (int i = page; i < page + HUGE; i++) {
            allHole &= blocks[i] == HOLE;
            allUnwritten &= blocks[i] != HOLE && unwritten[i];
        }
        if (allUnwritten) {
            Arrays.fill(unwritten, page, page + HUGE, false);
        } else if (allHole && hugeAllocation) {
            allocate(page, HUGE, HUGE);
        } else {
            return false;
        }
        dirty = true;
        return true;
    }

    private boolean allocateMissing(int page, int pages) throws HoldfastException {
        boolean fresh = blocks[page] == HOLE || unwritten[page];
        if (!fresh) {
            return false;
        }
        for (int i = page; i < page + pages && (blocks[i] == HOLE || unwritten[i]); i++) {
            if (blocks[i] == HOLE) {
                if (nextPfn >= endPfn) {
                    throw new HoldfastException(ErrorCode.NO_SPACE, "the fake volume is full");
                }
                allocate(i, 1, 1);
            }
            unwritten[i] = false;
        }
        dirty = true;
        return true;
    }

    private void allocate(int page, int pages, int alignment) {
        nextPfn = (nextPfn + alignment - 1) / alignment * alignment;
        for (int i = page; i < page + pages; i++) {
            blocks[i] = nextPfn++;
        }
        allocations++;
    }
}
