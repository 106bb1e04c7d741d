package dev.holdfast.tree;

import static dev.holdfast.tree.Layout.BLOCK_BYTES;
import static dev.holdfast.tree.Layout.ITEM_INODE_AT;
import static dev.holdfast.tree.Layout.ITEM_LENGTH_AT;
import static dev.holdfast.tree.Layout.ITEM_OFFSET_AT;
import static dev.holdfast.tree.Layout.ITEM_SLOT_BYTES;
import static dev.holdfast.tree.Layout.ITEM_TYPE_AT;
import static dev.holdfast.tree.Layout.ITEM_VALUE_AT;
import static dev.holdfast.tree.Layout.NODE_BLOCK_AT;
import static dev.holdfast.tree.Layout.NODE_CAPACITY;
import static dev.holdfast.tree.Layout.NODE_COUNT_AT;
import static dev.holdfast.tree.Layout.NODE_CRC_AT;
import static dev.holdfast.tree.Layout.NODE_GENERATION_AT;
import static dev.holdfast.tree.Layout.NODE_HEADER_BYTES;
import static dev.holdfast.tree.Layout.NODE_LEVEL_AT;
import static dev.holdfast.tree.Layout.NODE_MAGIC;
import static dev.holdfast.tree.Layout.NODE_MAGIC_AT;

import dev.holdfast.codec.LittleEndian;
import java.util.Arrays;

/** A node being filled, item by item in key order. Not thread-safe. */
final class NodeBuilder {
    private final byte[] bytes = new byte[BLOCK_BYTES];
    private int count;
    private int valuesAt = BLOCK_BYTES;
    private Key first;

    int count() {
        return count;
    }

    /** Bytes that the items take of {@link Layout#NODE_CAPACITY}. */
    int usedBytes() {
        return count * ITEM_SLOT_BYTES + (BLOCK_BYTES - valuesAt);
    }

    boolean fits(int moreBytes) {
        return usedBytes() + moreBytes <= NODE_CAPACITY;
    }

    Key first() {
        return first;
    }

    void append(Key key, byte[] source, int from, int length) {
        assert fits(ITEM_SLOT_BYTES + length);
        if (count == 0) {
            first = key;
        }
        valuesAt -= length;
        System.arraycopy(source, from, bytes, valuesAt, length);
        int at = NODE_HEADER_BYTES + count * ITEM_SLOT_BYTES;
        LittleEndian.putLong(bytes, at + ITEM_INODE_AT, key.inode());
        LittleEndian.putLong(bytes, at + ITEM_OFFSET_AT, key.offset());
        LittleEndian.putInt(bytes, at + ITEM_TYPE_AT, key.type());
        LittleEndian.putShort(bytes, at + ITEM_VALUE_AT, valuesAt);
        LittleEndian.putShort(bytes, at + ITEM_LENGTH_AT, length);
        count++;
    }

    /** Appends every item of {@code other}. */
    void appendAll(NodeBuilder other) {
        for (int i = 0; i < other.count; i++) {
            int at = NODE_HEADER_BYTES + i * ITEM_SLOT_BYTES;
            var key = new Key(LittleEndian.getLong(other.bytes, at + ITEM_INODE_AT),
                    LittleEndian.getInt(other.bytes, at + ITEM_TYPE_AT),
                    LittleEndian.getLong(other.bytes, at + ITEM_OFFSET_AT));
            append(key, other.bytes, LittleEndian.getShort(other.bytes, at + ITEM_VALUE_AT),
                    LittleEndian.getShort(other.bytes, at + ITEM_LENGTH_AT));
        }
    }

    /**
     * Fills in the header and returns the bytes of the node, good until the next {@link #clear}.
     */
    byte[] seal(long block, int level, long generation) {
        LittleEndian.putInt(bytes, NODE_MAGIC_AT, NODE_MAGIC);
        LittleEndian.putInt(bytes, NODE_LEVEL_AT, level);
        LittleEndian.putInt(bytes, NODE_COUNT_AT, count);
        LittleEndian.putLong(bytes, NODE_GENERATION_AT, generation);
        LittleEndian.putLong(bytes, NODE_BLOCK_AT, block);
        LittleEndian.putInt(bytes, NODE_CRC_AT, Checksum.crc32c(bytes, NODE_MAGIC_AT, BLOCK_BYTES));
        return bytes;
    }

    /** Empties the node. Bytes of old values must not reach the device again. */
    void clear() {
        Arrays.fill(bytes, (byte) 0);
        count = 0;
        valuesAt = BLOCK_BYTES;
        first = null;
    }
}
