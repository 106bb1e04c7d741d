package dev.holdfast.faultd.server;

import java.util.Arrays;

/**
 * The mappings of one client, found by number and by address. Changes copy, under this object's
 * monitor; look-ups take no lock and make no garbage.
 */
final class RangeTable {
    private volatile ServedRange[] ranges = {};

    synchronized void add(ServedRange range) {
        ServedRange[] longer = Arrays.copyOf(ranges, ranges.length + 1);
        longer[ranges.length] = range;
        ranges = longer;
    }

    synchronized void remove(ServedRange range) {
        ranges = Arrays.stream(ranges).filter(r -> r != range).toArray(ServedRange[]::new);
    }

    /** Returns the mapping with a number, or null. */
    ServedRange byId(long id) {
        for (ServedRange range : ranges) {
            if (range.id() == id) {
                return range;
            }
        }
        return null;
    }

    /** Returns the mapping at an address, or null. */
    ServedRange at(long address) {
        for (ServedRange range : ranges) {
            if (range.pages().contains(address)) {
                return range;
            }
        }
        return null;
    }

    /** Tells whether a mapping lies in a range of addresses. */
    boolean isTaken(long address, long length) {
        for (ServedRange range : ranges) {
            long base = range.pages().address();
            if (base != 0 && address < base + range.pages().lengthBytes()
                    && base < address + length) {
                return true;
            }
        }
        return false;
    }

    ServedRange[] all() {
        return ranges;
    }
}
