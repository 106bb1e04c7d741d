package dev.holdfast.explore.model;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * What one operation stores: every aligned word names the operation, and so the file, and the
 * offset it was stored at. A word that is found elsewhere, or in another file, tells where it is
 * from.
 *
 * @param fill the byte that a script gives, in the highest byte of each word
 * @param generation number of the operation, from 1, in its run
 */
record Pattern(int fill, int generation) {
    private static final int GENERATION_BITS = 24;
    private static final ValueLayout.OfLong WORD =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    Pattern {
        if (generation < 1 || generation >= 1 << GENERATION_BITS) {
            throw new IllegalArgumentException("generation " + generation);
        }
    }

    /** Returns the word that belongs at an aligned offset of a file. */
    long word(long offset) {
        return (long) (fill & 0xff) << 56 | (long) generation << 32 | offset / Long.BYTES;
    }

    private byte at(long offset) {
        return (byte) (word(offset & -Long.BYTES) >>> 8 * (offset & Long.BYTES - 1));
    }

    /** Fills a segment that shows the file from an offset on. */
    void fill(MemorySegment target, long fileOffset) {
        long at = 0;
        long length = target.byteSize();
        while (at < length) {
            if ((fileOffset + at & Long.BYTES - 1) == 0 && length - at >= Long.BYTES) {
                target.set(WORD, at, word(fileOffset + at));
                at += Long.BYTES;
            } else {
                target.set(ValueLayout.JAVA_BYTE, at, at(fileOffset + at));
                at++;
            }
        }
    }

    /** Returns the generation that a word found in a file names, which may be none there was. */
    static int generation(long word) {
        return (int) (word >>> 32) & (1 << GENERATION_BITS) - 1;
    }

    /** Returns the offset that a word found in a file names. */
    static long offset(long word) {
        return (word & 0xffff_ffffL) * Long.BYTES;
    }
}
