package dev.holdfast;

import static dev.holdfast.TestVolume.BLOCK;
import static dev.holdfast.TestVolume.MIB;
import static dev.holdfast.TestVolume.assertFails;
import static dev.holdfast.TestVolume.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.file.CheckReport;
import dev.holdfast.file.CheckReport.Area;
import dev.holdfast.file.XattrMode;
import dev.holdfast.fs.Limits;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Extended attributes whose values are too long for an item, and live in blocks of their own. */
class LargeXattrTest {
    private TestVolume test;

    @BeforeEach
    void make() throws IOException {
        test = TestVolume.on(TestMedium.TRACED, 4 * MIB);
        test.create("/f").close();
    }

    @AfterEach
    void close() throws IOException {
        test.close();
    }

    private static byte[] value(int length) {
        byte[] value = new byte[length];
        new Random(length).nextBytes(value);
        return value;
    }

    private void set(String name, byte[] value) throws IOException {
        test.volume().setXattr("/f", name, value, XattrMode.CREATE_OR_REPLACE);
    }

    private long blocks() throws IOException {
        return test.volume().stat("/f").blocks();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2047, 2048, 2049, 4095, 4096, 4097, 65_535, 65_536})
    void aValueOfAnyLengthSurvivesARemount(int length) throws IOException {
        set("user.a", value(length));
        assertThat(test.volume().getXattr("/f", "user.a")).isEqualTo(value(length));
        assertThat(blocks()).isEqualTo(length <= 2048 ? 0 : (length + BLOCK - 1) / BLOCK);
        test.remount();
        assertThat(test.volume().getXattr("/f", "user.a")).isEqualTo(value(length));
        test.volume().unlink("/f");
    }

    @Test
    void replacingAndRemovingGiveTheBlocksBack() throws IOException {
        long unused = test.unusedBytes();
        for (int length : new int[] {65_536, 5000, 10, 5000, 65_536, 8192, 0}) {
            set("user.a", value(length));
            assertThat(test.volume().getXattr("/f", "user.a")).isEqualTo(value(length));
        }
        set("user.a", value(50_000));
        test.volume().removeXattr("/f", "user.a");
        assertThat(blocks()).isZero();
        assertThat(test.unusedBytes()).isEqualTo(unused);
    }

    @Test
    void theBlocksGoWithTheFileEvenWhenItIsHeld() throws IOException {
        long unused = test.unusedBytes();
        try (DaxFile held = test.create("/held")) {
            for (int i = 0; i < 12; i++) {
                test.volume().setXattr("/held", "user." + i, value(65_536), XattrMode.CREATE);
            }
            test.volume().unlink("/held");
            assertThat(held.stat().blocks()).isEqualTo(12 * 16);
        }
        assertThat(test.unusedBytes()).isEqualTo(unused);
    }

    @Test
    void aDirectoryAndALinkCanHaveThemToo() throws IOException {
        test.volume().createDirectory("/d");
        test.volume().setXattr("/d", "user.a", value(9000), XattrMode.CREATE);
        test.remount();
        assertThat(test.volume().getXattr("/d", "user.a")).isEqualTo(value(9000));
        test.volume().removeDirectory("/d");
    }

    @Test
    void aValueThatFindsNoFewLargeRunsIsRefusedAndNothingChanges() throws IOException {
        leaveRunsOfOneBlock();
        assertFails(ErrorCode.NO_SPACE, () -> set("user.a", value(65_536)));
        assertFails(ErrorCode.NO_SPACE, () -> set("user.a", value(5 * BLOCK)));
        long free = test.volume().space().availableBytes();
        set("user.a", value(4 * BLOCK));
        assertFails(ErrorCode.NO_SPACE, () -> set("user.a", value(65_536)));
        assertThat(test.volume().getXattr("/f", "user.a")).isEqualTo(value(4 * BLOCK));
        assertThat(test.volume().space().availableBytes()).isEqualTo(free - 4 * BLOCK);
        test.remount();
        assertThat(test.volume().getXattr("/f", "user.a")).isEqualTo(value(4 * BLOCK));
    }

    private void leaveRunsOfOneBlock() throws IOException {
        try (DaxFile file = test.create("/sparse")) {
            long blocks = 0;
            while (test.volume().space().availableBytes() > 0
                    && put(file, blocks * BLOCK, value(BLOCK)) == BLOCK) {
                blocks++;
            }
            for (long block = 1; block < 200; block += 2) {
                file.punchHole(block * BLOCK, BLOCK);
            }
        }
        test.volume().sync();
        assertThat(test.volume().space().largestFreeBytes()).isEqualTo(BLOCK);
    }

    @Test
    void damageToAValueIsFoundByReadingAndByCheck() throws IOException {
        byte[] value = value(3 * BLOCK);
        set("user.a", value);
        test.volume().close();
        long at = find(value);
        test.device().putByte(at + 5000, (byte) (value[5000] + 1));

        CheckReport report = Volume.check(test.device());
        assertThat(report.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.area()).isEqualTo(Area.XATTRS);
            assertThat(finding.problem()).contains("user.a").contains("not those that were stored");
        });
        Volume volume = Volume.open(test.device(), VolumeOptions.defaults());
        assertFails(ErrorCode.CORRUPT, () -> volume.getXattr("/f", "user.a"));
        volume.setXattr("/f", "user.a", value(1), XattrMode.REPLACE);
        assertThat(volume.getXattr("/f", "user.a")).isEqualTo(value(1));
        volume.close();
    }

    private long find(byte[] value) {
        byte[] block = new byte[BLOCK];
        for (long at = 0; at < test.device().sizeBytes(); at += BLOCK) {
            test.device().get(at, block, 0, BLOCK);
            if (java.util.Arrays.equals(block, 0, BLOCK, value, 0, BLOCK)) {
                return at;
            }
        }
        throw new AssertionError("the value is nowhere on the device");
    }

    @Test
    void theLimitIsThatOfLinux() throws IOException {
        assertThat(Limits.XATTR_VALUE_BYTES).isEqualTo(65_536);
        assertFails(ErrorCode.TOO_LARGE, () -> set("user.a", value(65_537)));
        assertThat(test.volume().listXattrs("/f")).isEmpty();
    }
}
