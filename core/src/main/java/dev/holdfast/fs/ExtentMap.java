package dev.holdfast.fs;

import dev.holdfast.error.HoldfastException;
import java.util.ArrayList;
import java.util.List;

/**
 * The extents of one open inode. Growing the last extent, as a file that is filled from its start
 * does, touches one long and makes no garbage.
 *
 * <p>Not thread-safe: guarded by the inode's extent map lock.
 */
final class ExtentMap extends SortedRuns {
    boolean written(int index) {
        return flag(index);
    }

    Extent get(int index) {
        return new Extent(fileBlock(index), deviceBlock(index), count(index), written(index));
    }

    /** Returns the device block that holds the data of a file block, or -1 if none does. */
    long writtenBlock(long block) {
        int floor = floor(block);
        return floor >= 0 && fileEnd(floor) > block && written(floor)
                ? deviceBlock(floor) + block - fileBlock(floor) : -1;
    }

    /** Appends an extent while the map is loaded in order. */
    void load(Extent extent) {
        splice(size(), size(), List.of(extent));
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
                || after < size() && fileBlock(after) < fileBlock + count) {
            Extent added = new Extent(fileBlock, deviceBlock, count, written);
            edit(fileBlock, fileBlock + count, touching -> ExtentEdit.mapped(touching, added));
            throw new AssertionError("overlapping extents are refused");
        }
        int at = before;
        if (before >= 0 && isContinued(before, fileBlock, deviceBlock, count, written)) {
            extend(before, count);
        } else {
            at = after;
            insert(at);
            set(at, fileBlock, deviceBlock, count, written);
        }
        int next = at + 1;
        if (next < size() && isContinued(
                at, fileBlock(next), deviceBlock(next), count(next), written(next))) {
            extend(at, count(next));
            delete(next);
        }
    }

    /** As {@link Extent#continuedBy} has it. */
    private boolean isContinued(int index, long fileBlock, long deviceBlock, long count,
            boolean written) {
        return isContinued(index, fileBlock, deviceBlock, written)
                && count(index) + count <= Limits.EXTENT_BLOCKS;
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
        for (int i = first; i < size() && fileBlock(i) < beforeBlock; i++) {
            result.add(get(i));
        }
        return result;
    }

    private void splice(int first, int end, List<Extent> replacements) {
        replace(first, end, replacements.size());
        int at = first;
        for (Extent extent : replacements) {
            set(at++, extent.fileBlock(), extent.deviceBlock(), extent.count(), extent.written());
        }
    }
}
