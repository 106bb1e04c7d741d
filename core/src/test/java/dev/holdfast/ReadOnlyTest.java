package dev.holdfast;

import static dev.holdfast.TestVolume.BLOCK;
import static dev.holdfast.TestVolume.assertFails;
import static dev.holdfast.TestVolume.bytes;
import static dev.holdfast.TestVolume.put;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.file.AllocateMode;
import dev.holdfast.file.AttributeChange;
import dev.holdfast.file.RenameMode;
import dev.holdfast.file.XattrMode;
import java.io.IOException;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A volume opened for reading only: all is shown, nothing is written. */
class ReadOnlyTest {
    private static byte[] image(TestVolume test) {
        byte[] image = new byte[(int) test.device().sizeBytes()];
        test.device().get(0, image, 0, image.length);
        return image;
    }

    @ParameterizedTest
    @EnumSource
    void everythingIsShownAndEveryChangeRefused(TestMedium medium) throws IOException {
        try (TestVolume test = TestVolume.on(medium, 1 << 20)) {
            test.volume().createDirectory("/d");
            test.write("/d/f", bytes(2 * BLOCK, 7));
            test.volume().setXattr("/d/f", "user.a", bytes(3, 1), XattrMode.CREATE);
            test.remount(VolumeOptions::readOnly);
            byte[] before = image(test);
            Volume volume = test.volume();
            assertThat(test.names("/d")).containsExactly("f");
            assertThat(volume.getXattr("/d/f", "user.a")).containsExactly(1, 1, 1);
            try (DaxFile file = test.open("/d/f")) {
                assertThat(TestVolume.read(file)).hasSize(2 * BLOCK).containsOnly(7);
                assertFails(ErrorCode.READ_ONLY, () -> put(file, 0, bytes(1, 1)));
                assertFails(ErrorCode.READ_ONLY, () -> file.truncate(0));
                assertFails(ErrorCode.READ_ONLY, () -> file.punchHole(0, BLOCK));
                assertFails(ErrorCode.READ_ONLY, () -> file.zeroRange(0, BLOCK));
                assertFails(ErrorCode.READ_ONLY,
                        () -> file.allocate(AllocateMode.WRITTEN, 0, BLOCK));
                assertFails(ErrorCode.READ_ONLY, () -> file.map(MapMode.SHARED, 0, BLOCK));
                assertFails(ErrorCode.READ_ONLY, () -> file.map(MapMode.SYNC, 0, BLOCK));
                file.fsync();
            }
            assertFails(ErrorCode.READ_ONLY, () -> volume.createFile("/x"));
            assertFails(ErrorCode.READ_ONLY, () -> volume.createDirectory("/x"));
            assertFails(ErrorCode.READ_ONLY, () -> volume.createSymbolicLink("/x", "y"));
            assertFails(ErrorCode.READ_ONLY, () -> volume.unlink("/d/f"));
            assertFails(ErrorCode.READ_ONLY, () -> volume.link("/d/f", "/x"));
            assertFails(ErrorCode.READ_ONLY,
                    () -> volume.rename("/d/f", "/x", RenameMode.REPLACE));
            assertFails(ErrorCode.READ_ONLY,
                    () -> volume.setAttributes("/d/f", new AttributeChange().mode(0)));
            assertFails(ErrorCode.READ_ONLY, () -> volume.removeXattr("/d/f", "user.a"));
            volume.sync();
            volume.checkpoint();
            volume.close();
            assertThat(image(test)).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("H1 generic/452 a private mapping works on a read-only volume, stores included")
    void aPrivateMappingWorksOnAReadOnlyVolume(TestMedium medium) throws IOException {
        try (TestVolume test = TestVolume.on(medium, 1 << 20)) {
            test.write("/f", bytes(2 * BLOCK, 7));
            test.remount(VolumeOptions::readOnly);
            try (DaxFile file = test.open("/f");
                    Mapping own = file.map(MapMode.PRIVATE, 0, 2 * BLOCK);
                    Mapping shown = file.map(MapMode.READ_ONLY, 0, 2 * BLOCK);
                    Arena arena = Arena.ofConfined()) {
                own.writable(5, 10, arena).fill((byte) 1);
                assertThat(own.readable(5, 1, arena).get(JAVA_BYTE, 0)).isEqualTo((byte) 1);
                assertThat(shown.readable(5, 1, arena).get(JAVA_BYTE, 0)).isEqualTo((byte) 7);
            }
        }
    }

    @Test
    @DisplayName("A volume that was not closed is shown recovered, and its medium left alone")
    void aVolumeThatWasNotClosedIsShownRecovered() throws IOException {
        try (TestVolume test = TestVolume.on(TestMedium.TRACED, 1 << 20)) {
            test.write("/f", bytes(2 * BLOCK, 7));
            test.volume().createDirectory("/d");
            DaxFile orphan = test.create("/orphan");
            put(orphan, 0, bytes(BLOCK, 1));
            test.volume().unlink("/orphan");
            test.volume().sync();
            byte[] before = image(test);
            test.reopenAfterCrash(VolumeOptions::readOnly);
            assertThat(test.names("/")).containsExactly("d", "f");
            assertThat(test.read("/f")).hasSize(2 * BLOCK).containsOnly(7);
            assertFails(ErrorCode.READ_ONLY, () -> test.create("/x"));
            test.volume().close();
            assertThat(image(test)).isEqualTo(before);
            test.reopenAfterCrash(options -> options);
            assertThat(test.names("/")).containsExactly("d", "f");
        }
    }
}
