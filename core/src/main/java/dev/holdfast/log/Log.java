package dev.holdfast.log;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import java.util.zip.CRC32C;

/**
 * The metadata log: a ring of records, each one atomic operation.
 *
 * <ol>
 *   <li>{@link #open} makes what was recovered, and a new epoch, durable;
 *   <li>{@link #append} stores a record behind the others and returns the LSN just past it;
 *   <li>{@link #commit} makes the log durable at least up to an LSN: the waiting thread does it,
 *       for all who wait;
 *   <li>{@link #releaseBefore} gives lines back when no checkpoint needs them any more;
 *   <li>the first failed write-back shuts the log down for good: the durable LSN stands still and
 *       every append and commit fails (H4).
 * </ol>
 *
 * <p>Locks: the append lock is held for the copy of one record, the commit turn for one write-back,
 * never both, so appends go on while lines are written back. Callbacks run outside both.
 *
 * <p>Durability: a record is durable when {@link #durableLsn} has reached the LSN that its append
 * returned. Lines may reach the medium earlier; what recovery then replays is still a prefix of the
 * records appended.
 */
public final class Log {
    /** Checkpoints a single append waits for, at most. */
    private static final int MAKE_ROOM_ATTEMPTS = 8;
    /** What a try to append returns in a full ring; never a valid LSN. */
    private static final long NO_ROOM = 0;

    private static final VarHandle TAIL = longField("tail");
    private static final VarHandle DURABLE = longField("durable");

    private final DaxDevice device;
    private final LogGeometry geometry;
    private final EpochTable epochs;
    private final Mutants mutants;
    private final long epoch;
    private final LogCounters counters = new LogCounters();
    private final DurableListeners listeners = new DurableListeners(this::durableLsn);
    private final CommitTurn turn = new CommitTurn();
    private volatile LogSpace space = this::noCheckpointer;
    /** The first failure; set once. */
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    private final Object appendLock = new Object();
    /** The next free LSN. Written under the append lock after the lines before it are stored. */
    private long tail;
    /** Log before this may be written over. Changed under the append lock; never falls. */
    private volatile long released;
    private final CRC32C crc = new CRC32C();
    private final byte[] padHeader = new byte[DaxDevice.LINE_BYTES];

    /** The watermark. Written by the thread whose turn it is, after the barrier. */
    private long durable;
    /** Where a failed commit ended; kept by a mutant only. */
    private long forgotten;
    private final long[] ranges = new long[4];

    private Log(DaxDevice device, LogGeometry geometry, EpochTable epochs, long startLsn,
            long released, Mutants mutants) {
        this.device = device;
        this.geometry = geometry;
        this.epochs = epochs;
        this.mutants = mutants;
        this.epoch = epochs.newest().number();
        this.tail = startLsn;
        this.durable = startLsn;
        this.released = released;
    }

    private static VarHandle longField(String name) {
        try {
            return MethodHandles.lookup().findVarHandle(Log.class, name, long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /**
     * Writes the epoch table of an empty log, for mkfs; the ring need not be blank. Durable when it
     * returns. Mounting then recovers from {@link LogGeometry#firstLsn}.
     *
     * @param firstEpoch random, not 0
     */
    public static void format(DaxDevice device, LogGeometry geometry, long firstEpoch)
            throws IOException {
        geometry.checkFits(device);
        EpochTable.EMPTY.begin(firstEpoch, geometry.firstLsn(), geometry.firstLsn()).write(device);
    }

    /**
     * Opens the log behind what was recovered. When it returns, the recovered records and the new
     * epoch are durable, in this order; before that nothing is appended.
     *
     * @param epochs the table recovery went by
     * @param newEpoch random, not 0
     * @param oldestLsnNeeded the older of the two slots' log starts
     */
    public static Log open(DaxDevice device, LogGeometry geometry, EpochTable epochs,
            RecoveredLog recovered, long newEpoch, long oldestLsnNeeded, Mutants mutants)
            throws IOException {
        long end = recovered.endLsn();
        if (oldestLsnNeeded > end || end - oldestLsnNeeded > geometry.ringLines()) {
            throw new HoldfastException(ErrorCode.CORRUPT, "the log of " + device.name()
                    + " is needed from LSN " + oldestLsnNeeded + " and ends at " + end
                    + ", which one ring cannot hold; a superblock slot is damaged");
        }
        EpochTable table = epochs;
        if (!mutants.on(Mutant.EPOCH_NOT_RENEWED)) {
            table = epochs.begin(newEpoch, end, oldestLsnNeeded);
        }
        var log = new Log(device, geometry, table, end, oldestLsnNeeded, mutants);
        // After a killed process, records may have been read from caches. The new epoch claims they
        // were replayed, so they go first.
        if (recovered.startLsn() < end) {
            log.persist(recovered.startLsn(), end);
        }
        if (table != epochs) {
            table.write(device);
        }
        return log;
    }

    /**
     * Stores a record. It is ordered behind all records appended before, and not durable yet.
     *
     * @return the LSN just past the record: what to {@link #commit}, or wait for
     * @throws HoldfastException INVALID: larger than {@link LogGeometry#maxPayloadBytes}; NO_SPACE:
     *     the ring is full and checkpoints did not make room; SHUT_DOWN: the log failed before
     * @throws IOException what {@link LogSpace#makeRoom} threw
     */
    public long append(RecordBuffer buffer) throws IOException {
        int lines = buffer.lines();
        if (lines > geometry.maxRecordLines()) {
            throw new HoldfastException(ErrorCode.INVALID, "a record of " + buffer.payloadBytes()
                    + " bytes is larger than this log takes, " + geometry.maxPayloadBytes()
                    + "; split the operation");
        }
        for (int attempt = 0; attempt < MAKE_ROOM_ATTEMPTS; attempt++) {
            long end = tryAppend(buffer, lines);
            if (end != NO_ROOM) {
                return end;
            }
            space.makeRoom(releaseNeeded(lines));
        }
        long end = tryAppend(buffer, lines);
        if (end == NO_ROOM) {
            throw full(lines);
        }
        return end;
    }

    private long tryAppend(RecordBuffer buffer, int lines) throws HoldfastException {
        synchronized (appendLock) {
            checkNotFailed();
            long lsn = geometry.placeOf(tail, lines);
            long end = lsn + lines;
            if (end - released > geometry.ringLines()) {
                return NO_ROOM;
            }
            try {
                if (lsn != tail) {
                    storePad(lsn - tail);
                }
                byte[] bytes = buffer.sealable();
                RecordFormat.seal(bytes, buffer.payloadBytes(), RecordFormat.KIND_OPS, lsn, epoch,
                        durableLsn(), crc, mutants);
                device.put(geometry.offsetBytes(lsn), bytes, 0, lines * DaxDevice.LINE_BYTES);
            } catch (RuntimeException | Error e) {
                shutDown(e);
                throw shutDownException();
            }
            counters.countRecord(lines);
            TAIL.setRelease(this, end);
            return end;
        }
    }

    /**
     * Fills the ring from the tail to its end. Only the header is stored: the rest is never read.
     */
    private void storePad(long lines) {
        RecordFormat.seal(padHeader, 0, RecordFormat.KIND_PAD, tail, epoch, durableLsn(), crc,
                mutants);
        device.put(geometry.offsetBytes(tail), padHeader, 0, padHeader.length);
        counters.countPad(lines);
    }

    /** Returns how far the log must be released before a record of {@code lines} fits. */
    private long releaseNeeded(int lines) {
        return geometry.placeOf(appendedLsn(), lines) + lines - geometry.ringLines();
    }

    /**
     * Makes the log durable at least up to {@code lsn}, which append has returned. Interruption
     * does not end the wait.
     *
     * @throws HoldfastException SHUT_DOWN, with the first cause: a write-back failed, in this call
     *     or before
     */
    public void commit(long lsn) throws IOException {
        checkNotFailed();
        if (lsn > appendedLsn()) {
            throw new IllegalArgumentException("LSN " + lsn + " was not appended; the log ends at "
                    + appendedLsn());
        }
        boolean waited = false;
        while (durableLsn() < lsn) {
            if (turn.tryTake()) {
                boolean committed;
                try {
                    committed = commitGroup(lsn);
                } finally {
                    turn.release();
                }
                if (committed) {
                    listeners.deliver();
                    return;
                }
            } else {
                waited = true;
                turn.awaitRelease();
                if (durableLsn() < lsn) {
                    checkNotFailed();
                }
            }
        }
        if (waited) {
            counters.countJoined();
        }
    }

    /** Persists all lines appended so far, in our turn; false when somebody else just did. */
    private boolean commitGroup(long lsn) throws IOException {
        long from = durableLsn();
        if (from >= lsn) {
            return false;
        }
        checkNotFailed();
        long to = appendedLsn();
        try {
            persistGroup(Math.max(from, forgotten), to);
        } catch (IOException | RuntimeException | Error e) {
            if (mutants.on(Mutant.FAILED_WRITE_BACK_FORGOTTEN)) {
                forgotten = to;
                throw e;
            }
            shutDown(e);
            throw shutDownException();
        }
        counters.countCommit(to - from);
        DURABLE.setRelease(this, to);
        return true;
    }

    private void persistGroup(long from, long to) throws IOException {
        if (from < to && !mutants.on(Mutant.BARRIER_DROPPED)) {
            persist(from, to);
        }
    }

    /** Writes back the lines of [from, to): one range, or two where it wraps. */
    private void persist(long from, long to) throws IOException {
        long lines = to - from;
        long linesToRingEnd = geometry.linesToRingEnd(from);
        if (lines <= linesToRingEnd) {
            device.persist(geometry.offsetBytes(from), lines * DaxDevice.LINE_BYTES);
            return;
        }
        ranges[0] = geometry.offsetBytes(from);
        ranges[1] = linesToRingEnd * DaxDevice.LINE_BYTES;
        ranges[2] = geometry.offsetBytes(from + linesToRingEnd);
        ranges[3] = (lines - linesToRingEnd) * DaxDevice.LINE_BYTES;
        device.persist(ranges, 2);
    }

    /** Returns the LSN just past the last record appended. */
    public long appendedLsn() {
        return (long) TAIL.getAcquire(this);
    }

    /** Returns the LSN up to which the log is durable; it never falls. */
    public long durableLsn() {
        return (long) DURABLE.getAcquire(this);
    }

    /** Returns the lines appended since an LSN: when many, it is time for a checkpoint. */
    public long appendedSince(long lsn) {
        return appendedLsn() - lsn;
    }

    /**
     * Returns the lines that can be appended before the log is full, record ends permitting. Takes
     * no lock: a release meanwhile may be missed; whoever keeps others from appending can rely on
     * it.
     */
    public long freeLines() {
        long releasedBefore = released;
        return geometry.ringLines() - (appendedLsn() - releasedBefore);
    }

    /**
     * Lets the log before {@code lsn} be written over. To be called only when no durable superblock
     * slot needs it: with the start of checkpoint N once N+1 is durable. An LSN released before is
     * no error.
     */
    public void releaseBefore(long lsn) {
        synchronized (appendLock) {
            if (lsn > durableLsn()) {
                throw new IllegalArgumentException("LSN " + lsn
                        + " is not durable; the log is up to " + durableLsn());
            }
            released = Math.max(released, lsn);
        }
    }

    /** Sets who makes room when the log is full. Without, a full log is NO_SPACE at once. */
    public void onFull(LogSpace makesRoom) {
        space = makesRoom;
    }

    /**
     * Adds a listener that is told the durable LSN after it rose: rising values, one call at a
     * time, some skipped, on threads that commit, outside the log's locks. The call may come a
     * little after commits that it covers have returned. A listener must not throw.
     */
    public void onDurable(LongConsumer listener) {
        listeners.add(listener);
    }

    /**
     * Replays the records from {@code fromLsn} to {@code toLsn}, which are durable and not
     * released, while others are appended. For checkpoints.
     *
     * @throws HoldfastException CORRUPT, naming the LSN, when one is damaged
     * @throws IOException what the visitor threw
     */
    public void replay(long fromLsn, long toLsn, RecordVisitor visitor) throws IOException {
        if (fromLsn > toLsn || toLsn > durableLsn()) {
            throw new IllegalArgumentException("replay of LSN " + fromLsn + " to " + toLsn
                    + "; the log is durable up to " + durableLsn());
        }
        LogRecovery.replay(device, geometry, epochs, fromLsn, toLsn, mutants, visitor);
    }

    /**
     * Shuts the log down because a write-back failed, here or of file data. Only the first cause
     * counts; nothing is ever tried again.
     */
    public void shutDown(Throwable cause) {
        failure.compareAndSet(null, Objects.requireNonNull(cause));
    }

    /** Tells whether the log has shut down. */
    public boolean isShutDown() {
        return failure.get() != null;
    }

    /** Returns where the log lies. */
    public LogGeometry geometry() {
        return geometry;
    }

    /** Returns the epochs that the log's records belong to, the present one last. */
    public EpochTable epochs() {
        return epochs;
    }

    /** Returns the live counters of this log. */
    public LogCounters counters() {
        return counters;
    }

    private void checkNotFailed() throws HoldfastException {
        if (failure.get() != null) {
            throw shutDownException();
        }
    }

    private HoldfastException shutDownException() {
        return new HoldfastException(ErrorCode.SHUT_DOWN, "the log of " + device.name()
                + " has shut down: a write-back failed; durable up to LSN " + durableLsn()
                + "; close the volume and open it anew", failure.get());
    }

    private HoldfastException full(int lines) {
        return new HoldfastException(ErrorCode.NO_SPACE, "the log of " + device.name() + ", "
                + geometry.ringLines() + " lines, has no room for a record of " + lines
                + ": it must be released up to LSN " + releaseNeeded(lines)
                + " and checkpoints do not get there");
    }

    private void noCheckpointer(long lsnNeeded) throws HoldfastException {
        throw new HoldfastException(ErrorCode.NO_SPACE, "the log of " + device.name()
                + " is full and nothing writes checkpoints: it must be released up to LSN "
                + lsnNeeded);
    }
}
