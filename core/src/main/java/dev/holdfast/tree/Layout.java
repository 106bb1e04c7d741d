package dev.holdfast.tree;

import static java.lang.foreign.MemoryLayout.paddingLayout;
import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.holdfast.device.DaxDevice;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Where every field of the checkpoint lies on the device. All integers are little-endian. The
 * {@link StructLayout}s say the same as the offsets, for readers and for the test that compares
 * both.
 */
public final class Layout {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Bytes of a node, of a chunk header, and of a superblock slot's block. */
    public static final int BLOCK_BYTES = DaxDevice.BLOCK_BYTES;

    // Superblock slot: at the start of block 0 or 1.

    /** Blocks that hold the superblock slots: 0 and 1. */
    public static final int SLOTS = 2;
    /** First block that neither a slot nor an epoch table takes. */
    public static final long FIRST_LOG_BLOCK = 4;
    /** Bytes of a slot under its checksum. In every format version. */
    public static final int SLOT_BYTES = 256;
    /** "HOLDFAST". In every format version. */
    public static final long SLOT_MAGIC = 0x54534146_444C4F48L;
    /** Format version that this code writes, and the only one that it reads. */
    public static final int FORMAT_VERSION = 2;
    static final int SLOT_MAGIC_AT = 0;
    /** CRC-32C of the slot with this field zero. In every format version. */
    static final int SLOT_CRC_AT = 8;
    static final int SLOT_VERSION_AT = 12;
    static final int SLOT_UUID_HIGH_AT = 16;
    static final int SLOT_UUID_LOW_AT = 24;
    static final int SLOT_VOLUME_BLOCKS_AT = 32;
    static final int SLOT_LOG_FIRST_BLOCK_AT = 40;
    static final int SLOT_LOG_BLOCKS_AT = 48;
    static final int SLOT_CHUNK_BLOCKS_AT = 56;
    static final int SLOT_HASH_KEY_0_AT = 64;
    static final int SLOT_HASH_KEY_1_AT = 72;
    static final int SLOT_CREATED_MILLIS_AT = 80;
    static final int SLOT_LABEL_AT = 88;
    /** Bytes of a label in UTF-8, unused ones zero. */
    public static final int LABEL_BYTES = 32;
    static final int SLOT_GENERATION_AT = 128;
    static final int SLOT_ROOT_BLOCK_AT = 136;
    static final int SLOT_ROOT_GENERATION_AT = 144;
    static final int SLOT_ITEMS_AT = 152;
    static final int SLOT_ITEM_BYTES_AT = 160;
    static final int SLOT_HEIGHT_AT = 168;
    static final int SLOT_FLAGS_AT = 172;
    static final int SLOT_LOG_START_LSN_AT = 176;
    static final int SLOT_NEXT_INODE_AT = 184;
    /** Flag: the log holds nothing past its start; the volume was closed. */
    static final int FLAG_CLEAN = 1;

    static final StructLayout SLOT = structLayout(
            LONG.withName("magic"), INT.withName("crc"), INT.withName("version"),
            LONG.withName("uuidHigh"), LONG.withName("uuidLow"), LONG.withName("volumeBlocks"),
            LONG.withName("logFirstBlock"), LONG.withName("logBlocks"),
            LONG.withName("chunkBlocks"),
            LONG.withName("hashKey0"), LONG.withName("hashKey1"), LONG.withName("createdMillis"),
            sequenceLayout(LABEL_BYTES, JAVA_BYTE).withName("label"), paddingLayout(8),
            LONG.withName("generation"), LONG.withName("rootBlock"),
            LONG.withName("rootGeneration"), LONG.withName("items"), LONG.withName("itemBytes"),
            INT.withName("height"), INT.withName("flags"), LONG.withName("logStartLsn"),
            LONG.withName("nextInode"), paddingLayout(64));

    // Node: one block. Slots grow up from the header, values grow down from the end, in key order.

    /** "HFND". */
    static final int NODE_MAGIC = 0x444E4648;
    /** CRC-32C of the rest of the block. */
    static final int NODE_CRC_AT = 0;
    static final int NODE_MAGIC_AT = 4;
    /** 0 for a leaf. */
    static final int NODE_LEVEL_AT = 8;
    static final int NODE_COUNT_AT = 12;
    static final int NODE_GENERATION_AT = 16;
    /** The node's own block number: a node in the wrong place is not taken for the right one. */
    static final int NODE_BLOCK_AT = 24;
    static final int NODE_HEADER_BYTES = 32;
    /** Bytes that items of a node share. */
    static final int NODE_CAPACITY = BLOCK_BYTES - NODE_HEADER_BYTES;

    static final StructLayout NODE_HEADER = structLayout(
            INT.withName("crc"), INT.withName("magic"), INT.withName("level"),
            INT.withName("count"), LONG.withName("generation"), LONG.withName("block"));

    static final int ITEM_INODE_AT = 0;
    static final int ITEM_OFFSET_AT = 8;
    static final int ITEM_TYPE_AT = 16;
    static final int ITEM_VALUE_AT = 20;
    static final int ITEM_LENGTH_AT = 22;
    /** Bytes an item takes beside its value. */
    static final int ITEM_SLOT_BYTES = 24;

    static final StructLayout ITEM_SLOT = structLayout(
            LONG.withName("inode"), LONG.withName("offset"), INT.withName("type"),
            SHORT.withName("value"), SHORT.withName("length"));

    /** The value of an inner node's item: the child whose first key is the item's key. */
    static final int CHILD_BLOCK_AT = 0;
    static final int CHILD_GENERATION_AT = 8;
    static final int CHILD_BYTES = 16;

    /** Longest value of an item. */
    public static final int MAX_VALUE_BYTES = 3584;
    /** Most levels a tree can have; far above what the largest volume needs. */
    public static final int MAX_HEIGHT = 16;

    // Chunk header: the first block of a chunk, a half for even and one for odd generations.

    /** Fewest blocks of a chunk, its header included. */
    public static final int MIN_CHUNK_BLOCKS = 16;
    /** Most blocks of a chunk, its header included: 2 MiB. */
    public static final int MAX_CHUNK_BLOCKS = 512;
    /** "HFCH". */
    static final int HALF_MAGIC = 0x48434648;
    /** CRC-32C of the rest of the half's {@link #HALF_BYTES}. */
    static final int HALF_CRC_AT = 0;
    static final int HALF_MAGIC_AT = 4;
    static final int HALF_GENERATION_AT = 8;
    static final int HALF_START_AT = 16;
    static final int HALF_BLOCKS_AT = 24;
    /** Nodes live in the half's generation: bit i for the chunk's block i + 1. */
    static final int HALF_LIVE_AT = 32;
    static final int BITMAP_BYTES = 64;
    /** Nodes live in the generation before: so one intact half protects both trees. */
    static final int HALF_OLDER_AT = HALF_LIVE_AT + BITMAP_BYTES;
    static final int HALF_BYTES = HALF_OLDER_AT + BITMAP_BYTES;
    /** Distance of the two halves: they share no line. */
    static final int HALF_STRIDE = BLOCK_BYTES / 2;

    static final StructLayout HALF = structLayout(
            INT.withName("crc"), INT.withName("magic"), LONG.withName("generation"),
            LONG.withName("start"), INT.withName("blocks"), paddingLayout(4),
            sequenceLayout(BITMAP_BYTES, JAVA_BYTE).withName("live"),
            sequenceLayout(BITMAP_BYTES, JAVA_BYTE).withName("older"));

    private Layout() {}

    /** Returns the bytes an item with a value of this length takes in a leaf. */
    public static long itemBytes(int valueBytes) {
        return ITEM_SLOT_BYTES + (long) valueBytes;
    }
}
