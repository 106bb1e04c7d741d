package dev.holdfast.device;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What is particular to memory devices: their size, and that the persist path is clean. */
class MemfdDeviceTest {
    private static final long TIB = 1L << 40;

    @Test
    void theLargestVolumeIsOneSparseMapping() throws IOException {
        long sizeBytes = 64 * TIB;
        try (DaxDevice device = MemfdDevice.create("largest", sizeBytes);
                AddressWindow window = device.newWindow(4096)) {
            device.putLong(sizeBytes - 8, 7);
            device.persist(sizeBytes - 8, 8);
            window.layDevice(0, sizeBytes - 4096, 4096);

            assertThat(window.memory().get(JAVA_LONG, 4088))
                    .isEqualTo(7);
            assertThat(device.getLong(32 * TIB)).isZero();
        }
    }

    @Test
    void aSizeThatNoAddressRangeHoldsIsAnException() {
        assertThatExceptionOfType(HoldfastException.class)
                .isThrownBy(() -> MemfdDevice.create("too large", 256 * TIB))
                .withMessageContaining("too large")
                .returns(ErrorCode.NO_MEMORY, HoldfastException::code);
    }

    @Test
    void aDeviceWithoutAFileHasNoWindowsAndSaysWhy() throws IOException {
        try (DaxDevice device = MemfdDevice.createWithoutFile("plain memory", 1 << 20)) {
            assertThatExceptionOfType(HoldfastException.class)
                    .isThrownBy(() -> device.newWindow(4096))
                    .withMessageContaining("windows need Linux")
                    .returns(ErrorCode.NOT_SUPPORTED, HoldfastException::code);
        }
    }

    @Test
    void writeBackCanBeForced() throws IOException {
        try (DaxDevice none = MemfdDevice.create("none", 1 << 20, WriteBackChoice.NONE);
                DaxDevice msync = MemfdDevice.create("msync", 1 << 20, WriteBackChoice.MSYNC)) {
            none.persist(0, 64);
            msync.persist(100, 1);

            assertThat(none.medium().writeBack()).isEqualTo(Medium.WriteBack.NONE);
            assertThat(none.counters().lines()).isEqualTo(1);
            assertThat(none.counters().barriers()).as("none was executed").isZero();
            assertThat(msync.medium().granularity()).isEqualTo(Medium.Granularity.PAGE);
            assertThat(msync.counters().lines()).isEqualTo(64);
            assertThat(msync.counters().barriers()).isEqualTo(1);
        }
    }

    @Test
    void persistingMakesNoGarbage() throws IOException {
        assumeTrue(CacheLines.isAvailable());
        try (DaxDevice device =
                MemfdDevice.create("garbage", 1 << 20, WriteBackChoice.CACHE_LINE)) {
            persistOften(device);

            long before = AllocatedBytes.ofCurrentThread();
            persistOften(device);
            long allocatedBytes = AllocatedBytes.ofCurrentThread() - before;

            assertThat(allocatedBytes).as("bytes over 40000 persists").isLessThan(40_000);
        }
    }

    private static void persistOften(DaxDevice device) throws IOException {
        long[] ranges = {0, 8, 4096, 8};
        for (int i = 0; i < 20_000; i++) {
            device.persist(ranges, 2);
            device.persist(64, 8);
        }
    }
}
