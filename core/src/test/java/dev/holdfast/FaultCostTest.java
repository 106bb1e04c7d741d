package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.device.DeviceCounters;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.file.AllocateMode;
import dev.holdfast.fs.ManualBackground;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a fault costs in barriers and lines, exactly, while the known-zero pool is stocked. */
class FaultCostTest {
    private static final int PAGE = 4096;
    private static final int FAULTS = 128;
    private static final long HUGE = 2 << 20;

    private final ManualBackground background = new ManualBackground();
    private TracedDevice device;
    private Volume volume;

    @BeforeEach
    void open() throws IOException {
        device = TracedDevice.create(64 << 20);
        volume = Volume.create(device, VolumeLab.deterministic(VolumeOptions.defaults(),
                () -> background, () -> 1_000_000_000L, new Random(1)));
        background.tick();
    }

    @AfterEach
    void close() throws IOException {
        volume.close();
        device.close();
    }

    private interface Preparation {
        void run(DaxFile file) throws IOException;
    }

    private record Cost(long barriers, long lines) {}

    /** Returns the cost of one store to each page of a committed file. */
    private Cost cost(MapMode mode, long pageBytes, int faults, Preparation preparation)
            throws IOException {
        try (DaxFile file = volume.createFile("/f")) {
            preparation.run(file);
            file.fsync();
            background.tick();
            volume.sync();
            try (Mapping mapping = file.map(mode, 0, faults * pageBytes, pageBytes == HUGE);
                    Arena arena = Arena.ofConfined()) {
                DeviceCounters counters = device.counters();
                long barriers = counters.barriers();
                long lines = counters.lines();
                for (int i = 0; i < faults; i++) {
                    mapping.writable(i * pageBytes, 8, arena).set(ValueLayout.JAVA_LONG, 0, i);
                }
                return new Cost(counters.barriers() - barriers, counters.lines() - lines);
            }
        }
    }

    @Test
    @DisplayName("P1: an allocating sync fault costs one barrier and one line of log")
    void anAllocatingSyncFaultCostsOneBarrierAndOneLine() throws IOException {
        assertThat(cost(MapMode.SYNC, PAGE, FAULTS, file -> file.truncate(FAULTS * PAGE)))
                .isEqualTo(new Cost(FAULTS, FAULTS));
    }

    @Test
    @DisplayName("M6: an allocating sync fault of 2 MiB costs one barrier and one line of log")
    void anAllocatingHugeSyncFaultCostsOneBarrierAndOneLine() throws IOException {
        assertThat(cost(MapMode.SYNC, HUGE, 1, file -> file.truncate(HUGE)))
                .isEqualTo(new Cost(1, 1));
        assertThat(volume.faults().byKind()).containsEntry("PMD_SYNC_FINISHED", 1L);
    }

    @Test
    @DisplayName("P4: an allocating plain fault waits for nothing")
    void anAllocatingPlainFaultWritesNothingBack() throws IOException {
        assertThat(cost(MapMode.SHARED, PAGE, FAULTS, file -> file.truncate(FAULTS * PAGE)))
                .isEqualTo(new Cost(0, 0));
    }

    @Test
    @DisplayName("P2: over written and committed blocks sync and plain faults cost the same: "
            + "nothing")
    void preallocatedBlocksCostNothingInEitherMode() throws IOException {
        Preparation written = file -> file.allocate(AllocateMode.WRITTEN, 0, FAULTS * PAGE);
        assertThat(cost(MapMode.SHARED, PAGE, FAULTS, written)).isEqualTo(new Cost(0, 0));
        volume.unlink("/f");
        assertThat(cost(MapMode.SYNC, PAGE, FAULTS, written)).isEqualTo(new Cost(0, 0));
    }

    @Test
    @DisplayName("D4: an unwritten block pays for its zeroes, and in a sync mapping for its record")
    void unwrittenBlocksPayForZeroesAndRecord() throws IOException {
        Preparation allocated = file -> file.allocate(AllocateMode.UNWRITTEN, 0, FAULTS * PAGE);
        assertThat(cost(MapMode.SHARED, PAGE, FAULTS, allocated))
                .isEqualTo(new Cost(FAULTS, 64 * FAULTS));
        volume.unlink("/f");
        assertThat(cost(MapMode.SYNC, PAGE, FAULTS, allocated))
                .isEqualTo(new Cost(2 * FAULTS, 65 * FAULTS));
    }

    @Test
    void faultsAskForTheStockThatTheyUseUp() throws IOException {
        long misses = 0;
        try (DaxFile file = volume.createFile("/f")) {
            file.truncate(HUGE * 4);
            file.fsync();
            background.tick();
            try (Mapping mapping = file.map(MapMode.SYNC, 0, HUGE * 4, false);
                    Arena arena = Arena.ofConfined()) {
                for (long page = 0; page < 4 * HUGE / PAGE; page++) {
                    long before = device.counters().barriers();
                    mapping.writable(page * PAGE, 8, arena);
                    misses += device.counters().barriers() - before - 1;
                    while (background.runOne()) {
                        // What the fault asked for.
                    }
                }
            }
        }
        assertThat(misses).isZero();
    }
}
