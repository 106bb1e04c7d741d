package dev.holdfast.fs;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.log.Log;
import java.io.IOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The file system's way into the log: composes a record, makes sure that the next checkpoint will
 * have the nodes to take it in, and appends it.
 *
 * <p>Lifecycle of a change:
 * <ol>
 * <li>{@link #begin} clears the calling thread's {@link Change};
 * <li>the operation adds its ops, holding the locks of what they change;
 * <li>{@link #append} orders it in the log and returns the LSN that makes it durable;
 * <li>the operation applies the same change to the heap, still holding its locks.
 * </ol>
 *
 * <p>Locks: {@code lock} is held for one append or one cut. Room in the ring is made before it is
 * taken, so that a checkpoint, which must cut, can always go on.
 */
final class Journal {
    /** A point between two records, and what all records before it may cost. */
    record Cut(long lsn, long items, long bytes) {}

    /** Makes room in the ring, by writing a checkpoint. */
    interface RoomMaker {
        void makeRoom() throws IOException;
    }

    private static final int ROOM_TRIES = 16;

    private final Log log;
    private final NodeReserve reserve;
    private final RoomMaker roomMaker;
    private final ThreadLocal<Change> changes = ThreadLocal.withInitial(Change::new);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition afterWorkDone = lock.newCondition();
    private int afterWork;
    private long appendedItems;
    private long appendedBytes;

    Journal(Log log, NodeReserve reserve, RoomMaker roomMaker) {
        this.log = log;
        this.reserve = reserve;
        this.roomMaker = roomMaker;
    }

    /** Returns this thread's change, empty. */
    Change begin() {
        return changes.get().clear();
    }

    /**
     * Appends a change; it is ordered, not durable, when this returns.
     *
     * @return the LSN at which the change is durable
     */
    long append(Change change) throws IOException {
        return append(change, false);
    }

    /**
     * Appends a change that promises work on the medium after its record is durable. No checkpoint
     * takes the record in before {@link #afterWorkDone} is called, so that recovery still meets it
     * in the log and repeats the work.
     */
    long appendWithAfterWork(Change change) throws IOException {
        return append(change, true);
    }

    void afterWorkDone() {
        lock.lock();
        try {
            afterWork--;
            afterWorkDone.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns how many extents, or attributes, a record that frees them may name: as many as one
     * record can, or so few that the floor of the reserve covers it when there is little else.
     */
    int freedPerRecord() {
        return reserve.hasRoomFor(Limits.EXTENTS_PER_RECORD) ? Limits.EXTENTS_PER_RECORD
                : NodeReserve.FLOOR_EXTENTS;
    }

    private long append(Change change, boolean withAfterWork) throws IOException {
        reserve.reserveFor(change);
        for (int tries = 0; tries < ROOM_TRIES; tries++) {
            lock.lock();
            try {
                if (hasRoomFor(change)) {
                    long lsn = log.append(change.record);
                    appendedItems += change.items();
                    appendedBytes += change.itemBytes();
                    // Only what was appended is ever reported done: a cut would wait for ever.
                    afterWork += withAfterWork ? 1 : 0;
                    return lsn;
                }
            } finally {
                lock.unlock();
            }
            roomMaker.makeRoom();
        }
        reserve.giveBack(change);
        throw new HoldfastException(ErrorCode.NO_SPACE,
                "the log has no room for a record of " + change.record.payloadBytes() + " bytes");
    }

    /**
     * A record that does not fit before the ring's end needs a pad, shorter than itself, before it.
     */
    private boolean hasRoomFor(Change change) {
        return log.freeLines() >= 2L * change.record.lines();
    }

    /** Returns the end of the log as a point up to which a checkpoint may take records in. */
    Cut cut() {
        lock.lock();
        try {
            while (afterWork > 0) {
                afterWorkDone.awaitUninterruptibly();
            }
            return new Cut(log.appendedLsn(), appendedItems, appendedBytes);
        } finally {
            lock.unlock();
        }
    }

    void commit(long lsn) throws IOException {
        log.commit(lsn);
    }

    long appendedLsn() {
        return log.appendedLsn();
    }

    long durableLsn() {
        return log.durableLsn();
    }

    Log log() {
        return log;
    }
}
