package dev.holdfast.fs;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.log.Log;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import dev.holdfast.tree.Key;
import dev.holdfast.tree.NodeSpace;
import dev.holdfast.tree.Overlay;
import dev.holdfast.tree.Root;
import dev.holdfast.tree.Slot;
import dev.holdfast.tree.SlotStore;
import dev.holdfast.tree.Tree;
import dev.holdfast.tree.TreeMerge;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Takes the log into the tree. Looks at the log and the tree alone, never at the heap, so it takes
 * no lock of the file system and may run on any thread, even one that holds inode locks and waits
 * for room in the log.
 *
 * <p>A checkpoint, in durable order:
 * <ol>
 * <li>cut: a point between records, whose promised after-work is done; commit the log up to it;
 * <li>replay the records since the last cut over the last tree; take chunks they added;
 * <li>merge into nodes that no durable checkpoint uses; barrier;
 * <li>liveness bitmaps; barrier;
 * <li>the superblock slot; barrier;
 * <li>publish; release the log before the last cut, and the heap's inodes that this one describes.
 * </ol>
 */
final class Checkpointer {
    private final DaxDevice device;
    private final Journal journal;
    private final NodeReserve reserve;
    private final NodeSpace nodes;
    private final Trees trees;
    private final SipHash hash;
    private final Mutants mutants;
    private final ReentrantLock lock = new ReentrantLock();
    private Slot slot;
    /** Recovery's own replay, which the first checkpoint need not repeat; else null. */
    private Fold replayed;
    private volatile long checkpoints;

    Checkpointer(DaxDevice device, Journal journal, NodeReserve reserve, NodeSpace nodes,
            Slot slot, Trees trees, Mutants mutants) {
        this.device = device;
        this.journal = journal;
        this.reserve = reserve;
        this.nodes = nodes;
        this.slot = slot;
        this.trees = trees;
        this.hash = new SipHash(slot.geometry().hashKey0(), slot.geometry().hashKey1());
        this.mutants = mutants;
    }

    /** Returns how many checkpoints were written since the volume was opened. */
    long checkpoints() {
        return checkpoints;
    }

    /** Returns the newest durable slot. */
    Slot slot() {
        lock.lock();
        try {
            return slot;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Writes a checkpoint of everything appended so far; does nothing if there is nothing.
     *
     * @return the LSN up to which the tree describes the file system
     */
    long checkpoint() throws IOException {
        return checkpoint(false, false);
    }

    /**
     * Writes a checkpoint also when nothing was appended but the one before the newest still holds
     * log or nodes back: an empty checkpoint lets go of them. Two calls leave the log empty.
     */
    long checkpointForSpace() throws IOException {
        return checkpoint(false, true);
    }

    /**
     * Takes what recovery replayed into the tree; does nothing after a clean close.
     *
     * @param recovered the whole log, over the newest tree; nothing was appended since
     */
    void first(Fold recovered) throws IOException {
        reserve.settled(new Journal.Cut(slot.logStartLsn(), 0, 0), nodes.freeNodes(),
                slot.root().height(), slot.root().itemBytes());
        replayed = recovered;
        try {
            checkpoint(false, false);
        } finally {
            replayed = null;
        }
    }

    /** Writes the last checkpoint of a mount, which says that no other needs recovery. */
    void close() throws IOException {
        checkpoint(true, false);
    }

    /** Takes back the blocks of a chunk. */
    interface ChunkReturn {
        /** Logs and frees; when it throws the chunk is as before. */
        void give(long block, long count) throws IOException;
    }

    /**
     * Gives chunks that no checkpoint uses back to free space, as far as the reserve can spare
     * them.
     */
    void returnIdleChunks(ChunkReturn chunkReturn) throws IOException {
        lock.lock();
        try {
            for (NodeSpace.Chunk chunk : nodes.idleChunks()) {
                if (!reserve.spare(chunk.blocks() - 1)) {
                    return;
                }
                // Out of the nodes first: a checkpoint that the append may need must not use it.
                nodes.removeChunk(chunk.startBlock());
                boolean given = false;
                try {
                    chunkReturn.give(chunk.startBlock(), chunk.blocks());
                    given = true;
                } finally {
                    if (!given) {
                        nodes.addChunk(chunk.startBlock(), chunk.blocks());
                        reserve.added(chunk.blocks() - 1);
                    }
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private long checkpoint(boolean clean, boolean forSpace) throws IOException {
        lock.lock();
        try {
            Journal.Cut cut = journal.cut();
            boolean isNew = cut.lsn() != slot.logStartLsn() || clean && !slot.clean();
            if (!isNew && !(forSpace && holdsOlderLog())) {
                return cut.lsn();
            }
            journal.commit(cut.lsn());
            reserve.cutting(cut);
            write(cut, clean);
            return cut.lsn();
        } finally {
            lock.unlock();
        }
    }

    private boolean holdsOlderLog() {
        Log log = journal.log();
        return log.freeLines() + log.appendedSince(slot.logStartLsn()) < log.geometry().ringLines();
    }

    private void write(Journal.Cut cut, boolean clean) throws IOException {
        Tree base = trees.view().tree();
        Fold fold = replayed != null ? replayed : replay(base, cut);
        Overlay overlay = fold.items();
        takeChunks(overlay);
        long generation = slot.generation() + 1;
        nodes.begin();
        Slot next;
        try {
            Root root = TreeMerge.merge(base, overlay.changes(), nodes, generation).root();
            next = new Slot(slot.geometry(), generation, root, cut.lsn(), fold.nextInode(), clean);
            nodes.writeBitmaps(generation);
            SlotStore.write(device, next);
        } catch (IOException | RuntimeException e) {
            nodes.abort();
            stopIfWriteBackFailed(e);
            throw e;
        }
        nodes.commit();
        journal.log().releaseBefore(slot.logStartLsn());
        slot = next;
        trees.publish(new Trees.View(new Tree(device, next.root()), generation, cut.lsn()));
        reserve.settled(cut, nodes.freeNodes(), next.root().height(), next.root().itemBytes());
        checkpoints++;
    }

    private Fold replay(Tree base, Journal.Cut cut) throws IOException {
        Fold fold = new Fold(
                new Overlay(base), hash, slot.geometry().volumeBlocks(), slot.nextInode());
        journal.log().replay(slot.logStartLsn(), cut.lsn(),
                (lsn, endLsn, payload) -> fold.apply(lsn, payload));
        return fold;
    }

    /**
     * A failed write-back is the volume's last (H4): the slot may have become durable, and a second
     * try would write over the nodes it leads to. Lack of nodes, or a damaged one, is met before.
     */
    private void stopIfWriteBackFailed(Exception e) {
        boolean metBefore = e instanceof HoldfastException known
                && (known.code() == ErrorCode.NO_SPACE || known.code() == ErrorCode.CORRUPT);
        if (!metBefore && !mutants.on(Mutant.FAILED_WRITE_BACK_FORGOTTEN)) {
            journal.log().shutDown(e);
        }
    }

    private void takeChunks(Overlay overlay) throws IOException {
        for (var change : overlay.changes().entrySet()) {
            Key key = change.getKey();
            if (key.inode() == ItemType.VOLUME && key.type() == ItemType.CHUNK
                    && change.getValue() != null) {
                nodes.addChunk(key.offset(),
                        (int) FoldedSpace.decode(change.getValue(), key.offset()));
            }
        }
    }
}
