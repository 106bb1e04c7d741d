package dev.holdfast.tree;

import dev.holdfast.codec.LittleEndian;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/**
 * What a superblock slot says: the volume's geometry, which never changes, and one checkpoint.
 *
 * @param geometry geometry and identity of the volume
 * @param generation number of the checkpoint, one more than that of the one before
 * @param root the checkpoint's tree
 * @param logStartLsn position from which the log goes on where the tree ends
 * @param nextInode an inode number that neither this one nor a greater one is in use
 * @param clean whether the volume was closed: the log holds nothing past its start
 */
public record Slot(Geometry geometry, long generation, Root root, long logStartLsn, long nextInode,
        boolean clean) {
    /**
     * What mkfs decides once.
     *
     * @param uuid identity of the volume
     * @param volumeBlocks size of the volume, in blocks
     * @param logFirstBlock first block of the log's ring
     * @param logBlocks size of the ring, in blocks
     * @param chunkBlocks size of a node chunk, in blocks; a power of two
     * @param hashKey0 first half of the key of the name hash
     * @param hashKey1 second half of the key of the name hash
     * @param createdMillis time of mkfs, in milliseconds since 1970
     * @param label name given by the user, at most 32 bytes of UTF-8; may be empty
     */
    public record Geometry(UUID uuid, long volumeBlocks, long logFirstBlock, long logBlocks,
            int chunkBlocks, long hashKey0, long hashKey1, long createdMillis, String label) {
        /** Refuses what mkfs must not write. */
        public Geometry {
            if (label.indexOf('\0') >= 0
                    || label.getBytes(StandardCharsets.UTF_8).length > Layout.LABEL_BYTES) {
                throw new IllegalArgumentException(
                        "label is longer than " + Layout.LABEL_BYTES + " bytes: " + label);
            }
        }
    }

    byte[] encode() {
        byte[] bytes = new byte[Layout.SLOT_BYTES];
        LittleEndian.putLong(bytes, Layout.SLOT_MAGIC_AT, Layout.SLOT_MAGIC);
        LittleEndian.putInt(bytes, Layout.SLOT_VERSION_AT, Layout.FORMAT_VERSION);
        LittleEndian.putLong(bytes, Layout.SLOT_UUID_HIGH_AT,
                geometry.uuid.getMostSignificantBits());
        LittleEndian.putLong(bytes, Layout.SLOT_UUID_LOW_AT,
                geometry.uuid.getLeastSignificantBits());
        LittleEndian.putLong(bytes, Layout.SLOT_VOLUME_BLOCKS_AT, geometry.volumeBlocks);
        LittleEndian.putLong(bytes, Layout.SLOT_LOG_FIRST_BLOCK_AT, geometry.logFirstBlock);
        LittleEndian.putLong(bytes, Layout.SLOT_LOG_BLOCKS_AT, geometry.logBlocks);
        LittleEndian.putLong(bytes, Layout.SLOT_CHUNK_BLOCKS_AT, geometry.chunkBlocks);
        LittleEndian.putLong(bytes, Layout.SLOT_HASH_KEY_0_AT, geometry.hashKey0);
        LittleEndian.putLong(bytes, Layout.SLOT_HASH_KEY_1_AT, geometry.hashKey1);
        LittleEndian.putLong(bytes, Layout.SLOT_CREATED_MILLIS_AT, geometry.createdMillis);
        byte[] label = geometry.label.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(label, 0, bytes, Layout.SLOT_LABEL_AT, label.length);
        LittleEndian.putLong(bytes, Layout.SLOT_GENERATION_AT, generation);
        LittleEndian.putLong(bytes, Layout.SLOT_ROOT_BLOCK_AT, root.block());
        LittleEndian.putLong(bytes, Layout.SLOT_ROOT_GENERATION_AT, root.generation());
        LittleEndian.putLong(bytes, Layout.SLOT_ITEMS_AT, root.items());
        LittleEndian.putLong(bytes, Layout.SLOT_ITEM_BYTES_AT, root.itemBytes());
        LittleEndian.putInt(bytes, Layout.SLOT_HEIGHT_AT, root.height());
        LittleEndian.putInt(bytes, Layout.SLOT_FLAGS_AT, clean ? Layout.FLAG_CLEAN : 0);
        LittleEndian.putLong(bytes, Layout.SLOT_LOG_START_LSN_AT, logStartLsn);
        LittleEndian.putLong(bytes, Layout.SLOT_NEXT_INODE_AT, nextInode);
        LittleEndian.putInt(bytes, Layout.SLOT_CRC_AT, checksum(bytes));
        return bytes;
    }

    /** Returns the checksum of a slot: over all of it, the checksum's own field taken as zero. */
    static int checksum(byte[] bytes) {
        byte[] copy = bytes.clone();
        LittleEndian.putInt(copy, Layout.SLOT_CRC_AT, 0);
        return Checksum.crc32c(copy, 0, Layout.SLOT_BYTES);
    }

    /**
     * Reads a slot whose magic, checksum and version are right.
     *
     * @throws HoldfastException CORRUPT, saying which check of the content failed
     */
    static Slot decode(byte[] bytes) throws HoldfastException {
        long chunkBlocks = LittleEndian.getLong(bytes, Layout.SLOT_CHUNK_BLOCKS_AT);
        check(chunkBlocks >= Layout.MIN_CHUNK_BLOCKS && chunkBlocks <= Layout.MAX_CHUNK_BLOCKS
                && Long.bitCount(chunkBlocks) == 1, "chunk size", chunkBlocks);
        long volume = LittleEndian.getLong(bytes, Layout.SLOT_VOLUME_BLOCKS_AT);
        check(volume > Layout.FIRST_LOG_BLOCK && volume <= Long.MAX_VALUE / Layout.BLOCK_BYTES,
                "volume size", volume);
        long logFirst = LittleEndian.getLong(bytes, Layout.SLOT_LOG_FIRST_BLOCK_AT);
        check(logFirst >= Layout.FIRST_LOG_BLOCK && logFirst < volume,
                "start of the log", logFirst);
        long logBlocks = LittleEndian.getLong(bytes, Layout.SLOT_LOG_BLOCKS_AT);
        check(logBlocks > 0 && logBlocks <= volume - logFirst, "size of the log", logBlocks);
        var geometry = new Geometry(
                new UUID(LittleEndian.getLong(bytes, Layout.SLOT_UUID_HIGH_AT),
                        LittleEndian.getLong(bytes, Layout.SLOT_UUID_LOW_AT)),
                volume, logFirst, logBlocks, (int) chunkBlocks,
                LittleEndian.getLong(bytes, Layout.SLOT_HASH_KEY_0_AT),
                LittleEndian.getLong(bytes, Layout.SLOT_HASH_KEY_1_AT),
                LittleEndian.getLong(bytes, Layout.SLOT_CREATED_MILLIS_AT),
                decodeLabel(bytes));
        long generation = LittleEndian.getLong(bytes, Layout.SLOT_GENERATION_AT);
        check(generation > 0, "generation", generation);
        Root root = decodeRoot(bytes, generation, logFirst + logBlocks, volume);
        long logStart = LittleEndian.getLong(bytes, Layout.SLOT_LOG_START_LSN_AT);
        check(logStart >= 0, "start LSN of the log", logStart);
        long nextInode = LittleEndian.getLong(bytes, Layout.SLOT_NEXT_INODE_AT);
        check(nextInode > 0, "next inode number", nextInode);
        int flags = LittleEndian.getInt(bytes, Layout.SLOT_FLAGS_AT);
        check((flags & ~Layout.FLAG_CLEAN) == 0, "flags", flags);
        return new Slot(geometry, generation, root, logStart, nextInode,
                (flags & Layout.FLAG_CLEAN) != 0);
    }

    private static Root decodeRoot(byte[] bytes, long generation, long firstFree, long volume)
            throws HoldfastException {
        var root = new Root(LittleEndian.getLong(bytes, Layout.SLOT_ROOT_BLOCK_AT),
                LittleEndian.getInt(bytes, Layout.SLOT_HEIGHT_AT),
                LittleEndian.getLong(bytes, Layout.SLOT_ROOT_GENERATION_AT),
                LittleEndian.getLong(bytes, Layout.SLOT_ITEMS_AT),
                LittleEndian.getLong(bytes, Layout.SLOT_ITEM_BYTES_AT));
        if (root.isEmpty()) {
            check(root.equals(Root.EMPTY), "root of an empty tree", root.block());
            return root;
        }
        check(root.height() > 0 && root.height() <= Layout.MAX_HEIGHT, "height", root.height());
        check(root.block() >= firstFree && root.block() < volume, "root block", root.block());
        check(root.generation() > 0 && root.generation() <= generation,
                "generation of the root", root.generation());
        check(root.items() > 0 && root.itemBytes() / Layout.ITEM_SLOT_BYTES >= root.items(),
                "number of items", root.items());
        return root;
    }

    private static String decodeLabel(byte[] bytes) throws HoldfastException {
        int at = Layout.SLOT_LABEL_AT;
        int length = 0;
        while (length < Layout.LABEL_BYTES && bytes[at + length] != 0) {
            length++;
        }
        String label = new String(bytes, at, length, StandardCharsets.UTF_8);
        check(Arrays.equals(label.getBytes(StandardCharsets.UTF_8),
                Arrays.copyOfRange(bytes, at, at + length)), "label of bytes", length);
        return label;
    }

    private static void check(boolean holds, String what, long value) throws HoldfastException {
        if (!holds) {
            throw new HoldfastException(ErrorCode.CORRUPT, what + " " + value);
        }
    }
}
