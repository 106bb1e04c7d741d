package dev.holdfast.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What every device counts when it persists: units touched, barriers executed, bytes asked for. */
@ParameterizedClass
@MethodSource("dev.holdfast.device.DeviceKind#available")
class DevicePersistTest {
    private static final long SIZE = 1 << 20;

    @Parameter
    DeviceKind kind;

    @TempDir
    Path directory;

    private DaxDevice device;

    @BeforeEach
    void create() throws IOException {
        device = kind.create(directory, SIZE);
    }

    @AfterEach
    void close() {
        device.close();
    }

    @Test
    void aPartialUnitCountsWhole() throws IOException {
        device.putByte(70, (byte) 1);

        device.persist(70, 1);

        assertCounted(unitsTouched(70, 1), 1, 1);
    }

    @Test
    void aRangeOverABoundaryCountsBothUnits() throws IOException {
        device.persist(4095, 2);

        assertCounted(unitsTouched(4095, 2), 1, 2);
    }

    @Test
    void theWholeDeviceCanBePersistedAtOnce() throws IOException {
        device.persist(0, SIZE);

        assertCounted(SIZE / 64, 1, SIZE);
    }

    @Test
    void anEmptyRangeIsNothingToDo() throws IOException {
        device.persist(SIZE, 0);
        device.persist(new long[] {64, 0, 128, 0}, 2);
        device.persist(new long[0], 0);

        assertCounted(0, 0, 0);
    }

    @Test
    void rangesInOneLineShareItAndABarrier() throws IOException {
        device.persist(new long[] {0, 8, 16, 8, 40, 24}, 3);

        assertCounted(unitsTouched(0, 64), 1, 40);
    }

    @Test
    void rangesThatOverlapOrMeetAreOneRun() throws IOException {
        device.persist(new long[] {0, 100, 50, 10, 128, 64, 4096, 0}, 4);

        assertCounted(unitsTouched(0, 192), 1, 174);
    }

    @Test
    void rangesFarApartAreRunsOfTheirOwn() throws IOException {
        device.persist(new long[] {0, 64, 256 << 10, 64, 512 << 10, 128}, 3);

        assertCounted(2 * unitsTouched(0, 64) + unitsTouched(0, 128), 3, 256);
    }

    @Test
    void rangesNearEachOtherShareASystemCallAndCountAlone() throws IOException {
        long gap = MappedDevice.MSYNC_GAP_BYTES;
        long[] ranges = {0, 64, 8192, 64, 12_288 + gap, 128, 20_480 + 2 * gap, 64};
        boolean joins = device.medium().writeBack() == Medium.WriteBack.MSYNC;

        device.persist(ranges, 4);

        // The last one is a page too far.
        assertCounted(3 * unitsTouched(0, 64) + unitsTouched(0, 128), joins ? 2 : 4, 320);
    }

    @Test
    void rangesThatGoBackBetweenOthersAreCountedToo() throws IOException {
        device.persist(new long[] {0, 64, 65_536, 64, 32_768, 64}, 3);

        boolean joins = device.medium().writeBack() == Medium.WriteBack.MSYNC;
        assertCounted(3 * unitsTouched(0, 64), joins ? 2 : 3, 192);
    }

    @Test
    void rangesOutOfOrderAreWrittenBackAllTheSame() throws IOException {
        device.persist(new long[] {65536, 64, 0, 64}, 2);

        assertCounted(2 * unitsTouched(0, 64), 2, 128);
    }

    @Test
    void onlyTheCountedPairsAreLookedAt() throws IOException {
        device.persist(new long[] {0, 64, -1, -1}, 1);

        assertCounted(unitsTouched(0, 64), 1, 64);
    }

    @Test
    void aRangeOutOfBoundsIsRefusedBeforeAnythingIsWrittenBack() {
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> device.persist(SIZE - 63, 64));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> device.persist(Long.MAX_VALUE, 64));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> device.persist(0, -1));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> device.persist(new long[] {0, 64, SIZE, 1}, 2));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> device.persist(new long[] {0, 64}, 2));

        assertCounted(0, 0, 0);
    }

    private long unitsTouched(long offset, long length) {
        long unit = device.medium().granularity() == Medium.Granularity.LINE ? 64 : 4096;
        return ((offset + length + unit - 1) / unit - offset / unit) * (unit / 64);
    }

    private void assertCounted(long lines, long barriers, long bytes) {
        boolean executed = device.medium().writeBack() != Medium.WriteBack.NONE;
        assertThat(device.counters().lines()).as("lines").isEqualTo(lines);
        assertThat(device.counters().barriers()).as("barriers").isEqualTo(executed ? barriers : 0);
        assertThat(device.counters().bytes()).as("bytes").isEqualTo(bytes);
    }
}
