package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.device.CreateOptions;
import dev.holdfast.device.FileDevice;
import dev.holdfast.device.LineFate;
import dev.holdfast.device.Medium;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.device.WriteBackChoice;
import dev.holdfast.fs.ManualBackground;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same calls on media that differ in what a persist costs and keeps. */
class MediaTest {
    private static final int PAGE = 4096;
    private static final long SIZE = 2 << 20;

    @TempDir
    private Path directory;

    private static VolumeOptions options() {
        return VolumeLab.deterministic(VolumeOptions.defaults(), ManualBackground::new,
                () -> 1_000_000_000L, new Random(5));
    }

    @ParameterizedTest
    @EnumSource(names = {"AUTO", "MSYNC", "NONE"})
    void aVolumeFileKeepsWhatWasMadeDurableUnderEveryWayOfWritingBack(WriteBackChoice choice)
            throws Exception {
        Path path = directory.resolve("volume-" + choice);
        try (FileDevice device = FileDevice.create(path, SIZE,
                CreateOptions.defaults().withWriteBack(choice))) {
            try (Volume volume = Volume.create(device, options())) {
                work(volume);
            }
        }
        try (Volume again = Volume.open(path, options())) {
            assertWorkIsThere(again);
        }
        assertThat(Files.size(path)).isEqualTo(SIZE);
    }

    private static void work(Volume volume) throws Exception {
        try (DaxFile file = volume.createFile("/a")) {
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
            file.fsync();
            file.truncate(8 * PAGE);
            try (Mapping mapping = file.map(MapMode.SYNC, 0, 8 * PAGE);
                    Arena arena = Arena.ofConfined()) {
                mapping.writable(5 * PAGE, 8, arena).set(ValueLayout.JAVA_LONG, 0, 42);
                mapping.persist(5 * PAGE, 8);
            }
            volume.awaitDurable(volume.changeLsn());
        }
    }

    private static void assertWorkIsThere(Volume volume) throws Exception {
        try (DaxFile file = volume.openFile("/a")) {
            assertThat(file.size()).isEqualTo(8 * PAGE);
            ByteBuffer found = ByteBuffer.allocate(8 * PAGE).order(ByteOrder.nativeOrder());
            assertThat(file.read(found, 0)).isEqualTo(8 * PAGE);
            assertThat(found.get(2)).isEqualTo((byte) 3);
            assertThat(found.getLong(5 * PAGE)).isEqualTo(42);
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyUnitOfDurabilityKeepsThePromise(TracedDevice.Unit unit) throws Exception {
        for (long seed = 0; seed < 40; seed++) {
            try (TracedDevice device = TracedDevice.create(SIZE, unit)) {
                work(Volume.create(device, options()));
                device.crash(LineFate.seeded(seed));
                try (Volume again = Volume.open(device, options())) {
                    assertWorkIsThere(again);
                }
            }
        }
    }

    @Test
    void anFsyncOnAPageMediumWritesBackWholePages() throws Exception {
        try (TracedDevice device = TracedDevice.create(SIZE, TracedDevice.Unit.PAGE);
                Volume volume = Volume.create(device, options());
                DaxFile file = volume.createFile("/a")) {
            file.write(ByteBuffer.wrap(new byte[PAGE]), 0);
            file.fsync();
            long lines = device.counters().lines();
            file.write(ByteBuffer.wrap(new byte[] {1}), 0);
            file.fdatasync();
            assertThat(device.counters().lines() - lines).isEqualTo(PAGE / 64);
            assertThat(volume.medium().granularity()).isEqualTo(Medium.Granularity.PAGE);
        }
    }
}
