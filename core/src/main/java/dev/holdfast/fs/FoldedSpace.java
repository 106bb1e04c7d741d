package dev.holdfast.fs;

import dev.holdfast.codec.LittleEndian;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.tree.Items;
import dev.holdfast.tree.Layout;
import dev.holdfast.tree.Overlay;
import java.io.IOException;

/**
 * Free space, the known-zero set and node chunks as items. Runs of a type never overlap; runs of
 * FREE and of ZERO are maximal; ZERO lies within FREE.
 */
final class FoldedSpace {
    private final Overlay items;
    private final long volumeBlocks;

    FoldedSpace(Overlay items, long volumeBlocks) {
        this.items = items;
        this.volumeBlocks = volumeBlocks;
    }

    /** Blocks leave free space; they must be free, and must have left the known-zero set before. */
    void take(long block, long count) throws IOException {
        require(block, count, !overlaps(ItemType.ZERO, block, count),
                "are handed out while still claimed to be zero");
        cut(ItemType.FREE, block, count, "are not free");
    }

    /** Blocks become free. */
    void give(long block, long count) throws IOException {
        require(block, count, !overlaps(ItemType.FREE, block, count), "are free already");
        add(ItemType.FREE, block, count);
    }

    void leaveKnownZero(long block, long count) throws IOException {
        cut(ItemType.ZERO, block, count, "are not claimed to be zero");
    }

    void joinKnownZero(long block, long count) throws IOException {
        require(block, count, covers(ItemType.FREE, block, count), "are claimed zero but not free");
        require(block, count, !overlaps(ItemType.ZERO, block, count), "are claimed zero already");
        add(ItemType.ZERO, block, count);
    }

    void takeChunk(long block, long count) throws IOException {
        require(block, count,
                count >= Layout.MIN_CHUNK_BLOCKS && count <= Layout.MAX_CHUNK_BLOCKS,
                "cannot be a node chunk");
        take(block, count);
        items.put(ItemType.run(ItemType.CHUNK, block), encode(count));
    }

    void returnChunk(long block, long count) throws IOException {
        byte[] value = items.get(ItemType.run(ItemType.CHUNK, block));
        require(block, count, value != null && decode(value, block) == count, "are not a chunk");
        items.remove(ItemType.run(ItemType.CHUNK, block));
        give(block, count);
    }

    static byte[] encode(long count) {
        byte[] value = new byte[Long.BYTES];
        LittleEndian.putLong(value, 0, count);
        return value;
    }

    static long decode(byte[] value, long block) throws HoldfastException {
        long count = value.length == Long.BYTES ? LittleEndian.getLong(value, 0) : 0;
        long limit = Limits.VOLUME_MAX_BYTES / Limits.BLOCK_BYTES;
        if (count <= 0 || count > limit || block <= 0 || block > limit) {
            throw new HoldfastException(ErrorCode.CORRUPT,
                    "run at block " + block + " is out of range");
        }
        return count;
    }

    private void add(int type, long block, long count) throws IOException {
        long start = block;
        long end = block + count;
        Items.Item before = runAtOrBefore(type, block - 1);
        if (before != null && end(before) == block) {
            start = before.key().offset();
        }
        byte[] after = items.get(ItemType.run(type, end));
        if (after != null) {
            items.remove(ItemType.run(type, end));
            end += decode(after, end);
        }
        items.put(ItemType.run(type, start), encode(end - start));
    }

    private void cut(int type, long block, long count, String otherwise) throws IOException {
        require(block, count, covers(type, block, count), otherwise);
        Items.Item run = runAtOrBefore(type, block);
        long start = run.key().offset();
        long end = end(run);
        if (start < block) {
            items.put(run.key(), encode(block - start));
        } else {
            items.remove(run.key());
        }
        if (end > block + count) {
            items.put(ItemType.run(type, block + count), encode(end - (block + count)));
        }
    }

    private boolean covers(int type, long block, long count) throws IOException {
        require(block, count, block > 0 && count > 0 && block <= volumeBlocks - count,
                "lie outside the volume");
        Items.Item run = runAtOrBefore(type, block);
        return run != null && end(run) >= block + count;
    }

    private boolean overlaps(int type, long block, long count) throws IOException {
        require(block, count, block > 0 && count > 0 && block <= volumeBlocks - count,
                "lie outside the volume");
        Items.Item run = runAtOrBefore(type, block + count - 1);
        return run != null && end(run) > block;
    }

    private Items.Item runAtOrBefore(int type, long block) throws IOException {
        Items.Item item = items.floor(ItemType.run(type, block));
        boolean found = item != null && item.key().inode() == ItemType.VOLUME
                && item.key().type() == type;
        return found ? item : null;
    }

    private static long end(Items.Item run) throws HoldfastException {
        return run.key().offset() + decode(run.value(), run.key().offset());
    }

    private static void require(long block, long count, boolean condition, String message)
            throws HoldfastException {
        if (!condition) {
            throw new HoldfastException(ErrorCode.CORRUPT,
                    "blocks " + block + "+" + count + " " + message);
        }
    }
}
