package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.device.LineFate;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.fs.ManualBackground;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SyncMappingCrashTest {
    private static VolumeOptions options(long seed) {
        return VolumeLab.deterministic(VolumeOptions.defaults(), ManualBackground::new,
                () -> 1_000_000_000L, new Random(seed));
    }

    @Test
    void aPersistedStoreThroughASyncMappingSurvivesACrash() throws Exception {
        for (long seed = 0; seed < 200; seed++) {
            try (TracedDevice device = TracedDevice.create(1 << 20)) {
                Volume volume = Volume.create(device, options(seed));
                DaxFile file = volume.createFile("/a");
                file.truncate(64 << 10);
                Mapping mapping = file.map(MapMode.SYNC, 0, 64 << 10);
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment segment = mapping.writable(8192, 64, arena);
                    segment.set(ValueLayout.JAVA_LONG, 0, 42);
                    mapping.persist(8192, 64);
                }
                device.crash(LineFate.seeded(seed));

                try (Volume again = Volume.open(device, options(seed + 1))) {
                    try (DaxFile found = again.openFile("/a")) {
                        assertThat(found.size()).isEqualTo(64 << 10);
                        ByteBuffer read = ByteBuffer.allocate(8)
                                .order(java.nio.ByteOrder.nativeOrder());
                        found.read(read, 8192);
                        assertThat(read.getLong(0)).as("seed " + seed).isEqualTo(42);
                    }
                }
            }
        }
    }
}
