package dev.holdfast.tree;

import static dev.holdfast.tree.Layout.BITMAP_BYTES;
import static dev.holdfast.tree.Layout.BLOCK_BYTES;
import static dev.holdfast.tree.Layout.HALF_BLOCKS_AT;
import static dev.holdfast.tree.Layout.HALF_BYTES;
import static dev.holdfast.tree.Layout.HALF_CRC_AT;
import static dev.holdfast.tree.Layout.HALF_GENERATION_AT;
import static dev.holdfast.tree.Layout.HALF_LIVE_AT;
import static dev.holdfast.tree.Layout.HALF_MAGIC;
import static dev.holdfast.tree.Layout.HALF_MAGIC_AT;
import static dev.holdfast.tree.Layout.HALF_OLDER_AT;
import static dev.holdfast.tree.Layout.HALF_START_AT;
import static dev.holdfast.tree.Layout.HALF_STRIDE;

import dev.holdfast.codec.LittleEndian;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;

/**
 * One chunk of nodes: its header block, and three bitmaps over the nodes behind it. Guarded by the
 * lock of its {@link NodeSpace}.
 */
final class NodeChunk {
    private static final int WORDS = BITMAP_BYTES / Long.BYTES;

    private final long start;
    private final int blocks;
    private final boolean reusesLiveNodes;
    /** Nodes of the newest durable checkpoint. */
    private final long[] live = new long[WORDS];
    /** Nodes of the durable checkpoint before it. */
    private final long[] older = new long[WORDS];
    /** Nodes of the checkpoint in progress; between checkpoints the same as {@link #live}. */
    private final long[] next = new long[WORDS];
    private int free;
    /** Added while a checkpoint is in progress, whose tree does not know of this chunk. */
    private boolean resting;

    NodeChunk(long start, int blocks, boolean reusesLiveNodes) {
        this.start = start;
        this.blocks = blocks;
        this.reusesLiveNodes = reusesLiveNodes;
        this.free = blocks - 1;
    }

    void rest() {
        resting = true;
    }

    boolean isResting() {
        return resting;
    }

    long start() {
        return start;
    }

    int blocks() {
        return blocks;
    }

    long end() {
        return start + blocks;
    }

    /** Nodes that can be taken by now. */
    int free() {
        return resting ? 0 : free;
    }

    boolean hasNode(long block) {
        return block > start && block < end();
    }

    private int bitOf(long block) {
        return (int) (block - start - 1);
    }

    private static boolean isSet(long[] bitmap, int bit) {
        return (bitmap[bit >> 6] & 1L << bit) != 0;
    }

    boolean isLive(long block) {
        return isSet(live, bitOf(block));
    }

    boolean isNext(long block) {
        return isSet(next, bitOf(block));
    }

    boolean isIdle() {
        long any = 0;
        for (int i = 0; i < WORDS; i++) {
            any |= live[i] | older[i] | next[i];
        }
        return any == 0;
    }

    int liveCount() {
        int count = 0;
        for (long word : live) {
            count += Long.bitCount(word);
        }
        return count;
    }

    int freeAfterCommit() {
        int used = 0;
        for (int i = 0; i < WORDS; i++) {
            used += Long.bitCount(live[i] | next[i]);
        }
        return blocks - 1 - used;
    }

    private long used(int word) {
        return live[word] | next[word] | (reusesLiveNodes ? 0 : older[word]);
    }

    /** Takes the lowest free node; returns its block, or -1. */
    long allocate() {
        if (free() == 0) {
            return -1;
        }
        for (int i = 0; ; i++) {
            int bit = i * Long.SIZE + Long.numberOfTrailingZeros(~used(i));
            if (~used(i) != 0) {
                assert bit < blocks - 1 : "count of free nodes is wrong";
                next[i] |= 1L << bit;
                free--;
                return start + 1 + bit;
            }
        }
    }

    /** Gives a node back: free at once, unless the newest durable checkpoint has it. */
    void free(long block) {
        int bit = bitOf(block);
        next[bit >> 6] &= ~(1L << bit);
        if (!isSet(live, bit)) {
            free++;
        }
    }

    void commit() {
        System.arraycopy(live, 0, older, 0, WORDS);
        System.arraycopy(next, 0, live, 0, WORDS);
        recount();
    }

    void abort() {
        System.arraycopy(live, 0, next, 0, WORDS);
        recount();
    }

    private void recount() {
        resting = false;
        free = blocks - 1;
        for (int i = 0; i < WORDS; i++) {
            free -= Long.bitCount(used(i));
        }
    }

    /** Returns where on the device the half of a generation is. */
    private long halfAt(long generation) {
        return start * BLOCK_BYTES + (generation & 1) * HALF_STRIDE;
    }

    /** Stores the half of the checkpoint in progress; returns its offset, to be persisted. */
    long store(DaxDevice device, long generation) {
        byte[] half = new byte[HALF_BYTES];
        LittleEndian.putInt(half, HALF_MAGIC_AT, HALF_MAGIC);
        LittleEndian.putLong(half, HALF_GENERATION_AT, generation);
        LittleEndian.putLong(half, HALF_START_AT, start);
        LittleEndian.putInt(half, HALF_BLOCKS_AT, blocks);
        for (int i = 0; i < WORDS; i++) {
            LittleEndian.putLong(half, HALF_LIVE_AT + i * Long.BYTES, next[i]);
            LittleEndian.putLong(half, HALF_OLDER_AT + i * Long.BYTES, live[i]);
        }
        LittleEndian.putInt(half, HALF_CRC_AT, Checksum.crc32c(half, HALF_MAGIC_AT, HALF_BYTES));
        device.put(halfAt(generation), half, 0, HALF_BYTES);
        return halfAt(generation);
    }

    /**
     * Reads the liveness of a durable checkpoint and of the one before. A mount that falls back to
     * the older slot finds its own half written over, if the crash came while a third checkpoint
     * was being written; the half of the newer generation then has what it needs.
     */
    void load(DaxDevice device, long generation) throws HoldfastException {
        byte[] half = new byte[HALF_BYTES];
        String problem = readHalf(device, generation, half);
        if (problem == null) {
            fill(live, half, HALF_LIVE_AT);
            fill(older, half, HALF_OLDER_AT);
        } else if (readHalf(device, generation + 1, half) == null) {
            fill(live, half, HALF_OLDER_AT);
        } else {
            throw new HoldfastException(ErrorCode.CORRUPT, "node chunk at block " + start
                    + " has no bitmap of checkpoint " + generation + ": " + problem);
        }
        System.arraycopy(live, 0, next, 0, WORDS);
        recount();
    }

    /** Reads the half of a generation; returns the check that failed, or null. */
    private String readHalf(DaxDevice device, long generation, byte[] half) {
        device.get(halfAt(generation), half, 0, HALF_BYTES);
        if (LittleEndian.getInt(half, HALF_MAGIC_AT) != HALF_MAGIC) {
            return "magic";
        }
        if (LittleEndian.getInt(half, HALF_CRC_AT)
                != Checksum.crc32c(half, HALF_MAGIC_AT, HALF_BYTES)) {
            return "checksum";
        }
        if (LittleEndian.getLong(half, HALF_GENERATION_AT) != generation) {
            return "generation";
        }
        if (LittleEndian.getLong(half, HALF_START_AT) != start
                || LittleEndian.getInt(half, HALF_BLOCKS_AT) != blocks) {
            return "place";
        }
        return isWithin(half, HALF_LIVE_AT) && isWithin(half, HALF_OLDER_AT) ? null : "bits";
    }

    /** Tells whether no bit past the last node is set. */
    private boolean isWithin(byte[] half, int at) {
        for (int bit = blocks - 1; bit < BITMAP_BYTES * Byte.SIZE; bit++) {
            if ((half[at + (bit >> 3)] & 1 << (bit & 7)) != 0) {
                return false;
            }
        }
        return true;
    }

    private static void fill(long[] bitmap, byte[] half, int at) {
        for (int i = 0; i < WORDS; i++) {
            bitmap[i] = LittleEndian.getLong(half, at + i * Long.BYTES);
        }
    }
}
