package dev.holdfast.fs;

import dev.holdfast.codec.LittleEndian;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The value of an extended attribute as its item says it: the bytes, or where they are.
 *
 * <p>Layout: form 1 (0 inline, 1 in blocks); inline, the bytes; in blocks, length 4, CRC-32C of the
 * bytes 4, then up to {@value #MAX_RUNS} runs of device block 8, count 4.
 */
sealed interface XattrValue {
    /** Most bytes that an item holds itself. */
    int INLINE_BYTES = 2048;
    /** Most runs, so that removing an attribute stays within the floor of {@link NodeReserve}. */
    int MAX_RUNS = 4;

    /** Adjacent blocks that hold the next bytes of a value. */
    record BlockRun(long block, int count) {
        private static final int BYTES = 12;
    }

    /** The bytes themselves. */
    record Inline(byte[] bytes) implements XattrValue {
        @Override
        public byte[] encode() {
            byte[] content = new byte[1 + bytes.length];
            System.arraycopy(bytes, 0, content, 1, bytes.length);
            return content;
        }

        @Override
        public List<BlockRun> runs() {
            return List.of();
        }
    }

    /** Where the bytes are, and what they must sum up to. */
    record Stored(int length, int crc, List<BlockRun> runs) implements XattrValue {
        @Override
        public byte[] encode() {
            byte[] content = new byte[9 + runs.size() * BlockRun.BYTES];
            content[0] = 1;
            LittleEndian.putInt(content, 1, length);
            LittleEndian.putInt(content, 5, crc);
            int at = 9;
            for (BlockRun run : runs) {
                LittleEndian.putLong(content, at, run.block);
                LittleEndian.putInt(content, at + 8, run.count);
                at += BlockRun.BYTES;
            }
            return content;
        }
    }

    /** Returns the item's form of this value. */
    byte[] encode();

    /** Returns the blocks of this value. */
    List<BlockRun> runs();

    /** Returns how many blocks this value has. */
    default long blocks() {
        return runs().stream().mapToLong(BlockRun::count).sum();
    }

    /** Decodes what {@link #encode} made; anything else is damage. */
    static XattrValue decode(byte[] content, String what) throws HoldfastException {
        if (content.length > 0 && content[0] == 0) {
            require(content.length - 1 <= INLINE_BYTES, what,
                    content.length - 1 + " bytes in the item; the limit is " + INLINE_BYTES);
            return new Inline(Arrays.copyOfRange(content, 1, content.length));
        }
        int runBytes = content.length - 9;
        require(runBytes > 0 && content[0] == 1 && runBytes % BlockRun.BYTES == 0
                && runBytes / BlockRun.BYTES <= MAX_RUNS, what, "neither bytes nor blocks");
        int length = LittleEndian.getInt(content, 1);
        List<BlockRun> runs = new ArrayList<>(MAX_RUNS);
        long blocks = 0;
        for (int at = 9; at < content.length; at += BlockRun.BYTES) {
            BlockRun run = new BlockRun(
                    LittleEndian.getLong(content, at), LittleEndian.getInt(content, at + 8));
            require(run.block > 0 && run.count > 0
                    && run.block <= Limits.VOLUME_MAX_BYTES / Limits.BLOCK_BYTES, what,
                    "its " + run + " cannot be");
            runs.add(run);
            blocks += run.count;
        }
        require(length > INLINE_BYTES && length <= Limits.XATTR_VALUE_BYTES
                && blocks == InodeHost.blocksToHold(length), what,
                length + " bytes in " + blocks + " blocks");
        return new Stored(length, LittleEndian.getInt(content, 5), List.copyOf(runs));
    }

    private static void require(boolean condition, String what, String problem)
            throws HoldfastException {
        if (!condition) {
            throw new HoldfastException(ErrorCode.CORRUPT, "attribute of " + what + ": " + problem);
        }
    }
}
