package dev.holdfast.fs;

import dev.holdfast.alloc.AllocatorLoader;
import dev.holdfast.alloc.BlockAllocator;
import dev.holdfast.alloc.Request;
import dev.holdfast.alloc.Run;
import dev.holdfast.alloc.ZeroClaims;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.mutant.Mutants;
import dev.holdfast.tree.Items;
import java.io.IOException;

/**
 * Blocks for files and for node chunks: the allocator, joined to the log and the device. What it
 * logs (claims, chunks) are changes of their own, composed apart from the change of the calling
 * operation.
 */
final class Space implements ZeroClaims {
    private static final int NO_SPACE_COMMITS = 3;
    private static final int MIN_CHUNK_BLOCKS = 16;

    private final DaxDevice device;
    private final Journal journal;
    private final FailureGate failure;
    private final int chunkBlocks;
    private final ThreadLocal<Change> changes = ThreadLocal.withInitial(Change::new);
    private BlockAllocator allocator;

    Space(DaxDevice device, Journal journal, FailureGate failure, int chunkBlocks) {
        this.device = device;
        this.journal = journal;
        this.failure = failure;
        this.chunkBlocks = chunkBlocks;
    }

    /** Loads free space and claims; {@code items} describe the log's end. */
    void load(Items items, long volumeBlocks, Mutants mutants) throws IOException {
        AllocatorLoader loader = new AllocatorLoader(volumeBlocks, this, mutants);
        scan(items, ItemType.FREE, loader::addFree);
        scan(items, ItemType.ZERO, loader::addKnownZero);
        allocator = loader.start();
        journal.log().onDurable(allocator::onDurable);
    }

    private interface RunTaker {
        void take(long block, long count) throws IOException;
    }

    private static void scan(Items items, int type, RunTaker taker) throws IOException {
        items.scan(ItemType.run(type, 0), ItemType.end(ItemType.VOLUME, type), (key, value) -> {
            taker.take(key.offset(), FoldedSpace.decode(value, key.offset()));
            return true;
        });
    }

    BlockAllocator allocator() {
        return allocator;
    }

    /**
     * Allocates a run, after commits that bring back freed blocks where need be (H3).
     *
     * @param who named in the error: what needs the blocks
     */
    void allocate(Request request, Run run, Object who) throws IOException {
        for (int tries = 0; !allocator.allocate(request, run); tries++) {
            if (tries == NO_SPACE_COMMITS || allocator.pendingFreeBlocks() == 0) {
                throw new HoldfastException(ErrorCode.NO_SPACE, "no space left for " + who + ": "
                        + allocator.availableBlocks() * Limits.BLOCK_BYTES
                        + " bytes are available; delete files or make a larger volume");
            }
            commit(journal.appendedLsn());
        }
    }

    /** Commits when so many blocks are not available and freed ones wait for their record (H3). */
    void commitIfShort(long blocks) throws IOException {
        if (blocks > allocator.availableBlocks() && allocator.pendingFreeBlocks() > 0) {
            commit(journal.appendedLsn());
        }
    }

    /** Makes the blocks of a run durably zero, if they are not. */
    void ensureZero(Run run) throws IOException {
        if (!run.zeroed) {
            zeroAndPersist(run.block, run.count);
            run.zeroed = true;
        }
    }

    /** Takes a chunk for tree nodes; returns how many nodes it holds, or 0 if there is no space. */
    long takeChunk() throws IOException {
        Run run = new Run();
        for (int blocks = chunkBlocks; blocks >= MIN_CHUNK_BLOCKS; blocks /= 2) {
            Request request = new Request().count(blocks, blocks).align(blocks)
                    .content(Request.Content.ANY);
            if (allocator.allocate(request, run)) {
                journal.append(changes.get().clear().freeing().chunk(run.block, run.count));
                return run.count - 1;
            }
        }
        return 0;
    }

    /** Makes the blocks of an idle chunk free. */
    void returnChunk(long block, long count) throws IOException {
        long lsn = journal.append(changes.get().clear().freeing().removeChunk(block, count));
        allocator.free(block, count, lsn);
    }

    @Override
    public long leave(long block, long count) throws IOException {
        return journal.append(changes.get().clear().freeing().leaveKnownZero(block, count));
    }

    @Override
    public long join(long block, long count) throws IOException {
        return journal.append(changes.get().clear().freeing().joinKnownZero(block, count));
    }

    @Override
    public void commit(long lsn) throws IOException {
        journal.commit(lsn);
    }

    @Override
    public long durableLsn() {
        return journal.durableLsn();
    }

    @Override
    public void zeroAndPersist(long block, long count) throws IOException {
        long offset = block * Limits.BLOCK_BYTES;
        long length = count * Limits.BLOCK_BYTES;
        device.zero(offset, length);
        failure.persist(offset, length);
    }

    @Override
    public void populate(long block, long count) {
        device.populate(block * Limits.BLOCK_BYTES, count * Limits.BLOCK_BYTES);
    }
}
