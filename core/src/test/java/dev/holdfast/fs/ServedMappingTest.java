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
import dev.holdfast.dax.MapFlags;
import dev.holdfast.device.MemfdDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.AllocateMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Mappings of other processes, with page tables that check what they are told. */
class ServedMappingTest {
    private static final long PAGES = 64;

    private MemfdDevice device;
    private Volume volume;
    private DaxFile file;

    @BeforeEach
    void createVolume() throws IOException {
        device = MemfdDevice.create("served", 16 << 20);
        volume = Volume.create(device, VolumeLab.deterministic(VolumeOptions.defaults(),
                ManualBackground::new, () -> 1, new Random(1)));
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

    private FakeClient sync() throws IOException {
        return FakeClient.sync(volume, "/a", 0, PAGES * PAGE);
    }

    private long fileLong(long page) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        file.read(bytes, page * PAGE);
        return bytes.getLong(0);
    }

    private void writeLong(DaxFile target, long page, long value) throws IOException {
        target.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, value),
                page * PAGE);
    }

    private long count(String kind) {
        return volume.faults().byKind().get(kind);
    }

    @Test
    @DisplayName("P1 S5 A store waits for its metadata, and the page is dirty before it is "
            + "writable")
    void aStoreIsServed() throws IOException {
        try (FakeClient client = sync()) {
            client.store(3, 42);
            assertThat(fileLong(3)).isEqualTo(42);
            assertThat(file.extents()).hasSize(1);
            client.store(3, 43);
            assertThat(client.faults).isEqualTo(1);
        }
        assertThat(count("PTE_NEED_DATA_SYNC")).isEqualTo(1);
        assertThat(count("PTE_SYNC_FINISHED")).isEqualTo(1);
    }

    @Test
    @DisplayName("P2 A store to blocks that are durable waits for nothing")
    void aStoreToACleanFileIsPlain() throws IOException {
        writeLong(file, 3, 1);
        file.fsync();
        try (FakeClient client = sync()) {
            client.store(3, 2);
            assertThat(count("PTE_NEED_DATA_SYNC")).isZero();
        }
    }

    @Test
    @DisplayName("P4 A plain mapping never waits")
    void aPlainMappingDoesNotWait() throws IOException {
        try (FakeClient client = FakeClient.plain(volume, "/a", 0, PAGES * PAGE)) {
            client.store(3, 42);
            assertThat(count("PTE_NEED_DATA_SYNC")).isZero();
            assertThat(fileLong(3)).isEqualTo(42);
        }
    }

    @Test
    @DisplayName("R3 A hole that was read shows the block it is given, without another fault")
    void nothingMovesWhenAHoleGetsItsBlock() throws IOException {
        try (FakeClient client = sync()) {
            assertThat(client.load(5)).isZero();
            assertThat(file.extents()).isEmpty();
            writeLong(file, 5, 7);
            assertThat(client.load(5)).isEqualTo(7);
            assertThat(client.faults).isEqualTo(1);
            client.store(5, 8);
            assertThat(fileLong(5)).isEqualTo(8);
        }
    }

    @Test
    @DisplayName("R9 A software mapping, write and two clients share each hole's block")
    void everybodyFillsAHoleWithTheSameBlock() throws IOException {
        try (FakeClient one = sync(); FakeClient two = sync();
                Mapping software = file.map(MapMode.SYNC, 0, PAGES * PAGE);
                Arena arena = Arena.ofConfined()) {
            for (long page = 0; page < PAGES; page++) {
                assertThat(one.block(page)).isEqualTo(two.block(page));
            }
            assertThat(software.readable(4 * PAGE, 8, arena).get(ValueLayout.JAVA_LONG,
                    0)).isZero();
            one.store(4, 1);
            assertThat(software.readable(4 * PAGE, 8, arena).get(ValueLayout.JAVA_LONG,
                    0)).isEqualTo(1);
            software.writable(6 * PAGE, 8, arena).set(ValueLayout.JAVA_LONG, 0, 2);
            writeLong(file, 7, 3);
            file.allocate(AllocateMode.WRITTEN, 8 * PAGE, PAGE);
            file.allocate(AllocateMode.UNWRITTEN, 9 * PAGE, PAGE);
            two.store(9, 5);
            assertThat(one.load(6)).isEqualTo(2);
            assertThat(two.load(7)).isEqualTo(3);
            assertThat(two.load(8)).isZero();
            assertThat(one.load(9)).isEqualTo(5);
        }
    }

    @Test
    @DisplayName("An unwritten extent reads as zero, whatever its block held")
    void unwrittenBlocksReadAsZero() throws IOException {
        DaxFile other = volume.createFile("/b");
        other.write(ByteBuffer.wrap(new byte[8 << 20]).put(0, (byte) 1), 0);
        fillWith(other, (byte) 9);
        other.close();
        volume.unlink("/b");
        volume.awaitDurable(volume.changeLsn());
        file.allocate(AllocateMode.UNWRITTEN, 0, PAGES * PAGE);
        try (FakeClient client = sync()) {
            for (long page = 0; page < PAGES; page++) {
                assertThat(client.load(page, 128)).isZero();
            }
            client.store(1, 5);
            assertThat(client.load(1, 128)).isZero();
        }
    }

    private static void fillWith(DaxFile target, byte value) throws IOException {
        byte[] bytes = new byte[1 << 20];
        java.util.Arrays.fill(bytes, value);
        for (int i = 0; i < 8; i++) {
            target.write(ByteBuffer.wrap(bytes), (long) i << 20);
        }
    }

    @Test
    @DisplayName("W1 B6 fsync protects the page in every client, and the next store faults")
    void fsyncProtectsEveryClient() throws IOException {
        try (FakeClient one = sync(); FakeClient two = sync()) {
            one.store(3, 1);
            two.store(3, 2);
            file.fsync();
            assertThat(one.right(3)).isEqualTo(FakeClient.Right.LOAD);
            assertThat(two.right(3)).isEqualTo(FakeClient.Right.LOAD);
            two.store(3, 3);
            assertThat(two.faults).isEqualTo(2);
            assertThat(fs().pages(two.inode).space.isDirty(3)).isTrue();
        }
    }

    private FileSystem fs() {
        return VolumeLab.fileSystem(volume);
    }

    @Test
    @DisplayName("P7 B6 Past the end of the file is a bus error, and no longer once the file has "
            + "grown")
    void pastTheEndIsABusError() throws IOException {
        try (FakeClient client = FakeClient.sync(volume, "/a", 0, 2 * PAGES * PAGE)) {
            assertThat(FakeClient.isBusError(() -> client.load(PAGES))).isTrue();
            assertThat(FakeClient.isBusError(() -> client.store(PAGES + 1, 1))).isTrue();
            file.truncate((PAGES + 1) * PAGE);
            assertThat(client.load(PAGES)).isZero();
            assertThat(FakeClient.isBusError(() -> client.store(PAGES + 1, 1))).isTrue();
            writeLong(file, PAGES + 1, 6);
            assertThat(client.load(PAGES + 1)).isEqualTo(6);
            assertThat(client.faults).as("a bus error is lifted, not faulted on").isEqualTo(2);
        }
    }

    @Test
    @DisplayName("P7 Who makes the file grow hears of it when no bus error stands inside any more")
    void growthWaitsForABusErrorUnderWay() throws Exception {
        try (FakeClient client = FakeClient.sync(volume, "/a", 0, 2 * PAGES * PAGE)) {
            Thread[] grower = new Thread[1];
            boolean isAnswered = client.mapping.answerPastEnd(PAGES, () -> {
                grower[0] = Thread.ofPlatform().start(() -> grow(PAGES + 1));
                while (grower[0].getState() != Thread.State.BLOCKED && grower[0].isAlive()) {
                    Thread.onSpinWait();
                }
                return client.poison(PAGES);
            });
            grower[0].join();
            assertThat(isAnswered).isTrue();
            assertThat(client.load(PAGES)).isZero();
            assertThat(client.mapping.answerPastEnd(PAGES, () -> client.poison(PAGES))).isFalse();
        }
    }

    private void grow(long pages) {
        try {
            file.truncate(pages * PAGE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @DisplayName("P7 A bus error that cannot be lifted for want of memory is lifted by the next "
            + "growth")
    void liftedByTheNextGrowth() throws IOException {
        try (FakeClient client = FakeClient.sync(volume, "/a", 0, 2 * PAGES * PAGE)) {
            client.answeredByBusError(PAGES);
            client.mapping.busErrorsUnknown(PAGES);
            client.absentInstalls = 2;
            file.truncate((PAGES + 1) * PAGE);
            assertThat(FakeClient.isBusError(() -> client.load(PAGES))).isTrue();
            file.truncate((PAGES + 2) * PAGE);
            assertThat(client.load(PAGES)).isZero();
        }
    }

    @Test
    @DisplayName("The end of a file inside a page: the page is served, its tail reads as zero (P7, "
            + "P8)")
    void theLastPageIsServed() throws IOException {
        file.truncate(3 * PAGE + 100);
        try (FakeClient client = sync()) {
            client.store(3, 1);
            client.store(3, 2048, 9);
            file.truncate(PAGES * PAGE);
            assertThat(client.load(3, 2048)).isZero();
            assertThat(client.load(3)).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("Lack of space is an error of serve, and leaves nothing behind")
    void noSpaceIsAnErrorOfServe() throws IOException {
        long available = volume.space().availableBytes();
        assertThatExceptionOfType(HoldfastException.class)
                .isThrownBy(() -> FakeClient.sync(volume, "/a", 0, 64 << 20))
                .matches(e -> e.code() == ErrorCode.NO_SPACE);
        assertThat(volume.space().availableBytes()).isEqualTo(available);
    }

    @Test
    @DisplayName("Reserved blocks are nobody else's, and free again when the mapping is closed")
    void reservedBlocksComeBack() throws IOException {
        long available = volume.space().availableBytes();
        FakeClient one = sync();
        FakeClient two = FakeClient.sync(volume, "/a", 32 * PAGE, PAGES * PAGE);
        assertThat(volume.space().availableBytes()).isEqualTo(available - 96 * PAGE);
        one.close();
        assertThat(volume.space().availableBytes()).isEqualTo(available - 64 * PAGE);
        two.store(32, 1);
        two.close();
        assertThat(volume.space().availableBytes()).isEqualTo(available - PAGE);
        two.close();
    }

    @Test
    @DisplayName("A client that has gone is no error, and nothing waits for it")
    void aClientThatHasGone() throws IOException {
        FakeClient client = sync();
        client.store(1, 1);
        client.gone = true;
        assertThat(client.mapping.fault(2, true)).isFalse();
        file.fsync();
        client.kill();
        writeLong(file, 2, 4);
        assertThat(fileLong(2)).isEqualTo(4);
    }

    @Test
    @DisplayName("Blocks without memory behind them are made present, and mapped")
    void absentBlocksAreMadePresent() throws IOException {
        try (FakeClient client = sync()) {
            client.absentInstalls = 1;
            client.store(1, 1);
            assertThat(client.installs).isEqualTo(2);
        }
    }

    @Test
    @DisplayName("The volume cannot be closed while a client maps a file of it")
    void aServedFileKeepsTheVolumeOpen() throws IOException {
        try (FakeClient client = sync()) {
            client.store(1, 1);
            assertThatExceptionOfType(HoldfastException.class).isThrownBy(volume::close)
                    .matches(e -> e.code() == ErrorCode.BUSY);
            client.store(2, 1);
        }
    }

    @Test
    @DisplayName("V1 V3 Flags that cannot be honoured are refused")
    void flagsAreHonouredOrRefused() throws IOException {
        Inode inode = fs().paths().resolve("/a", true);
        assertThatExceptionOfType(HoldfastException.class).isThrownBy(() -> fs().mappings()
                        .serve(inode, 0, PAGE, MapFlags.PRIVATE, true, false, NoHardware.INSTANCE))
                .matches(e -> e.code() == ErrorCode.NOT_SUPPORTED);
        assertThatExceptionOfType(HoldfastException.class).isThrownBy(() -> fs().mappings()
                        .serve(inode, 1, PAGE, MapFlags.SHARED, true, false, NoHardware.INSTANCE))
                .matches(e -> e.code() == ErrorCode.INVALID);
    }

    @Test
    @DisplayName("B18 A store to a mapping for loads only is a bus error")
    void aReadOnlyMappingRefusesStores() throws IOException {
        Inode inode = fs().paths().resolve("/a", true);
        try (ServedMapping mapping = fs().mappings()
                .serve(inode, 0, PAGE, MapFlags.SHARED, false, false, NoHardware.INSTANCE)) {
            assertThat(mapping.fault(0, false)).isTrue();
            assertThatExceptionOfType(HoldfastException.class)
                    .isThrownBy(() -> mapping.fault(0, true))
                    .matches(e -> e.code() == ErrorCode.BUS_ERROR);
        }
    }

    @Test
    @DisplayName("An unlinked file lives as long as its mapping")
    void anUnlinkedFileLivesOn() throws IOException {
        long available = volume.space().availableBytes();
        DaxFile other = volume.createFile("/b");
        other.truncate(PAGES * PAGE);
        FakeClient client = FakeClient.sync(volume, "/b", 0, PAGES * PAGE);
        other.close();
        client.store(0, 1);
        volume.unlink("/b");
        client.store(1, 2);
        assertThat(client.load(0)).isEqualTo(1);
        client.close();
        volume.awaitDurable(volume.changeLsn());
        assertThat(volume.space().availableBytes()).isEqualTo(available);
    }
}
