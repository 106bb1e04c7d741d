package dev.holdfast.fs;

import java.util.Arrays;

/**
 * Blocks set aside for holes of one file, sorted by file block, in one array of longs: three a run (file
 * block, device block, count and state). Taking blocks from an end of a run makes no garbage.
 *
 * <p>Not thread-safe: guarded by the inode's extent map lock.
 */
final class ReservedRuns {
    private static final int STRIDE = 3;

    private long[] fields = new long[4 * STRIDE];
    private int size;

    int size() {
        return size;
    }

    long fileBlock(int index) {
        return fields[index * STRIDE];
    }

    long deviceBlock(int index) {
        return fields[index * STRIDE + 1];
    }

    long count(int index) {
        return fields[index * STRIDE + 2] >>> 1;
    }

    /** Tells whether the blocks of a run are durably zero. */
    boolean zeroed(int index) {
        return (fields[index * STRIDE + 2] & 1) != 0;
    }

    long fileEnd(int index) {
        return fileBlock(index) + count(index);
    }

    /** Returns the index of the first run that ends after {@code block}, or {@link #size}. */
    int firstEndingAfter(long block) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = low + high >>> 1;
            if (fileEnd(middle) > block) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** Tells whether a block is reserved for {@code block}, in the run that {@code index} names. */
    boolean covers(int index, long block) {
        return index < size && fileBlock(index) <= block;
    }

    /** Returns the device block reserved for {@code block}, or -1. */
    long deviceBlockOf(long block) {
        int index = firstEndingAfter(block);
        return covers(index, block) ? deviceBlock(index) + block - fileBlock(index) : -1;
    }

    /** Returns the first file block at or after {@code block} that has a reserved one, or MAX_VALUE. */
    long next(long block) {
        int index = firstEndingAfter(block);
        return index == size ? Long.MAX_VALUE : Math.max(block, fileBlock(index));
    }

    /** Returns how many file blocks of a range have a reserved one. */
    long countWithin(long from, long to) {
        long count = 0;
        for (int i = firstEndingAfter(from); i < size && fileBlock(i) < to; i++) {
            count += Math.min(to, fileEnd(i)) - Math.max(from, fileBlock(i));
        }
        return count;
    }

    /** Adds a run that overlaps no other; joins it to its neighbours where it continues them. */
    void add(long fileBlock, long deviceBlock, long count, boolean zeroed) {
        int at = firstEndingAfter(fileBlock);
        if (count <= 0 || at < size && fileBlock(at) < fileBlock + count) {
            throw new IllegalStateException("file blocks " + fileBlock + "+" + count
                    + " have reserved blocks already");
        }
        if (at > 0 && isContinued(at - 1, fileBlock, deviceBlock, zeroed)) {
            set(--at, fileBlock(at), deviceBlock(at), count(at) + count, zeroed);
        } else {
            insert(at);
            set(at, fileBlock, deviceBlock, count, zeroed);
        }
        if (at + 1 < size && isContinued(at, fileBlock(at + 1), deviceBlock(at + 1), zeroed(at + 1))) {
            set(at, fileBlock(at), deviceBlock(at), count(at) + count(at + 1), zeroed);
            delete(at + 1);
        }
    }

    private boolean isContinued(int index, long fileBlock, long deviceBlock, boolean zeroed) {
        return fileEnd(index) == fileBlock && deviceBlock(index) + count(index) == deviceBlock
                && zeroed(index) == zeroed;
    }

    /** Takes out a range that lies within one run. */
    void remove(long from, long count) {
        int index = firstEndingAfter(from);
        if (!covers(index, from) || fileEnd(index) < from + count) {
            throw new IllegalStateException("file blocks " + from + "+" + count
                    + " have no reserved blocks in one run");
        }
        long start = fileBlock(index);
        long device = deviceBlock(index);
        long end = fileEnd(index);
        boolean zeroed = zeroed(index);
        long after = end - (from + count);
        if (from == start && after == 0) {
            delete(index);
        } else if (from == start) {
            set(index, start + count, device + count, after, zeroed);
        } else {
            set(index, start, device, from - start, zeroed);
            if (after > 0) {
                insert(index + 1);
                set(index + 1, from + count, device + (from + count - start), after, zeroed);
            }
        }
    }

    /** Notes that blocks within one run are durably zero now. */
    void setZeroed(long from, long count) {
        int index = firstEndingAfter(from);
        if (!zeroed(index)) {
            long device = deviceBlock(index) + from - fileBlock(index);
            remove(from, count);
            add(from, device, count, true);
        }
    }

    private void set(int index, long fileBlock, long deviceBlock, long count, boolean zeroed) {
        fields[index * STRIDE] = fileBlock;
        fields[index * STRIDE + 1] = deviceBlock;
        fields[index * STRIDE + 2] = count << 1 | (zeroed ? 1 : 0);
    }

    private void insert(int index) {
        if ((size + 1) * STRIDE > fields.length) {
            fields = Arrays.copyOf(fields, 2 * fields.length);
        }
        System.arraycopy(fields, index * STRIDE, fields, (index + 1) * STRIDE, (size - index) * STRIDE);
        size++;
    }

    private void delete(int index) {
        System.arraycopy(fields, (index + 1) * STRIDE, fields, index * STRIDE,
                (size - index - 1) * STRIDE);
        size--;
    }
}
