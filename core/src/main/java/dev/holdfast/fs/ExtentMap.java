package dev.holdfast.fs;

import dev.holdfast.error.HoldfastException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The extents of one open inode, sorted, in one array of longs: three a extent (file block, device
 * block, count and state). Growing the last extent, as a file that is filled from its start does,
 * touches one long and makes no garbage; an insert in the middle moves what follows.
 *
 * <p>Not thread-safe: guarded by the inode's extent map lock.
 */
final class ExtentMap {
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

    boolean written(int index) {
        return (fields[index * STRIDE + 2] & 1) != 0;
    }

    long fileEnd(int index) {
        return fileBlock(index) + count(index);
    }

    Extent get(int index) {
        return new Extent(fileBlock(index), deviceBlock(index), count(index), written(index));
    }

    /** Returns the index of the last extent that starts at or before {@code block}, or -1. */
    int floor(long block) {
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

    /** Returns the index of the first extent that ends after {@code block}, or {@link #size}. */
    int firstEndingAfter(long block) {
        int floor = floor(block);
        return floor >= 0 && fileEnd(floor) > block ? floor : floor + 1;
    }

    /** Returns the device block that holds the data of a file block, or -1 if none does. */
    long writtenBlock(long block) {
        int floor = floor(block);
        return floor >= 0 && fileEnd(floor) > block && written(floor)
                ? deviceBlock(floor) + block - fileBlock(floor) : -1;
    }

    /** Appends an extent while the map is loaded in order. */
    void load(Extent extent) {
        splice(size, size, List.of(extent));
    }

    /**
     * Applies MAP; throws, with nothing changed, when part of the range is mapped already. As
     * {@link ExtentEdit#mapped} has it, but in place: a fault makes no garbage.
     */
    void map(long fileBlock, long deviceBlock, long count, boolean written)
            throws HoldfastException {
        int before = floor(fileBlock);
        int after = before + 1;
        if (before >= 0 && fileEnd(before) > fileBlock
                || after < size && fileBlock(after) < fileBlock + count) {
            Extent added = new Extent(fileBlock, deviceBlock, count, written);
            edit(fileBlock, fileBlock + count, touching -> ExtentEdit.mapped(touching, added));
            throw new AssertionError("overlapping extents are refused");
        }
        int at = before;
        if (before >= 0 && isContinued(before, fileBlock, deviceBlock, count, written)) {
            fields[before * STRIDE + 2] += count << 1;
        } else {
            at = after;
            insert(at);
            fields[at * STRIDE] = fileBlock;
            fields[at * STRIDE + 1] = deviceBlock;
            fields[at * STRIDE + 2] = count << 1 | (written ? 1 : 0);
        }
        int next = at + 1;
        if (next < size && isContinued(
                at, fileBlock(next), deviceBlock(next), count(next), written(next))) {
            fields[at * STRIDE + 2] += count(next) << 1;
            System.arraycopy(fields, (next + 1) * STRIDE, fields, next * STRIDE,
                    (size - next - 1) * STRIDE);
            size--;
        }
    }

    /** As {@link Extent#continuedBy} has it. */
    private boolean isContinued(int index, long fileBlock, long deviceBlock, long count,
            boolean written) {
        return fileEnd(index) == fileBlock && deviceBlock(index) + count(index) == deviceBlock
                && written(index) == written && count(index) + count <= Limits.EXTENT_BLOCKS;
    }

    private void insert(int index) {
        if ((size + 1) * STRIDE > fields.length) {
            fields = Arrays.copyOf(fields, 2 * fields.length);
        }
        System.arraycopy(fields, index * STRIDE, fields, (index + 1) * STRIDE,
                (size - index) * STRIDE);
        size++;
    }

    /** Applies UNMAP; returns the extents that went. */
    List<Extent> unmap(long from, long to) throws HoldfastException {
        List<Extent> gone = within(from, to);
        edit(from, to, touching -> ExtentEdit.unmapped(touching, from, to));
        return gone;
    }

    /** Applies CONVERT. */
    void convert(long from, long to) throws HoldfastException {
        edit(from, to, touching -> ExtentEdit.converted(touching, from, to));
    }

    /** Returns the parts of extents that lie in the range. */
    List<Extent> within(long from, long to) {
        return ExtentEdit.within(list(firstEndingAfter(from), to), from, to);
    }

    /** Returns every extent, in order. */
    List<Extent> all() {
        return list(0, Long.MAX_VALUE);
    }

    private interface Edit {
        List<Extent> of(List<Extent> touching) throws HoldfastException;
    }

    private void edit(long from, long to, Edit edit) throws HoldfastException {
        int first = Math.max(0, floor(from - 1));
        int last = floor(to) + 1;
        List<Extent> touching = new ArrayList<>();
        for (int i = first; i < last; i++) {
            touching.add(get(i));
        }
        splice(first, Math.max(first, last), edit.of(touching));
    }

    private List<Extent> list(int first, long beforeBlock) {
        List<Extent> result = new ArrayList<>();
        for (int i = first; i < size && fileBlock(i) < beforeBlock; i++) {
            result.add(get(i));
        }
        return result;
    }

    private void splice(int first, int end, List<Extent> replacements) {
        int newSize = size - (end - first) + replacements.size();
        if (newSize * STRIDE > fields.length) {
            fields = Arrays.copyOf(fields, Math.max(newSize, 2 * size) * STRIDE);
        }
        System.arraycopy(fields, end * STRIDE, fields, (first + replacements.size()) * STRIDE,
                (size - end) * STRIDE);
        int at = first * STRIDE;
        for (Extent extent : replacements) {
            fields[at++] = extent.fileBlock();
            fields[at++] = extent.deviceBlock();
            fields[at++] = extent.count() << 1 | (extent.written() ? 1 : 0);
        }
        size = newSize;
    }
}
