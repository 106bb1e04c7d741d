package dev.holdfast.fs;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.FileType;
import dev.holdfast.log.Log;
import dev.holdfast.log.LogGeometry;
import dev.holdfast.mutant.Mutants;
import dev.holdfast.tree.NodeSpace;
import dev.holdfast.tree.Overlay;
import dev.holdfast.tree.Root;
import dev.holdfast.tree.Slot;
import dev.holdfast.tree.SlotStore;
import dev.holdfast.tree.Tree;
import dev.holdfast.tree.TreeMerge;
import java.io.IOException;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Makes an empty volume: a root directory, all else free. In durable order: old superblock slots
 * are erased, the log's epoch table is written, then the first tree, and its slot last; a crash
 * before that leaves no volume.
 */
public final class Mkfs {
    private static final long FIRST_LOG_BLOCK = 4;
    private static final long RING_MIN_BLOCKS = 16;
    private static final long RING_MAX_BLOCKS = (64L << 20) / Limits.BLOCK_BYTES;
    private static final long SHARE_OF_VOLUME = 32;
    private static final int CHUNK_MIN_BLOCKS = 16;
    private static final int CHUNK_MAX_BLOCKS = 512;
    private static final int DIRECTORY_MODE = 0755;

    private Mkfs() {}

    /**
     * Writes an empty volume over the whole of {@code device}; durable on return.
     *
     * @param label name of the volume, at most 32 bytes of UTF-8; may be empty
     * @param random source of identity, epoch and hash key
     * @param nowNanos time of creation, since 1970
     */
    public static void format(DaxDevice device, String label, RandomGenerator random, long nowNanos)
            throws IOException {
        long blocks = device.sizeBytes() / Limits.BLOCK_BYTES;
        requireSize(device);
        long ringBlocks = Math.clamp(blocks / SHARE_OF_VOLUME, RING_MIN_BLOCKS, RING_MAX_BLOCKS);
        int chunkBlocks = Math.clamp(Long.highestOneBit(blocks / SHARE_OF_VOLUME),
                CHUNK_MIN_BLOCKS, CHUNK_MAX_BLOCKS);
        Slot.Geometry geometry = new Slot.Geometry(new UUID(random.nextLong(), random.nextLong()),
                blocks, FIRST_LOG_BLOCK, ringBlocks, chunkBlocks, random.nextLong(),
                random.nextLong(), nowNanos / 1_000_000, label);
        LogGeometry log = new LogGeometry(FIRST_LOG_BLOCK, ringBlocks);
        SlotStore.erase(device);
        Log.format(device, log, random.nextLong() | 1);
        writeTree(device, geometry, log.firstLsn(), nowNanos);
    }

    private static void requireSize(DaxDevice device) throws HoldfastException {
        long size = device.sizeBytes();
        if (size < Limits.VOLUME_MIN_BYTES || size > Limits.VOLUME_MAX_BYTES) {
            throw new HoldfastException(ErrorCode.INVALID, device.name() + ": a volume of " + size
                    + " bytes; it must have from " + Limits.VOLUME_MIN_BYTES + " (1 MiB) to "
                    + Limits.VOLUME_MAX_BYTES + " (64 TiB)");
        }
    }

    private static void writeTree(DaxDevice device, Slot.Geometry geometry, long logStart,
            long nowNanos) throws IOException {
        long chunk = alignUp(geometry.logFirstBlock() + geometry.logBlocks(),
                geometry.chunkBlocks());
        Overlay items = new Overlay(new Tree(device, Root.EMPTY));
        items.put(ItemType.run(ItemType.CHUNK, chunk), FoldedSpace.encode(geometry.chunkBlocks()));
        freeRun(items, device, geometry.logFirstBlock() + geometry.logBlocks(), chunk);
        freeRun(items, device, chunk + geometry.chunkBlocks(), geometry.volumeBlocks());
        items.put(ItemType.inode(ItemType.ROOT), root(nowNanos).encode());
        NodeSpace nodes = new NodeSpace(device, Mutants.NONE);
        nodes.addChunk(chunk, geometry.chunkBlocks());
        nodes.begin();
        Root root = TreeMerge.merge(new Tree(device, Root.EMPTY), items.changes(), nodes, 1).root();
        nodes.writeBitmaps(1);
        nodes.commit();
        SlotStore.write(device, new Slot(geometry, 1, root, logStart, ItemType.ROOT + 1, true));
    }

    private static void freeRun(Overlay items, DaxDevice device, long from, long to) {
        if (from < to) {
            items.put(ItemType.run(ItemType.FREE, from), FoldedSpace.encode(to - from));
            if (device.isKnownZeroWhenNew()) {
                items.put(ItemType.run(ItemType.ZERO, from), FoldedSpace.encode(to - from));
            }
        }
    }

    private static long alignUp(long block, long unit) {
        return (block + unit - 1) / unit * unit;
    }

    private static Attributes root(long nowNanos) {
        Attributes root = new Attributes();
        root.mode = FileType.DIRECTORY.modeBits() | DIRECTORY_MODE;
        root.links = 2;
        root.parent = ItemType.ROOT;
        root.atime = nowNanos;
        root.mtime = nowNanos;
        root.ctime = nowNanos;
        root.btime = nowNanos;
        return root;
    }
}
