package dev.holdfast.fs;

import static dev.holdfast.fs.FakeClient.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.CheckedVolume;
import dev.holdfast.DaxFile;
import dev.holdfast.MapMode;
import dev.holdfast.Mapping;
import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.LineFate;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.fs.FakeClient.Right;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Blocks leave a file that other processes map: they fault again, and never meet another file's
 * data.
 */
class ServedTruncationTest {
    private static final long PAGES = 32;

    private TracedDevice device;
    private Volume volume;
    private DaxFile file;

    @BeforeEach
    void createVolume() throws IOException {
        device = TracedDevice.create(4 << 20);
        volume = Volume.create(device, options());
        file = volume.createFile("/a");
        file.truncate(PAGES * PAGE);
    }

    @AfterEach
    void closeVolume() throws IOException {
        file.close();
        CheckedVolume.closeAndCheck(volume);
        VolumeAudit.check(device);
        device.close();
    }

    private static VolumeOptions options() {
        return VolumeLab.deterministic(VolumeOptions.defaults(), ManualBackground::new, () -> 1,
                new Random(1));
    }

    private FakeClient sync() throws IOException {
        return FakeClient.sync(volume, "/a", 0, PAGES * PAGE);
    }

    @Test
    @DisplayName("Z3 A truncate unmaps every client, and what lay past the end never comes back")
    void truncateUnmapsEveryClient() throws IOException {
        try (FakeClient one = sync(); FakeClient two = sync()) {
            one.store(8, 1);
            one.store(9, 2);
            assertThat(two.load(9)).isEqualTo(2);
            assertThat(two.load(12)).isZero();
            file.truncate(9 * PAGE);
            assertThat(one.right(8)).isNotEqualTo(Right.NONE);
            assertThat(one.right(9)).isEqualTo(Right.NONE);
            assertThat(two.right(9)).isEqualTo(Right.NONE);
            assertThat(two.right(12)).isEqualTo(Right.NONE);
            assertThat(FakeClient.isBusError(() -> two.load(9))).isTrue();
            file.truncate(PAGES * PAGE);
            assertThat(one.load(9)).isZero();
            assertThat(two.load(9)).isZero();
            assertThat(one.load(8)).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("Z3 A punch unmaps every client, and the hole reads as zero")
    void punchUnmapsEveryClient() throws IOException {
        try (FakeClient one = sync(); FakeClient two = sync()) {
            for (long page = 4; page < 8; page++) {
                one.store(page, page);
                assertThat(two.load(page)).isEqualTo(page);
            }
            file.punchHole(5 * PAGE, 2 * PAGE);
            assertThat(two.load(4)).isEqualTo(4);
            assertThat(two.load(5)).isZero();
            assertThat(two.load(6)).isZero();
            assertThat(one.load(7)).isEqualTo(7);
            two.store(5, 50);
            assertThat(one.load(5)).isEqualTo(50);
        }
    }

    @Test
    @DisplayName("S9 Blocks that left a mapped file are no other file's until it is unmapped")
    void blocksThatLeftStayReserved() throws IOException {
        FakeClient client = sync();
        for (long page = 0; page < PAGES; page++) {
            client.store(page, 1000 + page);
        }
        file.truncate(0);
        long available = volume.space().availableBytes();
        DaxFile other = volume.createFile("/b");
        byte[] bytes = new byte[PAGE];
        long at = 0;
        while (at < available - 512 * PAGE) {
            at += other.write(ByteBuffer.wrap(bytes), at);
        }
        file.truncate(PAGES * PAGE);
        for (long page = 0; page < PAGES; page++) {
            long block = client.block(page);
            assertThat(other.extents()).noneMatch(extent -> extent.deviceOffset() <= block * PAGE
                    && extent.deviceOffset() + extent.length() > block * PAGE);
            assertThat(client.load(page)).isZero();
        }
        long before = volume.space().availableBytes();
        client.close();
        assertThat(volume.space().availableBytes()).isEqualTo(before + PAGES * PAGE);
        other.close();
    }

    @Test
    @DisplayName("A client never makes a truncate fail; a segment in a user's hand still does")
    void onlySegmentsPin() throws IOException {
        try (FakeClient client = sync();
                Mapping mapping = file.map(MapMode.SYNC, 0, PAGES * PAGE)) {
            client.store(5, 1);
            try (Arena arena = Arena.ofConfined()) {
                mapping.writable(5 * PAGE, 8, arena);
                assertThatExceptionOfType(HoldfastException.class)
                        .isThrownBy(() -> file.truncate(0)).matches(e -> e.code()
                        == ErrorCode.BUSY);
                assertThat(client.load(5)).isEqualTo(1);
                client.store(5, 2);
            }
            file.truncate(0);
            assertThat(client.right(5)).isEqualTo(Right.NONE);
        }
    }

    @Test
    @DisplayName("W1 A page of which a truncate keeps a part is still protected by fsync")
    void aPageThatIsKeptIsStillProtected() throws IOException {
        try (FakeClient client = sync()) {
            client.store(8, 1);
            file.truncate(8 * PAGE + 8);
            client.store(8, 2);
            file.fsync();
            assertThat(client.right(8)).isEqualTo(Right.LOAD);
            client.store(8, 3);
            assertThat(FileSystemProbe.space(client.fs, "/a").isDirty(8)).isTrue();
        }
    }

    @Test
    @DisplayName("A crash frees what was reserved, and the file has what was stored and persisted")
    void aCrashFreesWhatWasReserved() throws IOException {
        try (FakeClient client = sync()) {
            client.store(3, 33);
            client.persist(3);
            try (TracedDevice image = device.crashImage(LineFate.NONE);
                    CheckedVolume found = CheckedVolume.open(image, options());
                    DaxFile again = found.volume().openFile("/a")) {
                ByteBuffer bytes = ByteBuffer.allocate(1);
                again.read(bytes, 3 * PAGE);
                assertThat(bytes.get(0)).isEqualTo((byte) 33);
                assertThat(again.extents()).hasSize(1);
                assertThat(found.volume().space().availableBytes())
                        .isGreaterThanOrEqualTo(volume.space().availableBytes() + (PAGES - 1)
                        * PAGE);
            }
        }
    }

    @Test
    @DisplayName("S9 A resumed mapping has the blocks it had, and what left the file is unmapped")
    void aMappingIsResumed() throws IOException {
        FakeClient client = sync();
        client.store(3, 33);
        client.store(4, 44);
        client.load(5);
        List<BlockRun> runs = client.mapping.runs();
        file.truncate(4 * PAGE);
        file.truncate(PAGES * PAGE);
        try (TracedDevice image = device.crashImage(LineFate.ALL)) {
            Volume found = Volume.open(image, VolumeLab.withheld(options(), runs));
            fill(found);
            try (FakeClient again = FakeClient.resumed(found, "/a", client, runs)) {
                VolumeLab.fileSystem(found).mappings().resumed();
                assertThat(again.right(3)).isEqualTo(Right.LOAD);
                assertThat(again.load(3)).isEqualTo(33);
                again.store(3, 34);
                assertThat(again.load(4)).isZero();
                assertThat(again.load(5)).isZero();
                for (long page = 0; page < PAGES; page++) {
                    assertThat(again.block(page)).isEqualTo(client.block(page));
                    again.store(page, page);
                }
            }
            CheckedVolume.closeAndCheck(found);
            VolumeAudit.check(image);
        }
        client.close();
    }

    @Test
    @DisplayName("P7 Bus errors that an earlier owner left are lifted inside the file, and past it "
            + "when it grows")
    void busErrorsOfAnEarlierOwnerAreLifted() throws IOException {
        FakeClient client = sync();
        client.store(3, 33);
        file.truncate(8 * PAGE);
        List<BlockRun> runs = client.mapping.runs();
        try (TracedDevice image = device.crashImage(LineFate.ALL)) {
            Volume found = Volume.open(image, VolumeLab.withheld(options(), runs));
            Mappings mappings = VolumeLab.fileSystem(found).mappings();
            try (FakeClient again = FakeClient.resumed(found, "/a", client, runs);
                    DaxFile grown = found.openFile("/a")) {
                assertThat(mappings.servedEndPage(again.inode)).isEqualTo(8);
                again.answeredByBusError(3);
                again.answeredByBusError(9);
                again.mapping.busErrorsUnknown(8);
                mappings.resumed();

                assertThat(again.load(3)).isEqualTo(33);
                assertThat(again.right(9)).isEqualTo(Right.BUS_ERROR);
                grown.truncate(10 * PAGE);
                assertThat(again.load(9)).isZero();
            }
            CheckedVolume.closeAndCheck(found);
        }
        client.close();
    }

    /** Takes whatever space can be had. */
    private static void fill(Volume found) throws IOException {
        try (DaxFile other = found.createFile("/b")) {
            long at = 0;
            while (found.space().availableBytes() > 16 * PAGE) {
                at += other.write(ByteBuffer.wrap(new byte[PAGE]), at);
            }
        }
    }

    @Test
    @DisplayName("An orphan that a client still maps is resumed; one that nobody does is deleted")
    void orphansWaitForTheirClients() throws IOException {
        FakeClient client = sync();
        client.store(3, 33);
        List<BlockRun> runs = client.mapping.runs();
        DaxFile nobodys = volume.createFile("/n");
        nobodys.write(ByteBuffer.wrap(new byte[PAGE]), 0);
        volume.unlink("/n");
        volume.unlink("/a");
        try (TracedDevice image = device.crashImage(LineFate.ALL)) {
            Volume found = Volume.open(image, VolumeLab.withheld(options(), runs));
            Mappings mappings = VolumeLab.fileSystem(found).mappings();
            Inode inode = mappings.resumable(client.inode.number());
            ServedMapping mapping =
                    mappings.resume(inode, 0, PAGES * PAGE, dev.holdfast.dax.MapFlags.SHARED,
                    true, false, NoHardware.INSTANCE, runs);
            mappings.resumed();
            assertThat(mapping.fault(3, true)).isTrue();
            assertThat(mappings.resumable(nobodys.stat().inode())).isNull();
            mapping.close();
            assertThat(mappings.resumable(client.inode.number())).isNull();
            CheckedVolume.closeAndCheck(found);
            VolumeAudit.check(image);
        }
        nobodys.close();
        client.close();
    }

    @Test
    @DisplayName("Blocks withheld and not taken over are free once all is resumed")
    void whatIsNotTakenOverIsFree() throws IOException {
        FakeClient client = sync();
        List<BlockRun> runs = client.mapping.runs();
        long before;
        try (TracedDevice image = device.crashImage(LineFate.ALL);
                CheckedVolume found =
                        CheckedVolume.open(image, VolumeLab.withheld(options(), runs))) {
            before = found.volume().space().availableBytes();
            VolumeLab.fileSystem(found.volume()).mappings().resumed();
            assertThat(found.volume().space().availableBytes()).isEqualTo(before + PAGES * PAGE);
        }
        client.close();
    }
}
