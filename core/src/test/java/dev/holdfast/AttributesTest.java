package dev.holdfast;

import static dev.holdfast.TestVolume.BLOCK;
import static dev.holdfast.TestVolume.assertFails;
import static dev.holdfast.TestVolume.bytes;
import static dev.holdfast.TestVolume.put;
import static dev.holdfast.TestVolume.read;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.file.AttributeChange;
import dev.holdfast.file.FileStat;
import dev.holdfast.file.XattrMode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Mode, owner, times and extended attributes. */
class AttributesTest {
    private static final long DAY_NANOS = 24L * 3600 * 1_000_000_000;

    private TestVolume test;

    @BeforeEach
    void make() throws IOException {
        test = TestVolume.inMemory(4 << 20);
        test.create("/f").close();
    }

    @AfterEach
    void close() throws IOException {
        test.close();
    }

    @Test
    void whatIsSetIsSetAndTheRestStays() throws IOException {
        long now = test.tick();
        test.volume().setAttributes("/f", new AttributeChange().mode(07755));
        test.volume().setAttributes("/f", new AttributeChange().uid(-2).gid(1_000_000));
        test.volume().setAttributes("/f", new AttributeChange().accessNanos(-5)
                .modifyNanos(1_234_567_890_987_654_321L));
        for (int mount = 0; mount < 2; mount++) {
            FileStat stat = test.volume().stat("/f");
            assertThat(stat.mode()).isEqualTo(07755);
            assertThat(stat.uid()).isEqualTo(-2);
            assertThat(stat.gid()).isEqualTo(1_000_000);
            assertThat(stat.accessNanos()).isEqualTo(-5);
            assertThat(stat.modifyNanos()).isEqualTo(1_234_567_890_987_654_321L);
            assertThat(stat.changeNanos()).isEqualTo(now);
            assertThat(stat.createNanos()).isEqualTo(TestVolume.START_NANOS);
            test.remount();
        }
    }

    @Test
    void aModeKeepsTheTypeOfTheFile() throws IOException {
        test.volume().createDirectory("/d");
        test.volume().setAttributes("/d", new AttributeChange().mode(0xFFFFFFFF));
        test.remount();
        assertThat(test.volume().stat("/d").mode()).isEqualTo(07777);
        assertThat(test.volume().list("/d")).isEmpty();
    }

    @Test
    void timesCountNanoseconds() throws IOException {
        try (DaxFile file = test.open("/f")) {
            test.clock.addAndGet(1);
            put(file, 0, bytes(1, 1));
            assertThat(file.stat().modifyNanos()).isEqualTo(TestVolume.START_NANOS + 1);
            file.fsync();
        }
        test.remount();
        assertThat(test.volume().stat("/f").modifyNanos()).isEqualTo(TestVolume.START_NANOS + 1);
    }

    @Test
    void everyChangeOfContentChangesItsTimesAndNoneChangesTheOthers() throws IOException {
        try (DaxFile file = test.open("/f")) {
            List<Step> changes = List.of(() -> put(file, 0, bytes(3 * BLOCK, 1)),
                    () -> put(file, 5, bytes(1, 2)), () -> file.truncate(2 * BLOCK),
                    () -> file.truncate(3 * BLOCK), () -> file.punchHole(0, BLOCK),
                    () -> file.zeroRange(0, BLOCK));
            for (Step change : changes) {
                long now = test.tick();
                change.run();
                assertThat(file.stat().modifyNanos()).isEqualTo(now);
                assertThat(file.stat().changeNanos()).isEqualTo(now);
                assertThat(file.stat().accessNanos()).isEqualTo(TestVolume.START_NANOS);
                assertThat(file.stat().createNanos()).isEqualTo(TestVolume.START_NANOS);
            }
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    @Test
    void readingIsNotedWhenTheFileChangedSinceOrOnceADay() throws IOException {
        try (DaxFile file = test.open("/f")) {
            put(file, 0, bytes(10, 1));
            long first = test.tick();
            read(file);
            assertThat(file.stat().accessNanos()).isEqualTo(first);
            test.tick();
            read(file);
            assertThat(file.stat().accessNanos()).as("relatime").isEqualTo(first);
            put(file, 0, bytes(10, 2));
            long second = test.tick();
            read(file);
            assertThat(file.stat().accessNanos()).isEqualTo(second);
            long later = test.clock.addAndGet(DAY_NANOS);
            read(file);
            assertThat(file.stat().accessNanos()).isEqualTo(later);
        }
        test.remount();
        assertThat(test.volume().stat("/f").accessNanos()).isGreaterThan(
                TestVolume.START_NANOS + DAY_NANOS);
    }

    @Test
    void attributesOfEveryKindOfFileAreKept() throws IOException {
        test.volume().createDirectory("/d");
        for (String path : List.of("/f", "/d", "/")) {
            test.volume().setXattr(path, "user.name", bytes(4, 9), XattrMode.CREATE_OR_REPLACE);
        }
        test.remount();
        for (String path : List.of("/f", "/d", "/")) {
            assertThat(test.volume().getXattr(path, "user.name")).containsExactly(9, 9, 9, 9);
            assertThat(test.volume().listXattrs(path)).containsExactly("user.name");
        }
    }

    @Test
    void anAttributeIsMadeOrReplacedAsSaid() throws IOException {
        Volume volume = test.volume();
        assertFails(ErrorCode.NO_DATA, () -> volume.getXattr("/f", "a"));
        assertFails(ErrorCode.NO_DATA, () -> volume.removeXattr("/f", "a"));
        assertFails(ErrorCode.NO_DATA,
                () -> volume.setXattr("/f", "a", bytes(1, 1), XattrMode.REPLACE));
        long now = test.tick();
        volume.setXattr("/f", "a", bytes(1, 1), XattrMode.CREATE);
        assertThat(volume.stat("/f").changeNanos()).isEqualTo(now);
        assertThat(volume.stat("/f").modifyNanos()).isEqualTo(TestVolume.START_NANOS);
        assertFails(ErrorCode.EXISTS,
                () -> volume.setXattr("/f", "a", bytes(1, 2), XattrMode.CREATE));
        volume.setXattr("/f", "a", bytes(0, 0), XattrMode.REPLACE);
        test.remount();
        assertThat(test.volume().getXattr("/f", "a")).isEmpty();
        test.volume().removeXattr("/f", "a");
        test.remount();
        assertThat(test.volume().listXattrs("/f")).isEmpty();
    }

    @Test
    void attributeNamesAndValuesHaveLimits() throws IOException {
        Volume volume = test.volume();
        String longest = "é".repeat(127) + "x";
        volume.setXattr("/f", longest, bytes(65_536, 1), XattrMode.CREATE);
        assertFails(ErrorCode.TOO_LARGE,
                () -> volume.setXattr("/f", "a", bytes(65_537, 1), XattrMode.CREATE));
        assertFails(ErrorCode.NAME_TOO_LONG,
                () -> volume.setXattr("/f", longest + "x", bytes(1, 1), XattrMode.CREATE));
        assertFails(ErrorCode.INVALID,
                () -> volume.setXattr("/f", "", bytes(1, 1), XattrMode.CREATE));
        assertFails(ErrorCode.BAD_NAME,
                () -> volume.setXattr("/f", "\ud800", bytes(1, 1), XattrMode.CREATE));
        test.remount();
        assertThat(test.volume().getXattr("/f", longest)).hasSize(65_536).containsOnly(1);
    }

    @Test
    void hundredsOfAttributesAreKeptAndGoWithTheFile() throws IOException {
        long unused = test.unusedBytes();
        List<String> names = new ArrayList<>();
        for (int i = 100; i < 400; i++) {
            names.add("user." + i);
            test.volume().setXattr("/f", "user." + i, bytes(i, i), XattrMode.CREATE);
        }
        test.remount();
        assertThat(test.volume().listXattrs("/f")).isEqualTo(names);
        assertThat(test.volume().getXattr("/f", "user.399")).isEqualTo(bytes(399, 399));
        test.volume().unlink("/f");
        assertThat(test.unusedBytes()).isEqualTo(unused);
    }
}
