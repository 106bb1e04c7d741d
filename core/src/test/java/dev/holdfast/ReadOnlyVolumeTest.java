package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.device.LineFate;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.AllocateMode;
import dev.holdfast.fs.ManualBackground;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A volume opened for reading only")
class ReadOnlyVolumeTest {
    private static final VolumeOptions READ_ONLY = VolumeOptions.defaults().readOnly();

    private static byte[] image(TracedDevice device) {
        byte[] bytes = new byte[(int) device.sizeBytes()];
        device.get(0, bytes, 0, bytes.length);
        return bytes;
    }

    @Test
    void showsWhatRecoveryFindsAndLeavesTheDeviceAsItWas() throws Exception {
        try (TracedDevice device = TracedDevice.create(1 << 20)) {
            Volume crashed = Volume.create(device, VolumeLab.deterministic(
                    VolumeOptions.defaults(), ManualBackground::new, () -> 1, new Random(1)));
            try (DaxFile file = crashed.createFile("/kept")) {
                file.write(ByteBuffer.wrap("hello".getBytes()), 0);
                file.fsync();
            }
            device.crash(LineFate.NONE);
            byte[] before = image(device);

            try (Volume volume = Volume.open(device, READ_ONLY);
                    DaxFile file = volume.openFile("/kept")) {
                ByteBuffer read = ByteBuffer.allocate(5);
                file.read(read, 0);
                assertThat(new String(read.array())).isEqualTo("hello");
            }

            assertThat(image(device)).isEqualTo(before);
            assertThat(device.unpersistedLines()).isEmpty();
        }
    }

    @Test
    void refusesEveryChange() throws Exception {
        try (TracedDevice device = TracedDevice.create(1 << 20)) {
            try (Volume volume = Volume.create(device, VolumeOptions.defaults())) {
                volume.createFile("/a").close();
            }
            try (Volume volume = Volume.open(device, READ_ONLY);
                    DaxFile file = volume.openFile("/a")) {
                assertReadOnly(() -> volume.createFile("/b"));
                assertReadOnly(() -> volume.unlink("/a"));
                assertReadOnly(() -> file.write(ByteBuffer.allocate(1), 0));
                assertReadOnly(() -> file.truncate(1));
                assertReadOnly(() -> file.allocate(AllocateMode.WRITTEN, 0, 1));
                assertReadOnly(() -> file.map(MapMode.SYNC, 0, 1));
            }
        }
    }

    private static void assertReadOnly(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(HoldfastException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.READ_ONLY));
    }
}
