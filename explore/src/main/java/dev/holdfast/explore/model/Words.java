package dev.holdfast.explore.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Says of a wrong word of a file where it is from: lost, stale or foreign. */
final class Words {
    private Words() {}

    /**
     * @param block the model's, or null for a hole
     * @param start offset of the block in the file
     * @param word offset of the word in the block
     * @param contents of the file
     */
    static String explain(Model model, FileBlock block, int start, int word, byte[] contents) {
        int offset = start + word;
        long found = read(contents, offset);
        String is = "the word at offset " + offset + " is ";
        if (block == null || !block.written) {
            return is + origin(model, found, offset) + "; here is "
                    + (block == null ? "a hole" : "an unwritten block") + ", which reads as zero";
        }
        long expected = read(block.live(), word);
        String verdict = found == 0 ? "lost: it is zero"
                : "not what was stored: it is " + origin(model, found, offset);
        return "the word at offset " + offset + " is " + verdict + "; expected is "
                + origin(model, expected, offset)
                + (block.isLost(word) ? ", which was persisted" : ", or an older value");
    }

    private static long read(byte[] bytes, int at) {
        byte[] word = at + Long.BYTES <= bytes.length ? bytes
                : Arrays.copyOf(bytes, at + Long.BYTES);
        return ByteBuffer.wrap(word).order(ByteOrder.LITTLE_ENDIAN).getLong(at);
    }

    private static String origin(Model model, long word, long offset) {
        if (word == 0) {
            return "zero";
        }
        Op op = model.ofGeneration(Pattern.generation(word));
        if (op == null) {
            return "0x" + Long.toHexString(word) + ", which nobody stored";
        }
        String by = "what operation " + Pattern.generation(word) + " (" + op + ") stored";
        return Pattern.offset(word) == offset ? by
                : "foreign: " + by + " at offset " + Pattern.offset(word);
    }
}
