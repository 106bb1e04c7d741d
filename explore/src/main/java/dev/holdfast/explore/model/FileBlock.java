package dev.holdfast.explore.model;

import dev.holdfast.device.DaxDevice;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A block of a file, from its allocation or conversion on, with all contents that a crash may
 * leave.
 *
 * <p>{@code older} holds what the block was before each store that is not wholly persisted;
 * persisting bytes makes them alike in all of them. So a word can be found after a crash exactly if
 * one of the versions has it.
 */
final class FileBlock {
    static final int BYTES = DaxDevice.BLOCK_BYTES;

    final boolean written;
    /** Number of the model's state in which the block first is part of its file. */
    final int bornAt;
    private final byte[] live;
    private final List<byte[]> older;

    FileBlock(boolean written, int bornAt) {
        this(written, bornAt, new byte[BYTES], new ArrayList<>(2));
    }

    private FileBlock(boolean written, int bornAt, byte[] live, List<byte[]> older) {
        this.written = written;
        this.bornAt = bornAt;
        this.live = live;
        this.older = older;
    }

    byte[] live() {
        return live;
    }

    /** Stores a pattern; {@code fileOffset} is where the block begins. */
    void store(int from, int to, Pattern pattern, long fileOffset) {
        older.add(live.clone());
        pattern.fill(MemorySegment.ofArray(live).asSlice(from, to - from), fileOffset + from);
    }

    /** Stores zeroes. */
    void zero(int from, int to) {
        older.add(live.clone());
        Arrays.fill(live, from, to, (byte) 0);
    }

    /** Says that a range is durably zero, whatever a crash may do. */
    void zeroForGood(int from, int to) {
        Arrays.fill(live, from, to, (byte) 0);
        persist(from, to);
    }

    void persist(int from, int to) {
        if (from == 0 && to == BYTES) {
            older.clear();
        }
        for (byte[] version : older) {
            System.arraycopy(live, from, version, from, to - from);
        }
    }

    /**
     * Returns the first byte, below {@code end}, of a word that no crash can have left, or -1.
     *
     * @param found holds the block, from {@code start} on
     */
    int firstImpossible(byte[] found, int start, int end) {
        int at = firstDifferent(found, start, end);
        while (at >= 0) {
            int word = at & -Long.BYTES;
            int wordEnd = Math.min(end, word + Long.BYTES);
            if (!isOlder(found, start, word, wordEnd)) {
                return word;
            }
            int next = Arrays.mismatch(live, wordEnd, end, found, start + wordEnd, start + end);
            at = next < 0 ? -1 : wordEnd + next;
        }
        return -1;
    }

    /** As {@link #firstImpossible}, of what was persisted whole: the first byte that differs. */
    int firstDifferent(byte[] found, int start, int end) {
        return Arrays.mismatch(live, 0, end, found, start, start + end);
    }

    private boolean isOlder(byte[] found, int start, int from, int to) {
        for (byte[] version : older) {
            if (Arrays.equals(found, start + from, start + to, version, from, to)) {
                return true;
            }
        }
        return false;
    }

    /** Tells whether a word was what the file showed, before it was overwritten or now. */
    boolean isLost(int word) {
        for (byte[] version : older) {
            if (!Arrays.equals(live, word, word + Long.BYTES, version, word, word + Long.BYTES)) {
                return false;
            }
        }
        return true;
    }

    /** Takes over what was found after a crash, or after a store that failed in part. */
    void settle(byte[] found, int start, int end) {
        System.arraycopy(found, start, live, 0, end);
        older.clear();
    }

    /** Takes over what a store that failed in part left. */
    void observe(byte[] found, int start, int end) {
        older.add(live.clone());
        System.arraycopy(found, start, live, 0, end);
    }
}
