package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.device.MemfdDevice;
import dev.holdfast.fs.ManualBackground;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Node chunks")
class ChunkReturnTest {
    private static VolumeOptions options() {
        return VolumeLab.deterministic(VolumeOptions.defaults(), ManualBackground::new,
                () -> 1, new Random(5));
    }

    @Test
    void areTakenAsTheTreeGrowsAndGivenBackWhenItShrinks() throws Exception {
        int files = 4000;
        try (MemfdDevice device = MemfdDevice.create("chunks", 32L << 20)) {
            long before;
            try (Volume volume = Volume.create(device, options())) {
                before = volume.space().freeBytes();
                for (int i = 0; i < files; i++) {
                    volume.createFile("/file-" + i).close();
                }
                volume.checkpoint();
                assertThat(volume.space().freeBytes()).isLessThan(before);
                for (int i = 0; i < files; i++) {
                    volume.unlink("/file-" + i);
                }
                for (int i = 0; i < 3; i++) {
                    volume.createDirectory("/d" + i);
                    volume.checkpoint();
                }
                volume.sync();
                assertThat(volume.space().freeBytes()).isEqualTo(before);
            }
            try (Volume volume = Volume.open(device, options())) {
                assertThat(volume.list("/")).hasSize(3);
                assertThat(volume.space().freeBytes()).isEqualTo(before);
            }
        }
    }
}
