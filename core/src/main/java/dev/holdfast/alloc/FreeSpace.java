package dev.holdfast.alloc;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The free blocks of a volume by what is known of their content, and the lock that guards them and
 * the rest of the allocator's state.
 *
 * <p>A free block is in one class, or <em>in flight</em>: taken out by a thread that commits or
 * zeroes without the lock and then puts it back or hands it out. Freed blocks whose record is not
 * durable are pending, and not free.
 */
final class FreeSpace {
    /** What is known of a free block. */
    enum Kind {
        /** Left the known-zero set durably, and is durably zero: can be handed out as it is. */
        POOL,
        /** The durable claim that it is zero stands: may not be stored to. */
        CLAIMED,
        /** Anything. */
        UNKNOWN
    }

    final ReentrantLock lock = new ReentrantLock();
    private final Condition landed = lock.newCondition();

    final long totalBlocks;
    final RunSet free = new RunSet();
    final RunSet pool = new RunSet();
    final RunSet claimed = new RunSet();
    final RunSet unknown = new RunSet();
    final ReservationLedger ledger = new ReservationLedger();
    /** The pending blocks, by address; {@link #pending} has them by LSN. */
    final RunSet parked = new RunSet();
    private final PendingFrees pending = new PendingFrees();

    private long flightsStarted;
    private long flightsLanded;
    /** Read without the lock by every commit. */
    private volatile long lowestPendingLsn = Long.MAX_VALUE;

    FreeSpace(long totalBlocks) {
        this.totalBlocks = totalBlocks;
    }

    RunSet set(Kind kind) {
        return switch (kind) {
            case POOL -> pool;
            case CLAIMED -> claimed;
            case UNKNOWN -> unknown;
        };
    }

    /** Puts blocks that are in no class into one. The ledger is the caller's. */
    void put(Kind kind, long block, long count) {
        free.add(block, count);
        set(kind).add(block, count);
    }

    /** Takes blocks that all are of one class out of it. The ledger is the caller's. */
    void take(Kind kind, long block, long count) {
        set(kind).remove(block, count);
        free.remove(block, count);
    }

    /** Returns how many blocks from {@code block} on are known to be zero. */
    long zeroLengthAt(long block, long limit) {
        long length = 0;
        while (length < limit) {
            long more = pool.lengthAt(block + length);
            if (more == 0) {
                more = claimed.lengthAt(block + length);
            }
            if (more == 0) {
                return length;
            }
            length += more;
        }
        return limit;
    }

    /** Queues freed blocks until their record is durable. */
    void park(long lsn, long block, long count) {
        parked.add(block, count);
        pending.push(lsn, block, count);
        lowestPendingLsn = pending.lowestLsn();
    }

    /** Tells, without the lock, whether {@link #drain} would find anything. */
    boolean wouldDrain(long durableLsn) {
        return durableLsn >= lowestPendingLsn;
    }

    /** Makes the blocks free whose record is durable; tells whether there were any. */
    boolean drain(long durableLsn) {
        if (pending.lowestLsn() > durableLsn) {
            return false;
        }
        while (pending.lowestLsn() <= durableLsn) {
            parked.remove(pending.lowestBlock(), pending.lowestCount());
            put(Kind.UNKNOWN, pending.lowestBlock(), pending.lowestCount());
            ledger.add(pending.lowestCount());
            pending.pop();
        }
        lowestPendingLsn = pending.lowestLsn();
        return true;
    }

    /** Says that free blocks were taken out and will be put back, or handed out, later. */
    void takeOff() {
        flightsStarted++;
    }

    /** Says that the blocks of a flight are where they belong, and wakes who waits for them. */
    void land() {
        flightsLanded++;
        landed.signalAll();
    }

    boolean inFlight() {
        return flightsLanded < flightsStarted;
    }

    long flightsStarted() {
        return flightsStarted;
    }

    /**
     * Waits for some flight to land; tells false at once when as many as {@code until} have. Safe
     * under the locks of an operation: a flight takes only the log's own locks.
     */
    boolean awaitLanding(long until) {
        if (!inFlight() || flightsLanded >= until) {
            return false;
        }
        landed.awaitUninterruptibly();
        return true;
    }

    /** Refuses a range that does not lie within the volume. */
    boolean isValid(long block, long count) {
        return block >= 0 && count > 0 && block <= totalBlocks && count <= totalBlocks - block;
    }
}
