package dev.holdfast.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.Volume;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.device.MemfdDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.VolumeSpace;
import java.io.IOException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Making and mounting volumes: sizes, and what is done about damage. */
class MountTest {
    private static final VolumeOptions OPTIONS = VolumeOptions.defaults();

    @ParameterizedTest
    @ValueSource(longs = {1L << 20, (1L << 20) + 4096, 3 << 20, 1L << 30, 1L << 40, 64L << 40})
    void aVolumeOfAnySizeHoldsAFileAndIsMountedAgain(long sizeBytes) throws IOException {
        try (DaxDevice device = MemfdDevice.create("sizes", sizeBytes)) {
            long free;
            try (Volume volume = Volume.create(device, OPTIONS)) {
                VolumeSpace space = volume.space();
                assertThat(space.totalBytes()).isEqualTo(sizeBytes);
                assertThat(space.freeBytes()).isGreaterThan(sizeBytes / 100 * 85);
                volume.createDirectory("/d");
                free = volume.space().freeBytes();
            }
            VolumeAudit.check(device);
            try (Volume volume = Volume.open(device, OPTIONS)) {
                assertThat(volume.list("/")).hasSize(1);
                assertThat(volume.space().freeBytes()).isEqualTo(free);
            }
        }
    }

    @Test
    void aDeviceThatIsTooSmallIsRefused() throws IOException {
        try (DaxDevice device = MemfdDevice.create("small", (1 << 20) - 4096)) {
            assertThatExceptionOfType(HoldfastException.class)
                    .isThrownBy(() -> Volume.create(device, OPTIONS))
                    .withMessageContaining("1 MiB").returns(ErrorCode.INVALID,
                    HoldfastException::code);
        }
    }

    @Test
    void aDeviceWithoutAVolumeIsRefused() throws IOException {
        try (DaxDevice device = MemfdDevice.create("blank", 1 << 20)) {
            assertThatExceptionOfType(HoldfastException.class)
                    .isThrownBy(() -> Volume.open(device, OPTIONS))
                    .returns(ErrorCode.INVALID, HoldfastException::code);
        }
    }

    private static DaxDevice sample() throws IOException {
        DaxDevice device = MemfdDevice.create("damage", 1 << 20);
        try (Volume volume = Volume.create(device, OPTIONS)) {
            volume.createDirectory("/one");
            volume.checkpoint();
            volume.createDirectory("/two");
        }
        return device;
    }

    private static void damage(DaxDevice device, long offset) {
        device.putByte(offset, (byte) ~device.getByte(offset));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1})
    @DisplayName("X4 a volume with one damaged superblock slot mounts by the other, with nothing "
            + "lost")
    void aVolumeWithOneDamagedSlotMountsByTheOther(long slot) throws IOException {
        try (DaxDevice device = sample()) {
            damage(device, slot * Limits.BLOCK_BYTES + 100);
            try (Volume volume = Volume.open(device, OPTIONS)) {
                assertThat(volume.list("/")).hasSize(2);
            }
            VolumeAudit.check(device);
        }
    }

    @Test
    @DisplayName("X4 a volume with both slots damaged is refused, and says why")
    void aVolumeWithBothSlotsDamagedIsRefused() throws IOException {
        try (DaxDevice device = sample()) {
            damage(device, 100);
            damage(device, Limits.BLOCK_BYTES + 100);
            assertThatExceptionOfType(HoldfastException.class)
                    .isThrownBy(() -> Volume.open(device, OPTIONS))
                    .withMessageContaining("damage")
                    .returns(ErrorCode.CORRUPT, HoldfastException::code);
        }
    }

    @Test
    void mkfsOverAVolumeLeavesNothingOfIt() throws IOException {
        try (DaxDevice device = sample()) {
            try (Volume volume = Volume.create(device, OPTIONS)) {
                assertThat(volume.list("/")).isEmpty();
                volume.createFile("/new").close();
            }
            VolumeAudit.check(device);
            try (Volume volume = Volume.open(device, OPTIONS)) {
                assertThat(volume.list("/")).hasSize(1);
            }
        }
    }
}
