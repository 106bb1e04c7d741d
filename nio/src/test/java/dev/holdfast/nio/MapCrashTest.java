package dev.holdfast.nio;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.LineFate;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.fs.ManualBackground;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import jdk.nio.mapmode.ExtendedMapMode;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Power cuts around mapped stores, under the policy {@code lazy}. The modelled medium does not hear
 * the kernel's msync, so what {@code force} does there is done by {@link Holdfast#persist}: data
 * alone, no metadata.
 */
class MapCrashTest {
    private static final long DEVICE_BYTES = 1 << 20;
    private static final int LENGTH = 60_000;

    private static VolumeOptions options(long seed) {
        return VolumeLab.deterministic(VolumeOptions.defaults(), ManualBackground::new,
                () -> 1_000_000_000L, new Random(seed));
    }

    /**
     * Stores through a mapping; returns what is promised to be found, or null if the power went
     * first.
     */
    private static byte[] storeThroughMap(TracedDevice device, long seed, MapMode mode)
            throws IOException {
        Random random = new Random(seed);
        try (Arena arena = Arena.ofConfined()) {
            FileSystem fs = Holdfast.newFileSystem(Volume.create(device, options(seed)));
            device.powerOffAfter(random.nextInt(60));
            Files.createDirectory(fs.getPath("/dir"));
            FileChannel channel = FileChannel.open(fs.getPath("/dir/a"), READ, WRITE, CREATE);
            for (int i = random.nextInt(4); i > 0; i--) {
                channel.write(ByteBuffer.allocate(100), random.nextInt(LENGTH));
                Files.write(fs.getPath("/other" + i), new byte[5000]);
            }
            MemorySegment segment = channel.map(mode, 0, LENGTH, arena);
            byte[] content = new byte[LENGTH];
            random.nextBytes(content);
            MemorySegment.copy(content, 0, segment, ValueLayout.JAVA_BYTE, 0, LENGTH);
            segment.force();
            Holdfast.persist(segment, 0, LENGTH);
            return content;
        } catch (IOException powerIsOff) {
            return null;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName("S10 what was stored through a mapping and forced survives a power cut, whole")
    void forcedStoresSurvive(boolean sync) throws IOException {
        int survived = 0;
        for (long seed = 0; seed < 150; seed++) {
            try (TracedDevice device = TracedDevice.create(DEVICE_BYTES)) {
                MapMode mode = sync ? ExtendedMapMode.READ_WRITE_SYNC : MapMode.READ_WRITE;
                byte[] promised = storeThroughMap(device, seed, mode);
                device.crash(LineFate.seeded(seed));
                try (Volume again = Volume.open(device, options(seed + 1));
                        FileSystem fs = Holdfast.newFileSystem(again)) {
                    Path file = fs.getPath("/dir/a");
                    if (promised != null) {
                        byte[] found = Files.readAllBytes(file);
                        // What was written before the map may reach further.
                        assertThat(Arrays.mismatch(found, 0, LENGTH, promised, 0, LENGTH))
                                .as("seed " + seed).isEqualTo(-1);
                        survived++;
                    } else {
                        assertThat(Files.exists(fs.getPath("/"))).isTrue();
                    }
                }
            }
        }
        assertThat(survived).isBetween(10, 149);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName("W7 an fsync of the channel makes stores through its mappings durable")
    void fsyncCoversMappedStores(boolean closeFirst) throws IOException {
        for (long seed = 0; seed < 50; seed++) {
            try (TracedDevice device = TracedDevice.create(DEVICE_BYTES)) {
                FileSystem fs = Holdfast.newFileSystem(Volume.create(device, options(seed)));
                FileChannel channel = FileChannel.open(fs.getPath("/a"), READ, WRITE, CREATE);
                Arena arena = Arena.ofConfined();
                channel.map(MapMode.READ_WRITE, 0, LENGTH, arena).fill((byte) seed);
                if (closeFirst) {
                    arena.close();
                }
                channel.force(false);
                if (!closeFirst) {
                    arena.close();
                }
                device.crash(LineFate.seeded(seed));
                try (Volume again = Volume.open(device, options(seed + 1));
                        FileSystem found = Holdfast.newFileSystem(again)) {
                    assertThat(Files.readAllBytes(found.getPath("/a"))).as("seed " + seed)
                            .hasSize(LENGTH).containsOnly((byte) seed);
                }
            }
        }
    }
}
