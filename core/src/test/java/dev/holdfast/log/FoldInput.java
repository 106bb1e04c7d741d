package dev.holdfast.log;

import dev.holdfast.device.MemfdDevice;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;

/** Takes a record through a real log, as recovery does, so that it can be read. */
public final class FoldInput {
    /** What reads a record. */
    public interface Reader {
        void read(long lsn, RecordReader record) throws IOException;
    }

    private FoldInput() {}

    /** Appends the record to an empty log and hands it back to {@code reader}. */
    public static void apply(RecordBuffer record, Reader reader) throws IOException {
        try (MemfdDevice device = MemfdDevice.create("log", 1 << 20)) {
            var geometry = new LogGeometry(4, 64);
            Log.format(device, geometry, 1);
            EpochTable epochs = EpochTable.load(device);
            RecoveredLog empty = LogRecovery.recover(device, geometry, epochs,
                    geometry.firstLsn(), Mutants.NONE, (lsn, endLsn, payload) -> { });
            Log log = Log.open(device, geometry, epochs, empty, 3, geometry.firstLsn(),
                    Mutants.NONE);
            long end = log.append(record);
            log.commit(end);
            log.replay(geometry.firstLsn(), end,
                    (lsn, endLsn, payload) -> reader.read(lsn, payload));
        }
    }
}
