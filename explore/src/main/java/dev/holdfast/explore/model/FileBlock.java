package dev.holdfast.explore.model;

import dev.holdfast.device.DaxDevice;
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
    private final byte[] live = new byte[BYTES];
    private final List<byte[]> older = new ArrayList<>();

    FileBlock(boolean written, int bornAt) {
        this.written = written;
        this.bornAt = bornAt;
    }

    byte[] live() {
        return live;
    }

    void store(int from, int to, byte fill) {
        older.add(live.clone());
        Arrays.fill(live, from, to, fill);
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

    /** Returns the first byte, below {@code end}, of a word that no crash can have left, or -1. */
    int firstImpossible(byte[] found, int end) {
        for (int word = 0; word < end; word += Long.BYTES) {
            int wordEnd = Math.min(end, word + Long.BYTES);
            if (!isPossible(found, word, wordEnd)) {
                return word;
            }
        }
        return -1;
    }

    /** As {@link #firstImpossible}, of what was persisted whole. */
    int firstDifferent(byte[] found, int end) {
        return Arrays.mismatch(live, 0, end, found, 0, end);
    }

    private boolean isPossible(byte[] found, int from, int to) {
        if (Arrays.equals(found, from, to, live, from, to)) {
            return true;
        }
        for (byte[] version : older) {
            if (Arrays.equals(found, from, to, version, from, to)) {
                return true;
            }
        }
        return false;
    }

    /** Takes over what was found after a crash, or after a store that failed in part. */
    void settle(byte[] found, int end) {
        System.arraycopy(found, 0, live, 0, end);
        older.clear();
    }

    /** Takes over what a store that failed in part left. */
    void observe(byte[] found, int end) {
        older.add(live.clone());
        System.arraycopy(found, 0, live, 0, end);
    }
}
