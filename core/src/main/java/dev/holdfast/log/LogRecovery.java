package dev.holdfast.log;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;

/**
 * Reads the log back: at a mount up to wherever it ends, for a checkpoint up to a given LSN.
 *
 * <ol>
 *   <li>Records are taken from the start while checksum, LSN, and the epoch in force at that LSN
 *       are right. The first that fails is the end.
 *   <li>An end before the start of a later epoch is damage: the mount that began that epoch had
 *       read further.
 *   <li>Past the end every line of the ring is tried as the header of a record of the newest epoch.
 *       A whole one whose witness lies past the end says that the record at the end was durable, so
 *       it is damaged, not torn: refused. Only a damaged last commit group cannot be told from a
 *       torn one.
 * </ol>
 *
 * <p>Reads at most one lap, whatever the ring holds, and stores nothing. Each call is on its own; a
 * checkpoint may replay durable records while others are appended.
 */
public final class LogRecovery {
    /**
     * Laps of the ring that may be read in vain past the end. Torn headers, whose lengths are
     * anything, may add up to a few; a ring made to keep us busy gets no further.
     */
    private static final int TORN_LAPS = 16;

    private final DaxDevice device;
    private final LogGeometry geometry;
    private final EpochTable epochs;
    private final Mutants mutants;
    private final RecordScan scan;

    private long end;
    private long records;
    private long wholePastEnd;
    private long tornPastEnd;

    private LogRecovery(DaxDevice device, LogGeometry geometry, EpochTable epochs,
            Mutants mutants) {
        this.device = device;
        this.geometry = geometry;
        this.epochs = epochs;
        this.mutants = mutants;
        this.scan = new RecordScan(device, geometry, mutants);
    }

    /**
     * Replays the log from {@code startLsn} to its end.
     *
     * @throws HoldfastException CORRUPT, naming the LSN, when something that was durable is damaged
     * @throws IOException what the visitor threw
     */
    public static RecoveredLog recover(DaxDevice device, LogGeometry geometry, EpochTable epochs,
            long startLsn, Mutants mutants, RecordVisitor visitor) throws IOException {
        var recovery = new LogRecovery(device, geometry, epochs, mutants);
        recovery.checkStart(startLsn);
        recovery.walk(startLsn, startLsn + geometry.ringLines(), visitor);
        recovery.checkReachesNewestEpoch();
        recovery.lookPastEnd();
        return new RecoveredLog(startLsn, recovery.end, recovery.records, recovery.end - startLsn,
                recovery.wholePastEnd, recovery.tornPastEnd);
    }

    /**
     * Replays exactly the records from {@code fromLsn} up to {@code toLsn}, both bounds of records
     * that are durable and not released.
     *
     * @throws HoldfastException CORRUPT, naming the LSN, when one of them is damaged
     * @throws IOException what the visitor threw
     */
    static void replay(DaxDevice device, LogGeometry geometry, EpochTable epochs, long fromLsn,
            long toLsn, Mutants mutants, RecordVisitor visitor) throws IOException {
        var recovery = new LogRecovery(device, geometry, epochs, mutants);
        recovery.checkStart(fromLsn);
        recovery.walk(fromLsn, toLsn, visitor);
        if (recovery.end != toLsn) {
            throw recovery.corrupt(recovery.end,
                    "is damaged, though the log is durable up to LSN " + toLsn);
        }
    }

    private void checkStart(long startLsn) throws HoldfastException {
        geometry.checkFits(device);
        if (epochs.isEmpty()) {
            throw corrupt(startLsn, "belongs to no epoch: both epoch tables are blank");
        }
        if (!geometry.isPossible(startLsn) || epochs.at(startLsn) == null) {
            throw corrupt(startLsn, "cannot be where the log starts: epochs begin at LSN "
                    + epochs.epochs().getFirst().startLsn());
        }
    }

    /** Visits whole records from {@code start} until one fails or {@code limit} is reached. */
    private void walk(long start, long limit, RecordVisitor visitor) throws IOException {
        end = start;
        while (end < limit && scan.read(end, epochs.at(end).number())) {
            long next = end + scan.lines();
            if (next > limit) {
                throw corrupt(end, "runs to LSN " + next + ", past the limit at " + limit);
            }
            if (next > epochs.nextStartAfter(end)) {
                throw corrupt(end, "runs to LSN " + next + ", into the epoch that begins at "
                        + epochs.nextStartAfter(end));
            }
            if (!scan.isPad()) {
                records++;
                visitor.record(end, next, scan.payload());
            }
            end = next;
        }
    }

    private void checkReachesNewestEpoch() throws HoldfastException {
        long newestStart = epochs.newest().startLsn();
        if (end < newestStart) {
            throw corrupt(end, "is damaged: an earlier mount replayed the log up to LSN "
                    + newestStart);
        }
    }

    /** Looks for a record that says the one at the end was durable. */
    private void lookPastEnd() throws HoldfastException {
        long epoch = epochs.newest().number();
        long limit = end + geometry.ringLines();
        long mayReadInVain = TORN_LAPS * geometry.ringLines();
        long lsn = end + 1;
        while (mayReadInVain > 0) {
            lsn = scan.nextClaimed(lsn, limit, epoch);
            if (lsn >= limit) {
                return;
            }
            if (scan.read(lsn, epoch)) {
                wholePastEnd++;
                if (scan.witness() > end && !mutants.on(Mutant.WITNESS_IGNORED)) {
                    throw corrupt(end, "is damaged: the record at LSN " + lsn
                            + " was stored when the log was durable up to LSN " + scan.witness());
                }
                // Lines inside a whole record are its payload, whatever they look like.
                lsn += scan.lines();
            } else {
                tornPastEnd++;
                mayReadInVain -= scan.linesRead();
                lsn++;
            }
        }
    }

    private HoldfastException corrupt(long lsn, String what) {
        return new HoldfastException(ErrorCode.CORRUPT, "log record at LSN " + lsn + " of "
                + device.name() + " (byte " + geometry.offsetBytes(Math.max(lsn, 0)) + ") " + what
                + "; restore the volume from a copy");
    }
}
