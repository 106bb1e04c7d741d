package dev.holdfast;

import static dev.holdfast.TestVolume.BLOCK;
import static dev.holdfast.TestVolume.assertFails;
import static dev.holdfast.TestVolume.bytes;
import static dev.holdfast.TestVolume.put;
import static dev.holdfast.TestVolume.read;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.AllocateMode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Files as memory: modes, pins and coherence, on every medium. */
@ParameterizedClass
@EnumSource
class MappingTest {
    @Parameter
    TestMedium medium;

    private TestVolume test;
    private DaxFile file;
    private Arena arena;

    @BeforeEach
    void make() throws IOException {
        test = TestVolume.on(medium, 2 << 20);
        file = test.create("/file");
        file.truncate(16 * BLOCK);
        arena = Arena.ofConfined();
    }

    @AfterEach
    void close() throws IOException {
        if (arena.scope().isAlive()) {
            arena.close();
        }
        file.close();
        test.close();
    }

    private void closeArena() {
        arena.close();
        arena = Arena.ofConfined();
    }

    // ---- modes

    @Test
    @DisplayName("V1 V4 each mode loads and stores as it says")
    void eachModeLoadsAndStoresAsItSays() throws IOException {
        put(file, 0, bytes(16 * BLOCK, 1));
        for (MapMode mode : MapMode.values()) {
            try (Mapping mapping = file.map(mode, BLOCK, 4 * BLOCK)) {
                assertThat(mapping.mode()).isEqualTo(mode);
                assertThat(mapping.lengthBytes()).isEqualTo(4 * BLOCK);
                assertThat(mapping.readable(100, 8).get(JAVA_BYTE, 0)).isEqualTo((byte) 1);
                assertThat(mapping.mapInfo().mode()).isEqualTo(mode);
                assertThat(mapping.mapInfo().sync()).isEqualTo(mode == MapMode.SYNC);
            }
        }
        try (Mapping shared = file.map(MapMode.SHARED, 0, BLOCK);
                Mapping sync = file.map(MapMode.SYNC, BLOCK, BLOCK);
                Mapping own = file.map(MapMode.PRIVATE, 2 * BLOCK, BLOCK)) {
            shared.writable(0, 1).set(JAVA_BYTE, 0, (byte) 2);
            sync.writable(0, 1).set(JAVA_BYTE, 0, (byte) 3);
            own.writable(0, 1).set(JAVA_BYTE, 0, (byte) 4);
        }
        assertThat(read(file, 0, 1)).containsExactly(2);
        assertThat(read(file, BLOCK, 1)).containsExactly(3);
        assertThat(read(file, 2 * BLOCK, 1)).containsExactly(1);
    }

    @Test
    @DisplayName("B18 generic/462 a read-only mapping gives no writable memory, and readable "
            + "memory refuses stores")
    void aReadOnlyMappingGivesNoWritableMemory() throws IOException {
        try (Mapping mapping = file.map(MapMode.READ_ONLY, 0, BLOCK)) {
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(() -> mapping.writable(0, 1));
            MemorySegment readable = mapping.readable(0, BLOCK);
            assertThat(readable.isReadOnly()).isTrue();
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> readable.set(JAVA_BYTE, 0, (byte) 1));
            assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(
                    () -> file.read(readable, 0));
        }
        assertThat(file.stat().blocks()).isZero();
    }

    @Test
    void rangesAreCheckedBeforeAnyAddressIsMade() throws IOException {
        try (Mapping mapping = file.map(MapMode.SHARED, BLOCK, 4 * BLOCK)) {
            long[][] wrong = {{-1, 1}, {0, 0}, {0, -1}, {0, 4 * BLOCK + 1}, {4 * BLOCK, 1},
                {Long.MAX_VALUE, 1}, {1, Long.MAX_VALUE}};
            for (long[] range : wrong) {
                assertThatExceptionOfType(IndexOutOfBoundsException.class)
                        .isThrownBy(() -> mapping.readable(range[0], range[1]));
                assertThatExceptionOfType(IndexOutOfBoundsException.class)
                        .isThrownBy(() -> mapping.writable(range[0], range[1]));
                assertThatExceptionOfType(IndexOutOfBoundsException.class)
                        .isThrownBy(() -> mapping.persist(range[0], range[1]));
            }
            MemorySegment segment = mapping.writable(10, 20);
            assertThat(segment.byteSize()).isEqualTo(20);
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> segment.get(JAVA_BYTE, 20));
        }
        assertFails(ErrorCode.INVALID, () -> file.map(MapMode.SHARED, 0, 0));
        assertFails(ErrorCode.INVALID, () -> file.map(MapMode.SHARED, -BLOCK, BLOCK));
        assertFails(ErrorCode.INVALID, () -> file.map(MapMode.SHARED, 0, -1));
        assertFails(ErrorCode.TOO_LARGE, () -> file.map(MapMode.SHARED, 64L << 40, BLOCK));
    }

    @Test
    void aMappingMayBeginAnywhere() throws IOException {
        byte[] content = new byte[4 * BLOCK];
        new Random(3).nextBytes(content);
        put(file, 0, content);
        try (Mapping mapping = file.map(MapMode.SYNC, 777, 2 * BLOCK)) {
            assertThat(mapping.readable(5, 100).toArray(JAVA_BYTE))
                    .isEqualTo(Arrays.copyOfRange(content, 782, 882));
            mapping.writable(BLOCK, 1).set(JAVA_BYTE, 0, (byte) 42);
            mapping.persist(BLOCK, 1);
        }
        assertThat(read(file, 777 + BLOCK, 1)).containsExactly(42);
    }

    @Test
    @DisplayName("P7 generic/749 the page that holds the end can be used, the next is a bus error "
            + "until the file grows")
    void thePageThatHoldsTheEndCanBeUsed() throws IOException {
        file.truncate(BLOCK + 10);
        try (Mapping mapping = file.map(MapMode.SHARED, 0, 4 * BLOCK)) {
            mapping.writable(BLOCK, BLOCK, arena).set(JAVA_BYTE, 9, (byte) 1);
            assertFails(ErrorCode.BUS_ERROR, () -> mapping.readable(2 * BLOCK, 1, arena));
            assertFails(ErrorCode.BUS_ERROR, () -> mapping.writable(2 * BLOCK, 1, arena));
            assertFails(ErrorCode.BUS_ERROR, () -> mapping.writable(0, 3 * BLOCK, arena));
            file.truncate(2 * BLOCK + 1);
            mapping.writable(2 * BLOCK, 1, arena).set(JAVA_BYTE, 0, (byte) 7);
            assertThat(read(file, 2 * BLOCK, 10)).containsExactly(7);
            assertFails(ErrorCode.BUS_ERROR, () -> mapping.readable(3 * BLOCK, 1, arena));
            closeArena();
            file.truncate(0);
            assertFails(ErrorCode.BUS_ERROR, () -> mapping.readable(0, 1, arena));
        }
    }

    // ---- private

    @Test
    @DisplayName("H1 H2 B9 private stores stay private, take no space and change no times")
    void privateStoresStayPrivate() throws IOException {
        put(file, 0, bytes(2 * BLOCK, 1));
        file.fsync();
        var before = file.stat();
        long free = test.volume().space().availableBytes();
        test.tick();
        try (Mapping mapping = file.map(MapMode.PRIVATE, 0, 4 * BLOCK);
                Mapping other = file.map(MapMode.PRIVATE, 0, 4 * BLOCK)) {
            mapping.writable(0, 4 * BLOCK, arena).fill((byte) 9);
            assertThat(mapping.readable(3 * BLOCK, 1, arena).get(JAVA_BYTE, 0))
                    .isEqualTo((byte) 9);
            assertThat(other.readable(0, 1, arena).get(JAVA_BYTE, 0)).isEqualTo((byte) 1);
            assertThat(test.volume().space().availableBytes()).isEqualTo(free);
            assertFails(ErrorCode.INVALID, () -> mapping.persist(0, 1));
            closeArena();
        }
        assertThat(file.stat().modifyNanos()).isEqualTo(before.modifyNanos());
        assertThat(file.stat().changeNanos()).isEqualTo(before.changeNanos());
        assertThat(file.stat().blocks()).isEqualTo(2);
        assertThat(read(file, 0, 2 * BLOCK)).containsOnly(1);
        assertThat(read(file, 2 * BLOCK, BLOCK)).containsOnly(0);
    }

    @Test
    @DisplayName("H1 P7 a private mapping ends where the file does")
    void aPrivateMappingEndsWhereTheFileDoes() throws IOException {
        file.truncate(BLOCK + 1);
        try (Mapping mapping = file.map(MapMode.PRIVATE, 0, 4 * BLOCK)) {
            mapping.writable(BLOCK, BLOCK, arena).fill((byte) 1);
            assertFails(ErrorCode.BUS_ERROR, () -> mapping.writable(2 * BLOCK, 1, arena));
            closeArena();
        }
    }

    @Test
    @DisplayName("Z3 H1 blocks shown by a private mapping stay in the file while it is open")
    void blocksShownByAPrivateMappingStayInTheFile() throws IOException {
        put(file, 0, bytes(4 * BLOCK, 1));
        try (Mapping mapping = file.map(MapMode.PRIVATE, 0, 4 * BLOCK)) {
            assertFails(ErrorCode.BUSY, () -> file.truncate(BLOCK));
            assertFails(ErrorCode.BUSY, () -> file.punchHole(0, 4 * BLOCK));
            file.truncate(4 * BLOCK);
            assertThat(mapping.readable(3 * BLOCK, 1, arena).get(JAVA_BYTE, 0))
                    .isEqualTo((byte) 1);
            closeArena();
        }
        file.truncate(0);
        assertThat(file.stat().blocks()).isZero();
    }

    // ---- coherence

    @Test
    @DisplayName("R9 what is written is seen through a mapping and what is stored is read, at once")
    void writesAndStoresAreOneFile() throws IOException {
        try (Mapping mapping = file.map(MapMode.SHARED, 0, 16 * BLOCK)) {
            MemorySegment segment = mapping.writable(0, 16 * BLOCK, arena);
            byte[] model = new byte[16 * BLOCK];
            Random random = new Random(5);
            for (int i = 0; i < 100; i++) {
                int from = random.nextInt(model.length);
                byte[] piece = new byte[1 + random.nextInt(Math.min(9000, model.length - from))];
                random.nextBytes(piece);
                System.arraycopy(piece, 0, model, from, piece.length);
                if (random.nextBoolean()) {
                    put(file, from, piece);
                } else {
                    MemorySegment.copy(piece, 0, segment, JAVA_BYTE, from, piece.length);
                }
                assertThat(read(file)).as("seed 5 step " + i).isEqualTo(model);
                assertThat(segment.toArray(JAVA_BYTE)).as("seed 5 step " + i).isEqualTo(model);
            }
            closeArena();
        }
    }

    @Test
    @DisplayName("B19 R3 generic/428 memory over a hole sees later writes, and stores through "
            + "another mapping")
    void memoryOverAHoleSeesLaterWritesAndStores() throws IOException {
        try (Mapping reader = file.map(MapMode.READ_ONLY, 0, 16 * BLOCK);
                Mapping writer = file.map(MapMode.SYNC, 0, 16 * BLOCK)) {
            MemorySegment seen = reader.readable(0, 16 * BLOCK, arena);
            assertThat(seen.get(JAVA_BYTE, 0)).isZero();
            put(file, 2 * BLOCK + 5, bytes(10, 3));
            assertThat(seen.get(JAVA_BYTE, 2 * BLOCK + 5)).isEqualTo((byte) 3);
            assertThat(seen.get(JAVA_BYTE, 2 * BLOCK + 4)).isZero();
            writer.writable(7 * BLOCK, BLOCK, arena).fill((byte) 4);
            assertThat(seen.get(JAVA_BYTE, 8 * BLOCK - 1)).isEqualTo((byte) 4);
            file.allocate(AllocateMode.WRITTEN, 9 * BLOCK, BLOCK);
            put(file, 9 * BLOCK, bytes(1, 5));
            assertThat(seen.get(JAVA_BYTE, 9 * BLOCK)).isEqualTo((byte) 5);
            file.allocate(AllocateMode.UNWRITTEN, 11 * BLOCK, BLOCK);
            put(file, 11 * BLOCK, bytes(1, 6));
            assertThat(seen.get(JAVA_BYTE, 11 * BLOCK)).isEqualTo((byte) 6);
            assertThat(reader.readable(0, 16 * BLOCK, arena).toArray(JAVA_BYTE))
                    .isEqualTo(read(file));
            closeArena();
        }
    }

    @Test
    @DisplayName("R9 extents scattered over the device are one piece of memory")
    void scatteredExtentsAreOnePieceOfMemory() throws IOException {
        try (DaxFile other = test.create("/other")) {
            for (int i = 15; i >= 0; i--) {
                put(file, (long) i * BLOCK, bytes(BLOCK, i));
                other.append(java.nio.ByteBuffer.wrap(bytes(BLOCK, 99)));
            }
        }
        assertThat(file.extents().size()).isGreaterThan(1);
        try (Mapping mapping = file.map(MapMode.SYNC, 0, 16 * BLOCK)) {
            MemorySegment segment = mapping.writable(0, 16 * BLOCK, arena);
            for (int i = 0; i < 16; i++) {
                assertThat(segment.get(JAVA_BYTE, (long) i * BLOCK + 1)).isEqualTo((byte) i);
                segment.set(JAVA_BYTE, (long) i * BLOCK, (byte) (100 + i));
            }
            mapping.persist(0, 16 * BLOCK);
            for (int i = 0; i < 16; i++) {
                assertThat(read(file, (long) i * BLOCK, 2)).containsExactly(100 + i, i);
            }
            closeArena();
        }
    }

    @Test
    @DisplayName("generic/413, generic/647, generic/708: mapped memory is source and target of I/O "
            + "to its own file")
    void mappedMemoryIsSourceAndTargetOfItsOwnFile() throws IOException {
        try (Mapping mapping = file.map(MapMode.SHARED, 0, 16 * BLOCK)) {
            mapping.writable(0, 4 * BLOCK, arena).fill((byte) 8);
            file.write(mapping.readable(0, 4 * BLOCK, arena), 8 * BLOCK + 10);
            assertThat(read(file, 8 * BLOCK + 10, 4 * BLOCK)).containsOnly(8);
            assertThat(file.read(mapping.writable(5 * BLOCK, BLOCK, arena), 0)).isEqualTo(BLOCK);
            assertThat(read(file, 5 * BLOCK, BLOCK)).containsOnly(8);
            try (DaxFile other = test.create("/other")) {
                other.write(mapping.readable(0, 4 * BLOCK, arena), 0);
                assertThat(other.read(mapping.writable(12 * BLOCK, BLOCK, arena), BLOCK))
                        .isEqualTo(BLOCK);
            }
            assertThat(read(file, 12 * BLOCK, BLOCK)).containsOnly(8);
            closeArena();
        }
    }

    // ---- pins

    @Test
    @DisplayName("Z3 Z4 generic/503 what a segment shows is not taken away: BUSY names file, range "
            + "and holder")
    void whatASegmentShowsIsNotTakenAway() throws IOException {
        put(file, 0, bytes(16 * BLOCK, 1));
        try (Mapping mapping = file.map(MapMode.SHARED, 0, 16 * BLOCK)) {
            for (boolean writable : new boolean[] {true, false}) {
                if (writable) {
                    mapping.writable(4 * BLOCK, BLOCK, arena);
                } else {
                    mapping.readable(4 * BLOCK, BLOCK, arena);
                }
                assertThatExceptionOfType(HoldfastException.class)
                        .isThrownBy(() -> file.truncate(2 * BLOCK))
                        .returns(ErrorCode.BUSY, HoldfastException::code)
                        .withMessageContaining("/file").withMessageContaining("page 4")
                        .withMessageContaining("offset " + 2 * BLOCK)
                        .withMessageContaining("close its arena");
                assertFails(ErrorCode.BUSY, () -> file.punchHole(3 * BLOCK, 3 * BLOCK));
                assertFails(ErrorCode.BUSY, () -> file.truncate(4 * BLOCK + 100));
                assertThat(file.size()).isEqualTo(16 * BLOCK);
                assertThat(read(file)).as("nothing was changed").containsOnly(1);
                file.punchHole(0, 4 * BLOCK);
                file.truncate(5 * BLOCK);
                put(file, 0, bytes(16 * BLOCK, 1));
                closeArena();
            }
            file.punchHole(3 * BLOCK, 3 * BLOCK);
            file.truncate(2 * BLOCK);
        }
        assertThat(file.stat().blocks()).isEqualTo(2);
    }

    @Test
    @DisplayName("Z3 every arena that shows a page holds it, and each lets go for itself")
    void everyArenaHoldsForItself() throws IOException {
        Mapping mapping = file.map(MapMode.SYNC, 0, 16 * BLOCK);
        Arena second = Arena.ofShared();
        mapping.writable(0, BLOCK, arena);
        mapping.writable(0, 10, second);
        mapping.writable(20, 10, second);
        closeArena();
        assertFails(ErrorCode.BUSY, () -> file.truncate(0));
        second.close();
        mapping.writable(0, 1);
        assertFails(ErrorCode.BUSY, () -> file.truncate(0));
        mapping.close();
        file.truncate(0);
    }

    @Test
    void aClosedArenaEndsItsSegments() throws IOException {
        try (Mapping mapping = file.map(MapMode.SHARED, 0, BLOCK)) {
            MemorySegment segment = mapping.writable(0, BLOCK, arena);
            closeArena();
            assertThatIllegalStateException().isThrownBy(() -> segment.get(JAVA_BYTE, 0));
        }
    }

    @Test
    void aClosedMappingHandsOutNothingAndItsSegmentsStayGood() throws IOException {
        Mapping mapping = file.map(MapMode.SHARED, 0, BLOCK);
        MemorySegment segment = mapping.writable(0, 8, arena);
        MemorySegment own = mapping.writable(8, 8);
        mapping.close();
        mapping.close();
        segment.set(JAVA_LONG, 0, 77);
        assertThat(read(file, 0, 1)).containsExactly(77);
        assertThatIllegalStateException().isThrownBy(() -> own.get(JAVA_BYTE, 0));
        assertThatIllegalStateException().isThrownBy(() -> mapping.readable(0, 1));
        assertThatIllegalStateException().isThrownBy(() -> mapping.persist(0, 1));
        assertThatIllegalStateException().isThrownBy(() -> mapping.mapInfo());
        assertThatIllegalStateException().isThrownBy(mapping::sync);
        closeArena();
    }

    // ---- closing

    @Test
    @DisplayName("Z7 closing a volume with segments in use is BUSY and leaves them and it usable; "
            + "then it works")
    void closingAVolumeWithSegmentsInUseIsBusy() throws IOException {
        Mapping mapping = file.map(MapMode.SYNC, 0, BLOCK);
        MemorySegment segment = mapping.writable(0, 8, arena);
        for (int i = 0; i < 2; i++) {
            assertFails(ErrorCode.BUSY, () -> test.volume().close());
            segment.set(JAVA_LONG, 0, 5 + i);
            assertThat(read(file, 0, 1)).containsExactly(5 + i);
            test.volume().createFile("/new" + i).close();
        }
        closeArena();
        file.close();
        test.remount();
        assertThat(test.names("/")).containsExactly("file", "new0", "new1");
        file = test.open("/file");
        assertThat(read(file, 0, 1)).containsExactly(6);
    }

    @Test
    @DisplayName("Z7 segments that only the mapping holds go when the mapping is closed after a "
            + "BUSY volume")
    void segmentsThatOnlyTheMappingHoldsGoWithIt() throws IOException {
        Mapping mapping = file.map(MapMode.SYNC, 0, BLOCK);
        mapping.writable(0, 8);
        assertFails(ErrorCode.BUSY, () -> test.volume().close());
        mapping.close();
        test.volume().close();
        assertThat(test.volume().toString()).contains("Volume");
    }

    @Test
    void afterCloseEverythingIsAnIllegalState() throws IOException {
        Mapping mapping = file.map(MapMode.SYNC, 0, BLOCK);
        DaxFile other = test.create("/other");
        other.close();
        assertThatIllegalStateException().isThrownBy(() -> other.size());
        assertThatIllegalStateException().isThrownBy(() -> read(other, 0, 1));
        Volume volume = test.volume();
        file.close();
        volume.close();
        volume.close();
        List<org.assertj.core.api.ThrowableAssert.ThrowingCallable> calls = List.of(
                () -> volume.stat("/"), () -> volume.list("/"), () -> volume.createFile("/x"),
                () -> volume.openFile("/file"), volume::sync, volume::checkpoint, volume::space,
                () -> volume.rename("/file", "/g", dev.holdfast.file.RenameMode.REPLACE),
                () -> volume.awaitDurable(0), () -> volume.setXattr("/file", "a", new byte[0],
                        dev.holdfast.file.XattrMode.CREATE),
                () -> file.size(), () -> read(file, 0, 1), () -> put(file, 0, bytes(1, 1)),
                () -> file.truncate(0), () -> file.map(MapMode.SYNC, 0, 1), file::fsync,
                () -> mapping.readable(0, 1), () -> mapping.writable(0, 1),
                () -> mapping.persist(0, 1), mapping::mapInfo, mapping::sync);
        for (int i = 0; i < calls.size(); i++) {
            int call = i;
            assertThatIllegalStateException().as("call " + i)
                    .isThrownBy(() -> calls.get(call).call());
        }
        mapping.close();
        file.close();
    }

    // ---- write-back

    @Test
    @DisplayName("generic/325 msync and fsync of a part and of the whole keep what was stored")
    void syncingKeepsWhatWasStored() throws IOException {
        try (Mapping mapping = file.map(MapMode.SHARED, 0, 16 * BLOCK)) {
            mapping.writable(0, 16 * BLOCK, arena).fill((byte) 1);
            mapping.sync();
            mapping.writable(3 * BLOCK, BLOCK, arena).fill((byte) 2);
            mapping.persist(3 * BLOCK, BLOCK);
            file.fsync();
            closeArena();
            mapping.writable(5 * BLOCK, BLOCK, arena).fill((byte) 3);
            closeArena();
            file.fdatasync();
        }
        if (medium == TestMedium.TRACED) {
            test.crash(11);
            file = test.open("/file");
        }
        for (int block = 0; block < 16; block++) {
            assertThat(read(file, (long) block * BLOCK, BLOCK))
                    .containsOnly(block == 3 ? 2 : block == 5 ? 3 : 1);
        }
    }
}
