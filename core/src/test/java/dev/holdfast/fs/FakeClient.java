package dev.holdfast.fs;

import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.dax.MapFlags;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.PastEndException;
import dev.holdfast.mm.HardwarePages;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A client of a served mapping, with a model of its page table: a load or a store goes to the block
 * the client has mapped, and faults where the table does not allow it. Everything the table is told
 * is checked; what is wrong is remembered in {@link #wrongs}, for a mutant to be seen by.
 *
 * <p>An unmapping destroys what the blocks held, as a hole punched into the device does, unless
 * told to leave it.
 */
final class FakeClient implements HardwarePages, AutoCloseable {
    static final int PAGE = DaxDevice.BLOCK_BYTES;

    /** What the client may do with a page. */
    enum Right { NONE, BUS_ERROR, LOAD, STORE }

    final FileSystem fs;
    final Inode inode;
    final ServedMapping mapping;
    final List<String> wrongs = new ArrayList<>();
    private final DaxDevice device;
    private final long firstPage;
    private final long[] blocks;
    private final Right[] rights;
    int faults;
    int installs;
    int protects;
    int unmaps;
    /** So many installs find no memory behind the blocks. */
    int absentInstalls;
    boolean gone;
    boolean keepsContent;

    private FakeClient(Volume volume, String path, long offset, long length, int flags,
            boolean huge, Maker maker) throws IOException {
        fs = VolumeLab.fileSystem(volume);
        device = fs.device();
        inode = fs.paths().resolve(path, true);
        firstPage = offset / PAGE;
        int pages = (int) ((length + PAGE - 1) / PAGE);
        blocks = new long[pages];
        rights = new Right[pages];
        Arrays.fill(rights, Right.NONE);
        mapping = maker.make(offset, length, flags, huge, this);
        mapping.limitAhead(1);
        int bound = 0;
        for (BlockRun run : mapping.runs()) {
            for (long i = 0; i < run.pages(); i++) {
                blocks[(int) (run.filePage() + i - firstPage)] = run.deviceBlock() + i;
                bound++;
            }
        }
        require(bound == pages, bound + " of " + pages + " pages are bound");
    }

    /** Serves or resumes. */
    private interface Maker {
        ServedMapping make(long offset, long length, int flags, boolean huge,
                HardwarePages hardware)
                throws IOException;
    }

    static FakeClient sync(Volume volume, String path, long offset, long length)
            throws IOException {
        return make(volume, path, offset, length,
                MapFlags.SHARED | MapFlags.SYNC | MapFlags.VALIDATE, false);
    }

    static FakeClient syncHuge(Volume volume, String path, long offset, long length)
            throws IOException {
        return make(volume, path, offset, length,
                MapFlags.SHARED | MapFlags.SYNC | MapFlags.VALIDATE, true);
    }

    static FakeClient plain(Volume volume, String path, long offset, long length)
            throws IOException {
        return make(volume, path, offset, length, MapFlags.SHARED, false);
    }

    private static FakeClient make(Volume volume, String path, long offset, long length, int flags,
            boolean huge) throws IOException {
        FileSystem fs = VolumeLab.fileSystem(volume);
        Inode inode = fs.paths().resolve(path, true);
        return new FakeClient(volume, path, offset, length, flags, huge, (at, bytes, f, h, pages) ->
                fs.mappings().serve(inode, at, bytes, f, true, h, pages));
    }

    /** Takes a mapping over from a client of an earlier mount, with all of its pages protected. */
    static FakeClient resumed(Volume volume, String path, FakeClient before, List<BlockRun> runs)
            throws IOException {
        FileSystem fs = VolumeLab.fileSystem(volume);
        Inode inode = fs.paths().resolve(path, true);
        return new FakeClient(volume, path, before.firstPage * PAGE,
                (long) before.blocks.length * PAGE,
                MapFlags.SHARED | MapFlags.SYNC | MapFlags.VALIDATE, false,
                (at, bytes, f, h, pages) -> {
                    for (int i = 0; i < before.rights.length; i++) {
                        ((FakeClient) pages).rights[i] =
                                before.rights[i] == Right.NONE ? Right.NONE : Right.LOAD;
                        ((FakeClient) pages).blocks[i] = before.blocks[i];
                    }
                    return fs.mappings().resume(inode, at, bytes, f, true, h, pages, runs);
                });
    }

    long load(long page) throws IOException {
        return load(page, 0);
    }

    long load(long page, int at) throws IOException {
        if (right(page).compareTo(Right.LOAD) < 0) {
            fault(page, false);
        }
        return device.getLong(blocks[index(page)] * PAGE + at);
    }

    void store(long page, long value) throws IOException {
        store(page, 0, value);
    }

    void store(long page, int at, long value) throws IOException {
        if (right(page) != Right.STORE) {
            fault(page, true);
        }
        device.putLong(blocks[index(page)] * PAGE + at, value);
    }

    /** Writes the cache lines of a page back, as the client does without asking anybody. */
    void persist(long page) throws IOException {
        device.persist(blocks[index(page)] * PAGE, PAGE);
    }

    void fault(long page, boolean write) throws IOException {
        if (right(page) == Right.BUS_ERROR) {
            throw new HoldfastException(ErrorCode.BUS_ERROR, "page " + page);
        }
        faults++;
        try {
            serve(page, write);
        } catch (PastEndException e) {
            require(mapping.answerPastEnd(page, () -> poison(page)),
                    "page " + page + " is past the end");
            throw e;
        } catch (HoldfastException e) {
            answeredByBusError(page);
            mapping.busErrorAnswered(page);
            throw e;
        }
    }

    private void serve(long page, boolean write) throws IOException {
        require(mapping.fault(page, write), "the client is there");
        require(right(page) == Right.STORE || !write && right(page) == Right.LOAD,
                "page " + page + " is installed after its fault");
    }

    /** Answers accesses to a page by bus errors from now on; false when it is mapped. */
    boolean poison(long page) {
        boolean isMapped = right(page) == Right.LOAD || right(page) == Right.STORE;
        if (!isMapped) {
            answeredByBusError(page);
        }
        return !isMapped;
    }

    /** Leaves a page as an owner does that dies before it lifts a bus error. */
    void answeredByBusError(long page) {
        rights[index(page)] = Right.BUS_ERROR;
    }

    Right right(long page) {
        return rights[index(page)];
    }

    long block(long page) {
        return blocks[index(page)];
    }

    private int index(long page) {
        return (int) (page - firstPage);
    }

    @Override
    public Outcome install(long filePage, long pages, boolean writable) {
        installs++;
        if (gone) {
            return Outcome.GONE;
        }
        if (absentInstalls > 0) {
            absentInstalls--;
            return Outcome.ABSENT;
        }
        for (long page = filePage; page < filePage + pages; page++) {
            require(page == filePage || block(page) == block(page - 1) + 1,
                    "the pages of an install are adjacent on the device");
            if (writable) {
                requireMayStore(page);
                rights[index(page)] = Right.STORE;
            } else {
                requireMayLoad(page);
                rights[index(page)] = right(page) == Right.STORE ? Right.STORE : Right.LOAD;
            }
        }
        return Outcome.DONE;
    }

    private void requireMayStore(long page) {
        synchronized (inode.extents) {
            require(inode.extents.writtenBlock(page) == block(page),
                    "page " + page + " may be stored to and the file has its block");
        }
        require(!mapping.vma().sync() || inode.dataLsn() <= fs.journal().durableLsn(),
                "page " + page + " may be stored to and its metadata is durable (P1)");
        require(fs.pages(inode).space.isDirty(page),
                "page " + page + " may be stored to and has a dirty mark (S5)");
    }

    private void requireMayLoad(long page) {
        synchronized (inode.extents) {
            require(inode.bindings.deviceBlockOf(page) == block(page),
                    "page " + page + " may be loaded from and is bound to its block");
            if (inode.extents.writtenBlock(page) < 0) {
                byte[] bytes = new byte[PAGE];
                device.get(block(page) * PAGE, bytes, 0, PAGE);
                require(Arrays.equals(bytes, new byte[PAGE]),
                        "page " + page + " is a hole and reads as zero");
            }
        }
    }

    @Override
    public Outcome writeProtect(long filePage, long pages) {
        protects++;
        for (long page = filePage; page < filePage + pages; page++) {
            if (right(page) == Right.STORE) {
                rights[index(page)] = Right.LOAD;
            }
        }
        return gone ? Outcome.GONE : Outcome.DONE;
    }

    @Override
    public Outcome unmap(long filePage, long deviceBlock, long pages) {
        unmaps++;
        for (long page = filePage; page < filePage + pages; page++) {
            require(block(page) == deviceBlock + page - filePage, "page " + page
                    + " is unmapped by its block");
            synchronized (inode.extents) {
                require(page * PAGE >= inode.sizeBytes() || inode.extents.writtenBlock(page) < 0,
                        "page " + page + " has left the file when it is unmapped");
            }
            rights[index(page)] = Right.NONE;
        }
        require(inode.dataLsn() <= fs.journal().durableLsn(),
                "the record by which blocks left is durable when their content is destroyed");
        if (keepsContent) {
            return Outcome.DONE;
        }
        try {
            device.zero(deviceBlock * PAGE, pages * PAGE);
            device.persist(deviceBlock * PAGE, pages * PAGE);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return Outcome.DONE;
    }

    private void require(boolean condition, String what) {
        if (!condition) {
            wrongs.add("not true: " + what);
        }
    }

    /** Forgets every page, as a process that ends does, and then says so. */
    @Override
    public void close() {
        Arrays.fill(rights, Right.NONE);
        mapping.close();
        if (!wrongs.isEmpty()) {
            throw new AssertionError(wrongs);
        }
    }

    /** Ends the client, whatever went wrong. */
    void kill() {
        Arrays.fill(rights, Right.NONE);
        mapping.close();
    }

    static boolean isBusError(Step step) throws IOException {
        try {
            step.run();
            return false;
        } catch (HoldfastException e) {
            return e.code() == ErrorCode.BUS_ERROR;
        }
    }

    /** An access. */
    interface Step {
        void run() throws IOException;
    }
}
