package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.device.TracedDevice;
import dev.holdfast.file.AllocateMode;
import dev.holdfast.fs.ManualBackground;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class MappingSpaceTest {
    @Test
    @DisplayName("H3: a mapping may have the blocks of a delete that is not durable yet")
    void aMappingCommitsToGetFreedBlocks() throws Exception {
        VolumeOptions options = VolumeLab.deterministic(VolumeOptions.defaults(),
                ManualBackground::new, () -> 1_000_000_000L, new Random(1));
        try (TracedDevice device = TracedDevice.create(4 << 20);
                Volume volume = Volume.create(device, options)) {
            long most = volume.space().availableBytes() / 4 * 3 & -4096;
            try (DaxFile old = volume.createFile("/old")) {
                old.allocate(AllocateMode.UNWRITTEN, 0, most);
                old.fsync();
            }
            volume.unlink("/old");
            try (DaxFile file = volume.createFile("/new")) {
                file.truncate(most);
                try (Mapping mapping = file.map(MapMode.SHARED, 0, most)) {
                    assertThat(mapping.lengthBytes()).isEqualTo(most);
                }
            }
        }
    }
}
