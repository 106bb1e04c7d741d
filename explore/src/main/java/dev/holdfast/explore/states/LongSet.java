package dev.holdfast.explore.states;

/** A growing set of numbers. */
final class LongSet {
    private long[] table = new long[1 << 12];
    private int size;
    private boolean hasZero;

    /** Adds a number; false when it was there. */
    boolean add(long value) {
        if (value == 0) {
            boolean isNew = !hasZero;
            hasZero = true;
            return isNew;
        }
        if (2 * size >= table.length) {
            grow();
        }
        if (!insert(value)) {
            return false;
        }
        size++;
        return true;
    }

    private boolean insert(long value) {
        int mask = table.length - 1;
        int at = (int) (value ^ value >>> 32) & mask;
        while (table[at] != 0) {
            if (table[at] == value) {
                return false;
            }
            at = at + 1 & mask;
        }
        table[at] = value;
        return true;
    }

    private void grow() {
        long[] old = table;
        table = new long[2 * old.length];
        for (long value : old) {
            if (value != 0) {
                insert(value);
            }
        }
    }

    /** Returns how many numbers were added. */
    long size() {
        return size + (hasZero ? 1 : 0);
    }
}
