package dev.holdfast.alloc;

/**
 * Counts free blocks and how many of them are promised: a mapping that must not fail for want of
 * space holds a promise, and whoever has none may take only what is not promised. Promised blocks
 * are never more than free ones. Guarded by the lock of {@link FreeSpace}.
 */
final class ReservationLedger {
    private long free;
    private long reserved;

    long free() {
        return free;
    }

    long reserved() {
        return reserved;
    }

    /** Returns the free blocks that nobody was promised. */
    long available() {
        return Math.max(0, free - reserved);
    }

    /** Returns the most blocks that a request may take. */
    long limit(boolean fromReservation) {
        return fromReservation ? Math.min(reserved, free) : available();
    }

    /** Promises {@code count} more blocks, all or none. */
    boolean reserve(long count) {
        requirePositive(count);
        if (available() < count) {
            return false;
        }
        reserved += count;
        return true;
    }

    /** Takes back a promise that was not used. */
    void unreserve(long count) {
        requirePositive(count);
        if (reserved < count) {
            throw new IllegalStateException(
                    "unreserve of " + count + " blocks, only " + reserved + " are reserved");
        }
        reserved -= count;
    }

    /** Counts blocks that became free. */
    void add(long count) {
        free += count;
    }

    /** Counts free blocks that cannot be had until a record is durable. */
    void withdraw(long count) {
        free -= count;
    }

    /** Counts blocks handed out. */
    void take(long count, boolean fromReservation) {
        assert count <= limit(fromReservation);
        free -= count;
        if (fromReservation) {
            reserved -= count;
        }
    }

    /** Counts blocks that come back unused, to the promise they were taken from if they were. */
    void giveBack(long count, boolean toReservation) {
        free += count;
        if (toReservation) {
            reserved += count;
        }
    }

    private static void requirePositive(long count) {
        if (count < 0) {
            throw new IllegalArgumentException("a negative number of blocks: " + count);
        }
    }
}
