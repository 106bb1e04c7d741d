package dev.holdfast.fs;

import java.util.Arrays;

/**
 * Runs of blocks of one file that do not overlap, sorted by file block, in one array of longs:
 * three a run (file block, device block, count and one flag). Changing a run in place makes no
 * garbage; an insert moves what follows.
 *
 * <p>Not thread-safe: guarded by the inode's extent map lock.
 */
abstract sealed class SortedRuns permits ExtentMap, ReservedRuns {
    private static final int STRIDE = 3;

    private long[] fields = new long[4 * STRIDE];
    private int size;

    final int size() {
        return size;
    }

    final long fileBlock(int index) {
        return fields[index * STRIDE];
    }

    final long deviceBlock(int index) {
        return fields[index * STRIDE + 1];
    }

    final long count(int index) {
        return fields[index * STRIDE + 2] >>> 1;
    }

    final boolean flag(int index) {
        return (fields[index * STRIDE + 2] & 1) != 0;
    }

    final long fileEnd(int index) {
        return fileBlock(index) + count(index);
    }

    /** Returns the index of the last run that starts at or before {@code block}, or -1. */
    final int floor(long block) {
        int low = 0;
        int high = size - 1;
        if (high >= 0 && fileBlock(high) <= block) {
            return high;
        }
        while (low <= high) {
            int middle = low + high >>> 1;
            if (fileBlock(middle) <= block) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    /** Returns the index of the first run that ends after {@code block}, or {@link #size}. */
    final int firstEndingAfter(long block) {
        int floor = floor(block);
        return floor >= 0 && fileEnd(floor) > block ? floor : floor + 1;
    }

    /** Tells whether a run goes on, in the file and on the device, where another begins. */
    final boolean isContinued(int index, long fileBlock, long deviceBlock, boolean flag) {
        return fileEnd(index) == fileBlock && deviceBlock(index) + count(index) == deviceBlock
                && flag(index) == flag;
    }

    final void set(int index, long fileBlock, long deviceBlock, long count, boolean flag) {
        fields[index * STRIDE] = fileBlock;
        fields[index * STRIDE + 1] = deviceBlock;
        fields[index * STRIDE + 2] = count << 1 | (flag ? 1 : 0);
    }

    /** Makes a run longer at its end. */
    final void extend(int index, long count) {
        fields[index * STRIDE + 2] += count << 1;
    }

    /** Puts {@code added} runs, to be set, in the place of the runs of {@code [first, end)}. */
    final void replace(int first, int end, int added) {
        int newSize = size - (end - first) + added;
        if (newSize * STRIDE > fields.length) {
            fields = Arrays.copyOf(fields, Math.max(newSize, 2 * size) * STRIDE);
        }
        System.arraycopy(fields, end * STRIDE, fields, (first + added) * STRIDE,
                (size - end) * STRIDE);
        size = newSize;
    }

    final void insert(int index) {
        replace(index, index, 1);
    }

    final void delete(int index) {
        replace(index, index + 1, 0);
    }
}
