package dev.holdfast.fs;

import dev.holdfast.alloc.BlockAllocator;
import dev.holdfast.dax.DaxContext;
import dev.holdfast.dax.FaultCounters;
import dev.holdfast.dax.WritebackCounters;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.FileType;
import dev.holdfast.file.VolumeInfo;
import dev.holdfast.file.VolumeSpace;
import dev.holdfast.log.Log;
import dev.holdfast.mutant.Mutants;
import dev.holdfast.tree.Layout;
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
 * <li>{@link #close} waits for running changes, syncs, writes a last checkpoint and marks the
 * volume clean.
 * </ol>
 *
 * <p>Locks: what changes the volume runs inside {@link #changing}, which {@link #close} and
 * {@link #freeze} shut. Reads do not: the device itself refuses them once it is closed.
 */
public final class FileSystem implements AutoCloseable {
    private final DaxDevice device;
    private final Slot.Geometry geometry;
    private final boolean cleanWhenOpened;
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
    private final ChangeGate gate = new ChangeGate();
    private final Lifecycle lifecycle;
    private final Namespace namespace = new Namespace(this);
    private final Renamer renamer = new Renamer(this);
    private final Xattrs xattrs = new Xattrs(this);
    private final Acls acls = new Acls(this);
    private final Files files = new Files(this);
    private final Truncation truncation = new Truncation(this);
    private final Paths paths = new Paths(this);
    private final FileAttributes attributes = new FileAttributes(this);
    private final Mappings mappings = new Mappings(this);
    private final ServedMappings served = new ServedMappings(this);
    private final Orphans orphans = new Orphans(this);
    private final FaultHandler faultHandler = new FaultHandler(this);
    private final Housekeeping housekeeping;
    private volatile boolean closed;

    FileSystem(Mount mount) {
        this.device = mount.device();
        this.options = mount.options();
        this.geometry = mount.slot().geometry();
        this.hash = new SipHash(geometry.hashKey0(), geometry.hashKey1());
        this.log = mount.log();
        // A slot stays clean while the first records after a clean close are appended.
        this.cleanWhenOpened = mount.slot().clean()
                && log.appendedSince(mount.slot().logStartLsn()) == 0;
        this.reserve = new NodeReserve(geometry.volumeBlocks());
        this.journal = new Journal(log, reserve, this::checkpointForSpace);
        this.failure = new FailureGate(device, log, options.mutants());
        this.trees = mount.trees();
        this.checkpointer = new Checkpointer(device, journal, reserve, mount.nodes(), mount.slot(),
                trees, options.mutants());
        this.space = new Space(device, journal, failure, geometry.chunkBlocks());
        this.dax = DaxContext.of(device).with(options.syncPolicy()).with(options.mutants())
                .with(options.tracer());
        this.inodes = new InodeTable(this::load);
        this.lifecycle = new Lifecycle(this, gate, options.background());
        this.housekeeping = new Housekeeping(this, reserve, options.background());
        reserve.supplyFrom(new NodeReserve.Supplier() {
            @Override
            public boolean takeChunk() throws IOException {
                long nodes = space.takeChunk();
                reserve.added(nodes);
                return nodes > 0;
            }

            @Override
            public void checkpoint() throws IOException {
                checkpointForSpace();
            }
        });
    }

    /** Finishes recovery, of which {@code recovered} is the replay, and starts the background. */
    void start(Fold recovered) throws IOException {
        checkpointer.first(recovered);
        nextInode.set(checkpointer.slot().nextInode());
        space.load(trees.view().tree(), geometry.volumeBlocks(), options.mutants());
        served.withhold(options.withheld());
        for (long ino : recovered.resizedFiles()) {
            Inode inode = inodes.get(ino);
            if (inode != null && inode.type == FileType.FILE) {
                stopOnFailure(() -> pages(inode).zero.zeroTail(inode.sizeBytes()));
            }
        }
        orphans.load(trees.view().tree());
        if (!served.isResuming()) {
            orphans.finishAll();
        }
        housekeeping.start();
    }

    /** After a change: waits for it under the policy {@code always}; asks for background work. */
    void settle(long lsn) throws IOException {
        if (options.alwaysDurable()) {
            journal.commit(lsn);
        }
        requestWork();
    }

    /** Holds an inode for a handle: it stays, nameless or not, until {@link #release}. */
    public void hold(Inode inode) throws HoldfastException {
        inode.lock.readLock().lock();
        try {
            Files.requireNotDeleted(inode);
            inodes.hold(inode);
        } finally {
            inode.lock.readLock().unlock();
        }
    }

    /** Lets go of an inode; the last to do so deletes it if it has no name. */
    public void release(Inode inode) {
        if (inodes.unhold(inode) && inode.attributes.links == 0) {
            gate.enter();
            try {
                housekeeping.quietly(() -> orphans.released(inode));
            } finally {
                gate.close();
            }
        }
    }

    /** Makes a range of the device durable, or shuts the volume down. */
    void persist(long offset, long length) throws IOException {
        failure.persist(offset, length);
    }

    private Inode load(long ino) throws IOException {
        byte[] value = trees.read(tree -> tree.get(ItemType.inode(ino)));
        if (value == null) {
            return null;
        }
        Inode inode = newInode(ino, Attributes.decode(value, ino));
        if (inode.type == FileType.FILE) {
            long fileEnd = 0;
            for (Extent extent : trees.read(tree -> FoldedExtents.all(tree, ino))) {
                requireOnVolume(inode, extent, fileEnd);
                inode.extents.load(extent);
                fileEnd = extent.fileEnd();
            }
        }
        return inode;
    }

    /** No address is made of an extent before this. */
    private void requireOnVolume(Inode inode, Extent extent, long from)
            throws HoldfastException {
        if (extent.deviceBlock() + extent.count() > geometry.volumeBlocks()
                || extent.fileBlock() < from) {
            throw new HoldfastException(ErrorCode.CORRUPT, inode + ": " + extent
                    + " overlaps another or passes the end of the volume; run check");
        }
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

    /** Returns the root directory. */
    public Inode root() throws IOException {
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
    public void sync() throws IOException {
        requireAlive();
        persistEverything();
    }

    void persistEverything() throws IOException {
        for (Inode inode : inodes.retainedInodes()) {
            files.persistData(inode);
            files.logTimes(inode);
        }
        journal.commit(journal.appendedLsn());
    }

    /** Writes a checkpoint and lets go of what it describes. */
    public void checkpoint() throws IOException {
        long[] described = new long[1];
        // A failed write-back is never tried again as success (H4), not even that of a tree node.
        stopOnFailure(() -> described[0] = checkpointer.checkpoint());
        inodes.release(described[0]);
        checkpointer.returnIdleChunks(space::returnChunk);
    }

    private void checkpointForSpace() throws IOException {
        inodes.release(checkpointer.checkpointForSpace());
    }

    /** Stocks the known-zero pool in the calling thread, for measurements. */
    public void stock() throws IOException {
        while (space.allocator().needsRefill() && space.allocator().refill() > 0) {
            requireAlive();
        }
        served.provideMemory();
    }

    /** Asks for the background work that the last operations have made worth while. */
    void requestWork() {
        housekeeping.request();
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

    /** Closes the volume; see {@link Lifecycle#close}. BUSY while memory of it is in use. */
    @Override
    public void close() throws IOException {
        lifecycle.close();
    }

    void setClosed() {
        closed = true;
    }

    /** Freezes the volume; see {@link Lifecycle#freeze}. */
    public void freeze() throws IOException {
        lifecycle.freeze();
    }

    /** Lets changes go on; no error when nothing is frozen. */
    public void thaw() {
        lifecycle.thaw();
    }

    /**
     * Enters a change of the volume; waits while it is frozen. To be closed by the same thread.
     *
     * @throws IllegalStateException the volume is closed
     */
    public ChangeGate changing() {
        gate.enter();
        if (closed) {
            gate.close();
            throw new IllegalStateException(device.name() + " is closed");
        }
        return gate;
    }

    /** Tells whether the volume is closed. */
    public boolean isClosed() {
        return closed;
    }

    /** Tells whether the volume is open for reading only. */
    public boolean isReadOnly() {
        return options.readOnly();
    }

    boolean isAlwaysDurable() {
        return options.alwaysDurable();
    }

    /** Returns the volume's time, in nanoseconds since 1970. */
    public long now() {
        return options.nowNanos().getAsLong();
    }

    /** Returns the device. */
    public DaxDevice device() {
        return device;
    }

    /** Returns what mkfs decided. */
    public Slot.Geometry geometry() {
        return geometry;
    }

    SipHash hash() {
        return hash;
    }

    Mutants mutants() {
        return options.mutants();
    }

    ChangeGate gate() {
        return gate;
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

    /** Returns the names' side. */
    public Namespace namespace() {
        return namespace;
    }

    /** Returns the renaming side. */
    public Renamer renamer() {
        return renamer;
    }

    /** Returns the extended attributes' side. */
    public Xattrs xattrs() {
        return xattrs;
    }

    Acls acls() {
        return acls;
    }

    /** Returns the content's side. */
    public Files files() {
        return files;
    }

    /** Returns the side of sizes and holes. */
    public Truncation truncation() {
        return truncation;
    }

    /** Returns the walker of paths. */
    public Paths paths() {
        return paths;
    }

    /** Returns the attributes' side. */
    public FileAttributes attributes() {
        return attributes;
    }

    ServedMappings served() {
        return served;
    }

    /** Returns the mappings' side. */
    public Mappings mappings() {
        return mappings;
    }

    /** Returns the space of the volume. */
    public VolumeSpace statfs() {
        BlockAllocator allocator = space.allocator();
        long block = Limits.BLOCK_BYTES;
        return new VolumeSpace(geometry.volumeBlocks() * block,
                (allocator.freeBlocks() + allocator.pendingFreeBlocks()) * block,
                allocator.availableBlocks() * block, allocator.reservedBlocks() * block,
                allocator.largestFreeRun() * block, allocator.freeHugeRanges());
    }

    /** Returns what the volume is, and how its log and checkpoints stand. */
    public VolumeInfo info() {
        Trees.View view = trees.view();
        return new VolumeInfo(geometry.uuid(), geometry.label(), Layout.FORMAT_VERSION,
                geometry.createdMillis(), cleanWhenOpened,
                geometry.volumeBlocks() * Limits.BLOCK_BYTES,
                geometry.logBlocks() * Limits.BLOCK_BYTES,
                log.appendedSince(view.logStart()) * DaxDevice.LINE_BYTES,
                geometry.chunkBlocks() * (long) Limits.BLOCK_BYTES, view.generation());
    }

    /** Returns the LSN at which every change so far is durable. */
    public long changeLsn() {
        return journal.appendedLsn();
    }

    /** Returns the LSN up to which changes are durable. */
    public long durableLsn() {
        return journal.durableLsn();
    }

    /**
     * Returns when changes up to {@code lsn} are durable; the calling thread commits if need be.
     */
    public void awaitDurable(long lsn) throws IOException {
        requireAlive();
        journal.commit(Math.min(lsn, journal.appendedLsn()));
    }

    Orphans orphans() {
        return orphans;
    }

    FaultHandler faultHandler() {
        return faultHandler;
    }

    /** Returns the counts of faults. */
    public FaultCounters faultCounters() {
        return dax.faults();
    }

    /** Returns the counts of write-back. */
    public WritebackCounters writebackCounters() {
        return dax.writebacks();
    }
}
