package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.device.CreateOptions;
import dev.holdfast.device.LineFate;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.VolumeInfo;
import dev.holdfast.fs.ManualBackground;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VolumeInfoTest {
    /** One for all mounts of a test: each needs an epoch of its own. */
    private final Random random = new Random(1);

    private VolumeOptions options() {
        return VolumeLab.deterministic(VolumeOptions.defaults(), ManualBackground::new,
                () -> 5_000_000_000L, random);
    }

    @Test
    void saysWhetherTheVolumeHadBeenClosed() throws Exception {
        try (TracedDevice device = TracedDevice.create(1 << 20)) {
            Volume.create(device, options()).close();
            Volume volume = Volume.open(device, options());
            assertThat(volume.info().cleanWhenOpened()).isTrue();
            volume.createDirectory("/a");
            device.crash(LineFate.ALL);

            try (Volume again = Volume.open(device, options())) {
                assertThat(again.info().cleanWhenOpened()).isFalse();
            }
        }
    }

    @Test
    void theLogFillsUntilACheckpointTakesIt() throws Exception {
        try (TracedDevice device = TracedDevice.create(1 << 20);
                Volume volume = Volume.create(device, options())) {
            VolumeInfo before = volume.info();
            volume.createDirectory("/a");
            volume.createDirectory("/b");
            VolumeInfo filled = volume.info();
            volume.checkpoint();
            VolumeInfo after = volume.info();

            assertThat(filled.logUsedBytes()).isGreaterThan(before.logUsedBytes())
                    .isLessThan(filled.logBytes());
            assertThat(after.logUsedBytes()).isLessThan(filled.logUsedBytes());
            assertThat(after.checkpointGeneration())
                    .isEqualTo(filled.checkpointGeneration() + 1);
            assertThat(after.createdMillis()).isEqualTo(5_000);
            assertThat(after.sizeBytes()).isEqualTo(1 << 20);
        }
    }

    @Test
    void aLabelOfThirtyTwoBytesIsKept(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("v");
        String label = "ü".repeat(16);

        Volume.create(path, 1 << 20, label, CreateOptions.defaults(), options()).close();

        try (Volume volume = Volume.open(path, options().readOnly())) {
            assertThat(volume.info().label()).isEqualTo(label);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"123456789012345678901234567890123", "a\0b", "\ud800"})
    void aLabelThatDoesNotFitIsRefusedBeforeAFileIsMade(String label, @TempDir Path folder) {
        Path path = folder.resolve("v");

        assertThatThrownBy(() -> Volume.create(path, 1 << 20, label, CreateOptions.defaults(),
                options())).isInstanceOfSatisfying(HoldfastException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID))
                .hasMessageContaining("label");
        assertThat(path).doesNotExist();
    }

    @Test
    void openingADirectoryAsAFileNamesThePath() throws Exception {
        try (TracedDevice device = TracedDevice.create(1 << 20);
                Volume volume = Volume.create(device, options())) {
            volume.createDirectory("/dir");

            assertThatThrownBy(() -> volume.openFile("/dir"))
                    .isInstanceOf(HoldfastException.class).hasMessageStartingWith("/dir: ");
        }
    }
}
