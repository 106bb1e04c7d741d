package dev.holdfast.fs;

import dev.holdfast.dax.DaxContext;
import dev.holdfast.dax.FaultCounters;
import dev.holdfast.dax.WritebackCounters;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.device.Medium;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.log.Log;
import dev.holdfast.mutant.Mutants;
import dev.holdfast.tree.Slot;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A mounted volume: the parts, and what they share.
 *
 * <p>Lifecycle:
 * <ol>
 * <li>{@link Mount} recovers the log and makes this;
 * <li>{@link #start} finishes orphans, zeroes tails, starts the background;
 * <li>operations, from any number of threads;
 * <li>{@link #shutDown} by the first write-back that fails: nothing is durable any more (H4);
 * <li>{@link #close} syncs, writes a last checkpoint and marks the volume clean.
 * </ol>
 */
public final class FileSystem implements AutoCloseable {
    private static final long LINE_COMMIT_NANOS = 5_000_000;
    private static final long PAGE_COMMIT_NANOS = 1_000_000_000;
    /** A checkpoint is begun in the background when the log holds this share of the ring. */
    private static final int CHECKPOINT_SHARE = 4;

    private final DaxDevice device;
    private final Slot.Geometry geometry;
    private final MountOptions options;
    private final SipHash hash;
    private final Log log;
    private final NodeReserve reserve;
    private final Journal journal;
    private final FailureGate failure;
    private final Trees trees;
    private final Checkpointer checkpointer;
    private final Space space;
    private final DaxContext dax;
    private final InodeTable inodes;
    private final AtomicLong nextInode = new AtomicLong();
    private final FreezeGate freezeGate = new FreezeGate();
    private final Namespace namespace = new Namespace(this);
    private final Renamer renamer = new Renamer(this);
    private final Xattrs xattrs = new Xattrs(this);
    private final Files files = new Files(this);
    private final Truncation truncation = new Truncation(this);
    private final Orphans orphans = new Orphans(this);
    private final FaultHandler faultHandler = new FaultHandler(this);
    private final Runnable commitWork = () -> quietly(() -> journal().commit(journal().appendedLsn()));
    private final Runnable checkpointWork = () -> quietly(this::checkpoint);
    private final Runnable refillWork = () -> quietly(this::refill);
    private volatile boolean closed;

    FileSystem(Mount mount) {
        this.device = mount.device();
        this.options = mount.options();
        this.geometry = mount.slot().geometry();
        this.hash = new SipHash(geometry.hashKey0(), geometry.hashKey1());
        this.log = mount.log();
        this.reserve = new NodeReserve();
        this.journal = new Journal(log, reserve, this::checkpoint);
        this.failure = new FailureGate(device, log, options.mutants());
        this.trees = mount.trees();
        this.checkpointer = new Checkpointer(device, journal, reserve, mount.nodes(), mount.slot(),
                trees, options.mutants());
        this.space = new Space(device, journal, failure, geometry.chunkBlocks());
        this.dax = DaxContext.of(device).with(options.syncPolicy()).with(options.mutants())
                .with(options.tracer());
        this.inodes = new InodeTable(this::load);
        reserve.supplyFrom(new NodeReserve.Supplier() {
            @Override
            public boolean takeChunk() throws IOException {
                long nodes = space.takeChunk();
                reserve.added(nodes);
                return nodes > 0;
            }

            @Override
            public void checkpoint() throws IOException {
                FileSystem.this.checkpoint();
            }
        });
    }

    /** Finishes recovery and starts the background; {@code resized} are the files to zero tails of. */
    void start(Iterable<Long> resized) throws IOException {
        checkpointer.first();
        nextInode.set(checkpointer.slot().nextInode());
        space.load(trees.view().tree(), geometry.volumeBlocks(), options.mutants());
        for (long ino : resized) {
            Inode inode = inodes.get(ino);
            if (inode != null && inode.type == FileType.FILE) {
                stopOnFailure(() -> pages(inode).zero.zeroTail(inode.sizeBytes()));
            }
        }
        orphans.finishAll(trees.view().tree());
        boolean lines = device.medium().granularity() == Medium.Granularity.LINE;
        options.background().repeat(commitWork, lines ? LINE_COMMIT_NANOS : PAGE_COMMIT_NANOS);
        options.background().request(refillWork);
    }

    private interface Work {
        void run() throws IOException;
    }

    /** Background work reports to nobody; what failed has shut the log down or is tried again. */
    private void quietly(Work work) {
        if (closed || log.isShutDown()) {
            return;
        }
        try {
            work.run();
        } catch (IOException e) {
            System.getLogger(FileSystem.class.getName())
                    .log(System.Logger.Level.WARNING, "background work on " + device.name(), e);
        }
    }

    private Inode load(long ino) throws IOException {
        byte[] value = trees.read(tree -> tree.get(ItemType.inode(ino)));
        if (value == null) {
            return null;
        }
        Inode inode = newInode(ino, Attributes.decode(value, ino));
        if (inode.type == FileType.FILE) {
            for (Extent extent : trees.read(tree -> FoldedExtents.all(tree, ino))) {
                inode.extents.load(extent);
            }
        }
        return inode;
    }

    Inode newInode(long ino, Attributes attributes) {
        return new Inode(ino, attributes, this);
    }

    long allocateInodeNumber() {
        return nextInode.getAndIncrement();
    }

    /** Returns an inode that a name leads to. */
    Inode inode(long ino) throws IOException {
        Inode inode = inodes.get(ino);
        if (inode == null) {
            throw new HoldfastException(ErrorCode.CORRUPT, device.name()
                    + ": a name leads to inode " + ino + ", which does not exist; run check");
        }
        return inode;
    }

    Inode root() throws IOException {
        return inode(ItemType.ROOT);
    }

    /** Returns the DAX side of a regular file. */
    FilePages pages(Inode inode) {
        FilePages pages = inode.pages;
        if (pages == null) {
            synchronized (inode) {
                pages = inode.pages;
                if (pages == null) {
                    pages = new FilePages(dax, new InodeHost(this, inode));
                    inode.pages = pages;
                }
            }
        }
        return pages;
    }

    /** Makes everything durable: data, times, and the log. */
    void sync() throws IOException {
        requireAlive();
        for (Inode inode : inodes.retainedInodes()) {
            files.persistData(inode);
            files.logTimes(inode);
        }
        journal.commit(journal.appendedLsn());
    }

    /** Writes a checkpoint and lets go of what it describes. */
    void checkpoint() throws IOException {
        inodes.release(checkpointer.checkpoint());
    }

    private void refill() throws IOException {
        space.allocator().refill();
        if (space.allocator().needsRefill()) {
            options.background().request(refillWork);
        }
    }

    /** Asks for the background work that the last operations have made worth while. */
    void requestWork() {
        if (log.appendedSince(trees.view().logStart())
                > log.geometry().ringLines() / CHECKPOINT_SHARE) {
            options.background().request(checkpointWork);
        }
        if (space.allocator().needsRefill()) {
            options.background().request(refillWork);
        }
    }

    /** A step that makes file data durable. */
    interface DurableStep {
        void run() throws IOException;
    }

    /** Runs a step; if it fails, nothing on this volume is durable any more (H4). */
    void stopOnFailure(DurableStep step) throws IOException {
        failure.check();
        try {
            step.run();
        } catch (IOException e) {
            failure.stop(e);
            throw e;
        }
    }

    void shutDown(IOException cause) {
        failure.stop(cause);
    }

    void requireAlive() throws HoldfastException {
        if (closed) {
            throw new IllegalStateException(device.name() + " is closed");
        }
        failure.check();
    }

    void requireWritable() throws HoldfastException {
        requireAlive();
        if (options.readOnly()) {
            throw new HoldfastException(ErrorCode.READ_ONLY,
                    device.name() + " is open for reading only");
        }
    }

    /**
     * Syncs, gives the known-zero pool back to the claims, writes the last checkpoint and says that the
     * volume is clean. After a shutdown it only lets go; the next mount recovers.
     */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        options.background().close();
        try {
            if (!options.readOnly() && !log.isShutDown()) {
                sync();
                space.allocator().releasePool();
                journal.commit(journal.appendedLsn());
                checkpointer.close();
            }
        } finally {
            closed = true;
        }
    }

    boolean isClosed() {
        return closed;
    }

    boolean isReadOnly() {
        return options.readOnly();
    }

    boolean isAlwaysDurable() {
        return options.alwaysDurable();
    }

    long now() {
        return options.nowNanos().getAsLong();
    }

    DaxDevice device() {
        return device;
    }

    Slot.Geometry geometry() {
        return geometry;
    }

    SipHash hash() {
        return hash;
    }

    Mutants mutants() {
        return options.mutants();
    }

    Journal journal() {
        return journal;
    }

    Space space() {
        return space;
    }

    Trees trees() {
        return trees;
    }

    InodeTable inodes() {
        return inodes;
    }

    Checkpointer checkpointer() {
        return checkpointer;
    }

    FreezeGate freezeGate() {
        return freezeGate;
    }

    Namespace namespace() {
        return namespace;
    }

    Renamer renamer() {
        return renamer;
    }

    Xattrs xattrs() {
        return xattrs;
    }

    Files files() {
        return files;
    }

    Truncation truncation() {
        return truncation;
    }

    Orphans orphans() {
        return orphans;
    }

    FaultHandler faultHandler() {
        return faultHandler;
    }

    FaultCounters faultCounters() {
        return dax.faults();
    }

    WritebackCounters writebackCounters() {
        return dax.writebacks();
    }
}
