package dev.holdfast.fs;

/**
 * Blocks set aside for holes of one file. Taking blocks from an end of a run makes no garbage.
 *
 * <p>Not thread-safe: guarded by the inode's extent map lock.
 */
final class ReservedRuns extends SortedRuns {
    /** Tells whether the blocks of a run are durably zero. */
    boolean zeroed(int index) {
        return flag(index);
    }

    /** Tells whether a block is reserved for {@code block}, in the run that {@code index} names. */
    boolean covers(int index, long block) {
        return index < size() && fileBlock(index) <= block;
    }

    /** Returns the device block reserved for {@code block}, or -1. */
    long deviceBlockOf(long block) {
        int index = firstEndingAfter(block);
        return covers(index, block) ? deviceBlock(index) + block - fileBlock(index) : -1;
    }

    /**
     * Returns the first file block at or after {@code block} that has a reserved one, or MAX_VALUE.
     */
    long next(long block) {
        int index = firstEndingAfter(block);
        return index == size() ? Long.MAX_VALUE : Math.max(block, fileBlock(index));
    }

    /** Returns how many file blocks of a range have a reserved one. */
    long countWithin(long from, long to) {
        long count = 0;
        for (int i = firstEndingAfter(from); i < size() && fileBlock(i) < to; i++) {
            count += Math.min(to, fileEnd(i)) - Math.max(from, fileBlock(i));
        }
        return count;
    }

    /** Adds a run that overlaps no other; joins it to its neighbours where it continues them. */
    void add(long fileBlock, long deviceBlock, long count, boolean zeroed) {
        int at = firstEndingAfter(fileBlock);
        if (count <= 0 || at < size() && fileBlock(at) < fileBlock + count) {
            throw new IllegalStateException("file blocks " + fileBlock + "+" + count
                    + " have reserved blocks already");
        }
        if (at > 0 && isContinued(at - 1, fileBlock, deviceBlock, zeroed)) {
            extend(--at, count);
        } else {
            insert(at);
            set(at, fileBlock, deviceBlock, count, zeroed);
        }
        if (at + 1 < size() && isContinued(at, fileBlock(at + 1), deviceBlock(at + 1),
                zeroed(at + 1))) {
            extend(at, count(at + 1));
            delete(at + 1);
        }
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
}
