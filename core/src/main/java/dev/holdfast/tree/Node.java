package dev.holdfast.tree;

import static dev.holdfast.tree.Layout.BLOCK_BYTES;
import static dev.holdfast.tree.Layout.CHILD_BLOCK_AT;
import static dev.holdfast.tree.Layout.CHILD_BYTES;
import static dev.holdfast.tree.Layout.CHILD_GENERATION_AT;
import static dev.holdfast.tree.Layout.ITEM_INODE_AT;
import static dev.holdfast.tree.Layout.ITEM_LENGTH_AT;
import static dev.holdfast.tree.Layout.ITEM_OFFSET_AT;
import static dev.holdfast.tree.Layout.ITEM_SLOT_BYTES;
import static dev.holdfast.tree.Layout.ITEM_TYPE_AT;
import static dev.holdfast.tree.Layout.ITEM_VALUE_AT;
import static dev.holdfast.tree.Layout.MAX_VALUE_BYTES;
import static dev.holdfast.tree.Layout.NODE_CAPACITY;
import static dev.holdfast.tree.Layout.NODE_COUNT_AT;
import static dev.holdfast.tree.Layout.NODE_CRC_AT;
import static dev.holdfast.tree.Layout.NODE_GENERATION_AT;
import static dev.holdfast.tree.Layout.NODE_HEADER_BYTES;
import static dev.holdfast.tree.Layout.NODE_LEVEL_AT;
import static dev.holdfast.tree.Layout.NODE_MAGIC;
import static dev.holdfast.tree.Layout.NODE_MAGIC_AT;
import static dev.holdfast.tree.Layout.NODE_BLOCK_AT;

import dev.holdfast.codec.LittleEndian;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.Arrays;

/**
 * A copy of one node in the heap. Leaves and inner nodes have one form: sorted items; an inner
 * node's item is the first key of a child with the child's place as its value.
 *
 * <p>Lifecycle: {@link #read} fills it and checks all of it, so that the getters can trust it; an
 * owner may read again and again into the same object. Not thread-safe.
 */
final class Node {
    private final byte[] bytes = new byte[BLOCK_BYTES];
    private int count;
    private long block;
    private long generation;
    private int level;
    private boolean whole;

    /**
     * Reads and checks a node, unless this one is what was read last: a node does not change as
     * long as a tree has it.
     */
    void readOrKeep(DaxDevice device, NodeRef ref) throws HoldfastException {
        if (!whole || block != ref.block() || generation != ref.generation()
                || level != ref.level()) {
            read(device, ref);
        }
    }

    /**
     * Reads and checks a node.
     *
     * @param ref where the node is and what its parent says of it
     * @throws HoldfastException CORRUPT, naming the block and the check that failed
     */
    void read(DaxDevice device, NodeRef ref) throws HoldfastException {
        whole = false;
        block = ref.block();
        generation = ref.generation();
        level = ref.level();
        long blocks = device.sizeBytes() / BLOCK_BYTES;
        check(block > 0 && block < blocks, "block number is outside the device");
        device.get(block * BLOCK_BYTES, bytes, 0, BLOCK_BYTES);
        check(LittleEndian.getInt(bytes, NODE_MAGIC_AT) == NODE_MAGIC, "magic");
        check(LittleEndian.getInt(bytes, NODE_CRC_AT)
                        == Checksum.crc32c(bytes, NODE_MAGIC_AT, BLOCK_BYTES),
                "checksum");
        check(LittleEndian.getLong(bytes, NODE_BLOCK_AT) == block, "own block number");
        check(LittleEndian.getInt(bytes, NODE_LEVEL_AT) == ref.level(), "level");
        check(LittleEndian.getLong(bytes, NODE_GENERATION_AT) == ref.generation(), "generation");
        count = LittleEndian.getInt(bytes, NODE_COUNT_AT);
        check(count > 0 && count <= NODE_CAPACITY / ITEM_SLOT_BYTES, "item count");
        checkValues(ref, blocks);
        checkKeys(ref);
        whole = true;
    }

    /** Values lie without gaps, in key order, from the end of the node downwards. */
    private void checkValues(NodeRef ref, long blocks) throws HoldfastException {
        int slotsEnd = NODE_HEADER_BYTES + count * ITEM_SLOT_BYTES;
        int end = BLOCK_BYTES;
        for (int i = 0; i < count; i++) {
            int start = valueAt(i);
            int length = valueLength(i);
            check(length <= MAX_VALUE_BYTES && start >= slotsEnd && start + length == end,
                    "place of a value");
            end = start;
            if (ref.level() > 0) {
                check(length == CHILD_BYTES, "length of a child reference");
                check(childBlock(i) > 0 && childBlock(i) < blocks, "block number of a child");
                check(childGeneration(i) <= ref.generation(), "generation of a child");
            }
        }
    }

    private void checkKeys(NodeRef ref) throws HoldfastException {
        check(ref.first() == null || compare(0, ref.first()) == 0, "first key");
        check(ref.end() == null || compare(count - 1, ref.end()) < 0, "last key");
        for (int i = 1; i < count; i++) {
            check(compareItems(i - 1, i) < 0, "order of keys");
        }
    }

    private void check(boolean holds, String what) throws HoldfastException {
        if (!holds) {
            throw new HoldfastException(ErrorCode.CORRUPT,
                    "tree node in block " + block + " is damaged: " + what);
        }
    }

    long block() {
        return block;
    }

    int count() {
        return count;
    }

    private static int slotAt(int index) {
        return NODE_HEADER_BYTES + index * ITEM_SLOT_BYTES;
    }

    private int valueAt(int index) {
        return LittleEndian.getShort(bytes, slotAt(index) + ITEM_VALUE_AT);
    }

    int valueLength(int index) {
        return LittleEndian.getShort(bytes, slotAt(index) + ITEM_LENGTH_AT);
    }

    /** Bytes that the items take of {@link Layout#NODE_CAPACITY}. */
    int usedBytes() {
        return count * ITEM_SLOT_BYTES + (BLOCK_BYTES - valueAt(count - 1));
    }

    Key key(int index) {
        int at = slotAt(index);
        return new Key(LittleEndian.getLong(bytes, at + ITEM_INODE_AT),
                LittleEndian.getInt(bytes, at + ITEM_TYPE_AT),
                LittleEndian.getLong(bytes, at + ITEM_OFFSET_AT));
    }

    byte[] value(int index) {
        return Arrays.copyOfRange(bytes, valueAt(index), valueAt(index) + valueLength(index));
    }

    /** Tells whether the value of an item is {@code value}. */
    boolean valueEquals(int index, byte[] value) {
        int at = valueAt(index);
        return Arrays.equals(bytes, at, at + valueLength(index), value, 0, value.length);
    }

    /** Appends an item of this node to a node being built. */
    void copyTo(NodeBuilder builder, int index) {
        builder.append(key(index), bytes, valueAt(index), valueLength(index));
    }

    private long childBlock(int index) {
        return LittleEndian.getLong(bytes, valueAt(index) + CHILD_BLOCK_AT);
    }

    private long childGeneration(int index) {
        return LittleEndian.getLong(bytes, valueAt(index) + CHILD_GENERATION_AT);
    }

    /** Returns where a child of this inner node is; {@code self} is this node's own reference. */
    NodeRef child(int index, NodeRef self) {
        Key end = index + 1 < count ? key(index + 1) : self.end();
        return new NodeRef(childBlock(index), self.level() - 1, childGeneration(index), key(index),
                end);
    }

    int compare(int index, Key key) {
        int at = slotAt(index);
        return Key.compare(LittleEndian.getLong(bytes, at + ITEM_INODE_AT),
                LittleEndian.getInt(bytes, at + ITEM_TYPE_AT),
                LittleEndian.getLong(bytes, at + ITEM_OFFSET_AT),
                key);
    }

    private int compareItems(int left, int right) {
        int a = slotAt(left);
        int b = slotAt(right);
        int order = Long.compareUnsigned(LittleEndian.getLong(bytes, a + ITEM_INODE_AT),
                LittleEndian.getLong(bytes, b + ITEM_INODE_AT));
        if (order == 0) {
            order = Integer.compareUnsigned(LittleEndian.getInt(bytes, a + ITEM_TYPE_AT),
                    LittleEndian.getInt(bytes, b + ITEM_TYPE_AT));
        }
        return order != 0 ? order : Long.compareUnsigned(
                LittleEndian.getLong(bytes, a + ITEM_OFFSET_AT),
                LittleEndian.getLong(bytes, b + ITEM_OFFSET_AT));
    }

    /** Returns the index of the greatest key that is not above {@code key}, or -1. */
    int floorIndex(Key key) {
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (compare(middle, key) <= 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }
}
