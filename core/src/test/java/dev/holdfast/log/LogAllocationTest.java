package dev.holdfast.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.device.MemfdDevice;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class LogAllocationTest {
    private static final int ROUNDS = 40_000;

    @Test
    void allocatesNothingToAppendAndCommit() throws IOException {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        var geometry = new LogGeometry(4, 64);
        try (DaxDevice device = MemfdDevice.create("log", 68L * DaxDevice.BLOCK_BYTES)) {
            Log.format(device, geometry, 1);
            EpochTable epochs = EpochTable.load(device);
            RecoveredLog recovered = LogRecovery.recover(device, geometry, epochs,
                    geometry.firstLsn(), Mutants.NONE, (lsn, end, payload) -> {});
            Log log = Log.open(device, geometry, epochs, recovered, 2, geometry.firstLsn(),
                    Mutants.NONE);
            long[] listened = new long[1];
            log.onDurable(lsn -> listened[0] = lsn);
            var buffer = new RecordBuffer();
            run(log, buffer);

            // A compiler thread may install code that allocates once; a steady cost shows in all
            // tries.
            long least = Long.MAX_VALUE;
            for (int i = 0; i < 5 && least > 0; i++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                run(log, buffer);
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            }
            assertThat(least).isZero();
            assertThat(listened[0]).isEqualTo(log.durableLsn());
        }
    }

    private static void run(Log log, RecordBuffer buffer) throws IOException {
        for (int i = 0; i < ROUNDS; i++) {
            buffer.clear();
            buffer.putLong(i).putLong(2).putLong(3).putInt(4).putInt(5);
            long end = log.append(buffer);
            log.commit(end);
            log.releaseBefore(end);
        }
    }
}
