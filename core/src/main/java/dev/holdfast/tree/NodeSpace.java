package dev.holdfast.tree;

import static dev.holdfast.tree.Layout.BLOCK_BYTES;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * The blocks that tree nodes live in: which are in use by the newest durable checkpoint, by the one
 * before, and by the one being written.
 *
 * <p>Lifecycle of a checkpoint:
 * <ol>
 * <li>{@link #begin}: it starts with the nodes of the newest tree;
 * <li>{@link #allocate} and {@link #free}: nodes come, never one that another tree uses, and go;
 * <li>{@link #writeBitmaps} makes its liveness durable; the slot follows, written by the caller;
 * <li>{@link #commit} once the slot is durable: nodes of the oldest tree are free now; or
 * {@link #abort}: as if it had not begun.
 * </ol>
 *
 * <p>A chunk header has a half for even and one for odd generations. A half holds the liveness of
 * its generation and of the one before, so the half of the newest durable checkpoint, which the
 * next one does not touch, is enough to protect both trees after a crash at any moment.
 *
 * <p>Thread-safe: one lock over all.
 */
public final class NodeSpace {
    /**
     * Where a chunk is.
     *
     * @param startBlock block of its header
     * @param blocks its length, the header included
     */
    public record Chunk(long startBlock, int blocks) {}

    private final DaxDevice device;
    private final boolean reusesLiveNodes;
    private final boolean leavesNodesVolatile;
    private final TreeMap<Long, NodeChunk> chunks = new TreeMap<>();
    private boolean inProgress;
    // Stored under the lock, loaded without it: appending a record asks for both.
    private volatile long free;
    private volatile long freeAfterCommit;
    /** No chunk below this one has a free node, unless one was freed since. */
    private long searchFrom;

    /** Makes a space without chunks. */
    public NodeSpace(DaxDevice device, Mutants mutants) {
        this.device = device;
        this.reusesLiveNodes = mutants.on(Mutant.LIVE_NODES_REUSED);
        this.leavesNodesVolatile = mutants.on(Mutant.SLOT_BEFORE_TREE);
    }

    /**
     * Reads the liveness of a durable checkpoint, and of the one before it, from the headers of
     * chunks.
     *
     * @param generation the checkpoint's
     * @param held chunks that its tree holds, without those that the log after it gives away: their
     *     headers may be file data by now. Chunks that the log adds are for {@link #addChunk}
     * @throws HoldfastException CORRUPT, naming the chunk, when a header is not that of the
     *     generation
     */
    public synchronized void load(long generation, List<Chunk> held) throws HoldfastException {
        assert !inProgress : "load while a checkpoint is being written";
        for (Chunk chunk : held) {
            NodeChunk added = newChunk(chunk.startBlock(), chunk.blocks());
            added.load(device, generation);
            put(added);
        }
    }

    /**
     * Adds a chunk, all of whose nodes are free. A checkpoint in progress leaves it alone, because
     * its tree will not hold it; the next one writes its header.
     *
     * <p>To a checkpoint, appending the record and this call must be one step: none may begin, or
     * choose how far it replays the log, between the two.
     */
    public synchronized void addChunk(long startBlock, int blocks) throws HoldfastException {
        NodeChunk chunk = newChunk(startBlock, blocks);
        if (inProgress) {
            chunk.rest();
        }
        put(chunk);
    }

    /** Makes written nodes durable: before the slot that leads to them. */
    void persistNodes(long[] ranges, int count) throws IOException {
        if (!leavesNodesVolatile) {
            device.persist(ranges, count);
        }
    }

    private NodeChunk newChunk(long startBlock, int blocks) throws HoldfastException {
        long deviceBlocks = device.sizeBytes() / BLOCK_BYTES;
        if (blocks < Layout.MIN_CHUNK_BLOCKS || blocks > Layout.MAX_CHUNK_BLOCKS
                || startBlock < Layout.FIRST_LOG_BLOCK || startBlock > deviceBlocks - blocks) {
            throw damaged(startBlock, blocks, "is outside the device or of a wrong size");
        }
        var below = chunks.floorEntry(startBlock + blocks - 1);
        if (below != null && below.getValue().end() > startBlock) {
            throw damaged(startBlock, blocks, "overlaps the one at block " + below.getKey());
        }
        return new NodeChunk(startBlock, blocks, reusesLiveNodes);
    }

    private static HoldfastException damaged(long startBlock, int blocks, String what) {
        return new HoldfastException(ErrorCode.CORRUPT, "node chunk of " + blocks
                + " blocks at block " + startBlock + " " + what);
    }

    private void put(NodeChunk chunk) {
        chunks.put(chunk.start(), chunk);
        addFree(chunk.free(), chunk.freeAfterCommit());
        searchFrom = Math.min(searchFrom, chunk.start());
    }

    /**
     * Takes away a chunk that is {@linkplain #idleChunks idle}. Not while a checkpoint is in
     * progress, whose tree still holds the chunk; as with {@link #addChunk}, one step with its
     * record.
     */
    public synchronized void removeChunk(long startBlock) {
        if (inProgress) {
            throw new IllegalStateException("a checkpoint is in progress");
        }
        NodeChunk chunk = chunks.get(startBlock);
        if (chunk == null || !chunk.isIdle()) {
            throw new IllegalArgumentException("no idle chunk at block " + startBlock);
        }
        chunks.remove(startBlock);
        addFree(-chunk.free(), -chunk.freeAfterCommit());
    }

    private void addFree(long now, long afterCommit) {
        free = free + now;
        freeAfterCommit = freeAfterCommit + afterCommit;
    }

    /** Returns every chunk, by block. */
    public synchronized List<Chunk> chunks() {
        return list(false);
    }

    /** Returns the chunks of which no checkpoint, durable or in progress, uses a node. */
    public synchronized List<Chunk> idleChunks() {
        return list(true);
    }

    private List<Chunk> list(boolean idleOnly) {
        var list = new ArrayList<Chunk>();
        for (NodeChunk chunk : chunks.values()) {
            if (!idleOnly || chunk.isIdle()) {
                list.add(new Chunk(chunk.start(), chunk.blocks()));
            }
        }
        return list;
    }

    /** Returns how many nodes {@link #allocate} could give now. Takes no lock. */
    public long freeNodes() {
        return free;
    }

    /**
     * Returns how many nodes will be free once the checkpoint in progress has committed; without
     * one, how many would be free after a checkpoint that changed nothing. Takes no lock.
     */
    public long freeNodesAfterCommit() {
        return freeAfterCommit;
    }

    /** Tells whether the newest durable checkpoint has its node at {@code block}. For checks. */
    public synchronized boolean isLive(long block) {
        NodeChunk chunk = chunkOf(block);
        return chunk != null && chunk.isLive(block);
    }

    /** Returns how many nodes the newest durable checkpoint has. For checks. */
    public synchronized long liveNodes() {
        long sum = 0;
        for (NodeChunk chunk : chunks.values()) {
            sum += chunk.liveCount();
        }
        return sum;
    }

    /** Begins a checkpoint. */
    public synchronized void begin() {
        if (inProgress) {
            throw new IllegalStateException("a checkpoint is in progress already");
        }
        inProgress = true;
        searchFrom = 0;
    }

    /**
     * Takes a free node, the lowest first, so that high chunks fall idle.
     *
     * @throws HoldfastException NO_SPACE when there is none
     */
    public synchronized long allocate() throws HoldfastException {
        requireInProgress();
        for (NodeChunk chunk : chunks.tailMap(searchFrom, true).values()) {
            long block = chunk.allocate();
            if (block >= 0) {
                searchFrom = chunk.start();
                addFree(-1, -1);
                return block;
            }
        }
        throw new HoldfastException(ErrorCode.NO_SPACE,
                "no free tree node in " + chunks.size() + " chunks of " + device.name());
    }

    /**
     * Says that the checkpoint in progress does not use a node. It is free at once if no durable
     * checkpoint uses it either.
     */
    synchronized void free(long block) throws HoldfastException {
        requireInProgress();
        NodeChunk chunk = chunkOf(block);
        if (chunk == null || !chunk.isNext(block)) {
            throw new HoldfastException(ErrorCode.CORRUPT,
                    "tree node in block " + block + " is not marked live in a node chunk");
        }
        chunk.free(block);
        if (!chunk.isLive(block)) {
            addFree(1, 1);
            searchFrom = Math.min(searchFrom, chunk.start());
        }
    }

    private NodeChunk chunkOf(long block) {
        var entry = chunks.floorEntry(block);
        return entry != null && entry.getValue().hasNode(block) ? entry.getValue() : null;
    }

    /**
     * Writes the liveness of the checkpoint in progress to every chunk header, in the half of its
     * generation. One barrier; durable on return.
     *
     * @param generation one above that of the newest durable checkpoint
     */
    public synchronized void writeBitmaps(long generation) throws IOException {
        requireInProgress();
        long[] ranges = new long[2 * chunks.size()];
        int count = 0;
        for (NodeChunk chunk : chunks.values()) {
            if (!chunk.isResting()) {
                ranges[2 * count] = chunk.store(device, generation);
                ranges[2 * count + 1] = Layout.HALF_BYTES;
                count++;
            }
        }
        device.persist(ranges, count);
    }

    /** Ends the checkpoint in progress: it is the newest durable one from now on. */
    public synchronized void commit() {
        requireInProgress();
        chunks.values().forEach(NodeChunk::commit);
        end();
    }

    /** Ends the checkpoint in progress: the nodes it took are free again. */
    public synchronized void abort() {
        requireInProgress();
        chunks.values().forEach(NodeChunk::abort);
        end();
    }

    private void end() {
        inProgress = false;
        searchFrom = 0;
        free = 0;
        freeAfterCommit = 0;
        for (NodeChunk chunk : chunks.values()) {
            addFree(chunk.free(), chunk.freeAfterCommit());
        }
    }

    private void requireInProgress() {
        if (!inProgress) {
            throw new IllegalStateException("no checkpoint is in progress");
        }
    }
}
