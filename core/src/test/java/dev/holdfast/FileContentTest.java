package dev.holdfast;

import static dev.holdfast.TestVolume.BLOCK;
import static dev.holdfast.TestVolume.assertFails;
import static dev.holdfast.TestVolume.bytes;
import static dev.holdfast.TestVolume.put;
import static dev.holdfast.TestVolume.read;
import static dev.holdfast.TestVolume.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.file.AllocateMode;
import dev.holdfast.file.FileExtent;
import java.io.IOException;
import java.nio.ByteBuffer;
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

/** Reading, writing and shaping one file, on every medium. */
@ParameterizedClass
@EnumSource
class FileContentTest {
    @Parameter
    TestMedium medium;

    private TestVolume test;
    private DaxFile file;

    @BeforeEach
    void make() throws IOException {
        test = TestVolume.on(medium, 2 << 20);
        file = test.create("/file");
    }

    @AfterEach
    void close() throws IOException {
        file.close();
        test.close();
    }

    private void remount() throws IOException {
        file.close();
        test.remount();
        file = test.open("/file");
    }

    @Test
    @DisplayName("R1 what was written is read, up to the end of the file and no further")
    void whatWasWrittenIsRead() throws IOException {
        put(file, 0, text("holdfast"));
        assertThat(file.size()).isEqualTo(8);
        assertThat(read(file, 4, 100)).asString().isEqualTo("fast");
        assertThat(read(file, 8, 1)).isEmpty();
        assertThat(read(file, 1L << 40, 1)).isEmpty();
        remount();
        assertThat(read(file)).asString().isEqualTo("holdfast");
    }

    @Test
    void aWriteGoesWhereItIsToldAndReportsItsLength() throws IOException {
        byte[] model = new byte[5 * BLOCK];
        Random random = new Random(1);
        for (int i = 0; i < 60; i++) {
            int from = random.nextInt(model.length);
            byte[] piece = new byte[1 + random.nextInt(model.length - from)];
            random.nextBytes(piece);
            assertThat(put(file, from, piece)).isEqualTo(piece.length);
            System.arraycopy(piece, 0, model, from, piece.length);
        }
        byte[] expected = Arrays.copyOf(model, (int) file.size());
        assertThat(read(file)).as("seed 1").isEqualTo(expected);
        remount();
        assertThat(read(file)).as("seed 1").isEqualTo(expected);
    }

    @Test
    void appendingWritesAtTheEndAndSaysWhere() throws IOException {
        assertThat(file.append(ByteBuffer.wrap(text("one ")))).isZero();
        assertThat(file.append(ByteBuffer.wrap(text("two")))).isEqualTo(4);
        assertThat(read(file)).asString().isEqualTo("one two");
    }

    @Test
    @DisplayName("R1 a hole reads as zero and takes no blocks")
    void aHoleReadsAsZero() throws IOException {
        put(file, 10 * BLOCK + 5, text("x"));
        assertThat(file.stat().blocks()).isEqualTo(1);
        assertThat(read(file, 0, 10 * BLOCK + 5)).containsOnly(0);
        remount();
        assertThat(file.size()).isEqualTo(10 * BLOCK + 6);
        assertThat(file.stat().blocks()).isEqualTo(1);
    }

    @Test
    void negativeOffsetsAndOffsetsPastTheLargestFileAreRefused() {
        assertFails(ErrorCode.INVALID, () -> put(file, -1, text("x")));
        assertFails(ErrorCode.INVALID, () -> read(file, -1, 1));
        assertFails(ErrorCode.INVALID, () -> file.truncate(-1));
        assertFails(ErrorCode.TOO_LARGE, () -> put(file, 64L << 40, text("x")));
        assertFails(ErrorCode.TOO_LARGE, () -> file.truncate((64L << 40) + 1));
        assertFails(ErrorCode.TOO_LARGE, () -> put(file, Long.MAX_VALUE, text("x")));
        assertFails(ErrorCode.INVALID, () -> file.punchHole(-1, 5));
        assertFails(ErrorCode.INVALID, () -> file.punchHole(0, 0));
        assertFails(ErrorCode.INVALID, () -> file.allocate(AllocateMode.UNWRITTEN, 0, 0));
        assertFails(ErrorCode.TOO_LARGE,
                () -> file.allocate(AllocateMode.UNWRITTEN, 1, Long.MAX_VALUE));
        assertFails(ErrorCode.TOO_LARGE, () -> file.zeroRange(1, 64L << 40));
    }

    @Test
    void theLargestFileIsSparseAndItsLastByteCanBeWritten() throws IOException {
        long last = (64L << 40) - 1;
        file.truncate(last + 1);
        put(file, last, text("!"));
        remount();
        assertThat(read(file, last, 10)).asString().isEqualTo("!");
        assertThat(file.stat().blocks()).isEqualTo(1);
        assertThat(file.seekData(0)).isEqualTo(last & -BLOCK);
        file.punchHole(0, last + 1);
        assertThat(file.stat().blocks()).isZero();
    }

    @Test
    @DisplayName("Z2 P8 a file cut in a block and grown again shows zeroes, not what was cut")
    void aFileCutInABlockAndGrownAgainShowsZeroes() throws IOException {
        put(file, 0, bytes(3 * BLOCK, 'a'));
        file.truncate(BLOCK + 100);
        file.truncate(3 * BLOCK);
        byte[] expected = Arrays.copyOf(bytes(BLOCK + 100, 'a'), 3 * BLOCK);
        assertThat(read(file)).isEqualTo(expected);
        remount();
        assertThat(read(file)).isEqualTo(expected);
        assertThat(file.stat().blocks()).isEqualTo(2);
    }

    @Test
    @DisplayName("Z2 generic/030 each way to grow a cut file shows zeroes in between")
    void eachWayToGrowACutFileShowsZeroes() throws IOException {
        interface Growth {
            void grow() throws IOException;
        }
        List<Growth> growths = List.of(
                () -> file.truncate(2 * BLOCK),
                () -> put(file, 2 * BLOCK - 1, new byte[1]),
                () -> file.allocate(AllocateMode.UNWRITTEN, 0, 2 * BLOCK),
                () -> file.allocate(AllocateMode.WRITTEN, 0, 2 * BLOCK),
                () -> file.zeroRange(BLOCK, BLOCK),
                () -> file.zeroRange(50, 2 * BLOCK - 50));
        for (Growth growth : growths) {
            for (boolean between : new boolean[] {false, true}) {
                put(file, 0, bytes(2 * BLOCK, 'a'));
                file.truncate(100);
                if (between) {
                    remount();
                }
                growth.grow();
                byte[] content = read(file);
                assertThat(content).hasSize(2 * BLOCK);
                assertThat(Arrays.copyOfRange(content, 100, content.length)).containsOnly(0);
            }
        }
    }

    @Test
    @DisplayName("Z2 P8 generic/511, generic/438: bytes stored past the end through a mapping "
            + "never show")
    void bytesStoredPastTheEndThroughAMappingNeverShow() throws IOException {
        file.truncate(10);
        try (Mapping mapping = file.map(MapMode.SHARED, 0, BLOCK)) {
            mapping.writable(0, BLOCK).fill((byte) 'z');
            file.truncate(1000);
            assertThat(read(file, 10, 990)).containsOnly(0);
            mapping.readable(0, BLOCK).asSlice(1000, 10).toArray(
                    java.lang.foreign.ValueLayout.JAVA_BYTE);
        }
        remount();
        file.truncate(BLOCK);
        assertThat(read(file, 0, 10)).containsOnly('z');
        assertThat(read(file, 10, BLOCK)).containsOnly(0);
    }

    @Test
    void truncatingUpMakesAHoleAndDownFreesBlocks() throws IOException {
        file.truncate(100 * BLOCK);
        assertThat(file.stat().blocks()).isZero();
        put(file, 0, bytes(100 * BLOCK, 1));
        file.truncate(33 * BLOCK);
        assertThat(file.stat().blocks()).isEqualTo(33);
        file.truncate(0);
        assertThat(file.stat().blocks()).isZero();
        remount();
        assertThat(file.size()).isZero();
    }

    @Test
    void unwrittenBlocksReadAsZeroAndKeepTheirPlaceWhenWritten() throws IOException {
        file.allocate(AllocateMode.UNWRITTEN, 0, 16 * BLOCK);
        assertThat(file.size()).isEqualTo(16 * BLOCK);
        assertThat(file.stat().blocks()).isEqualTo(16);
        assertThat(file.extents()).allMatch(extent -> !extent.written());
        assertThat(read(file)).containsOnly(0);
        put(file, 5 * BLOCK + 7, text("x"));
        assertThat(read(file, 5 * BLOCK, BLOCK)[7]).isEqualTo((byte) 'x');
        remount();
        assertThat(file.stat().blocks()).isEqualTo(16);
        assertThat(file.extents()).filteredOn(FileExtent::written).singleElement()
                .returns(5L * BLOCK, FileExtent::fileOffset)
                .returns((long) BLOCK, FileExtent::length);
        assertThat(file.seekData(0)).isEqualTo(5 * BLOCK);
        assertThat(file.seekHole(5 * BLOCK)).isEqualTo(6 * BLOCK);
    }

    @Test
    void blocksPastTheEndLeaveTheSizeAndAreFoundWhenTheFileGrows() throws IOException {
        file.allocate(AllocateMode.UNWRITTEN_KEEP_SIZE, 0, 4 * BLOCK);
        assertThat(file.size()).isZero();
        assertThat(file.stat().blocks()).isEqualTo(4);
        long device = file.extents().getFirst().deviceOffset();
        put(file, 0, bytes(4 * BLOCK, 9));
        remount();
        assertThat(file.extents().getFirst().deviceOffset()).isEqualTo(device);
        assertThat(file.stat().blocks()).isEqualTo(4);
        assertThat(read(file)).containsOnly(9);
    }

    @Test
    void allocatingLeavesDataAlone() throws IOException {
        put(file, 3 * BLOCK, bytes(BLOCK, 7));
        for (AllocateMode mode : AllocateMode.values()) {
            file.allocate(mode, 0, 8 * BLOCK);
            assertThat(read(file, 3 * BLOCK, BLOCK)).containsOnly(7);
        }
        file.allocate(AllocateMode.WRITTEN, 0, 8 * BLOCK);
        assertThat(file.extents()).allMatch(FileExtent::written);
        assertThat(read(file, 4 * BLOCK, BLOCK)).containsOnly(0);
    }

    @Test
    void aRangeThatDoesNotFitIsRefusedWholeAndNothingChanges() throws IOException {
        put(file, 0, bytes(BLOCK, 7));
        long free = test.volume().space().availableBytes();
        for (AllocateMode mode : AllocateMode.values()) {
            assertFails(ErrorCode.NO_SPACE, () -> file.allocate(mode, 0, 2 << 20));
        }
        assertThat(file.size()).isEqualTo(BLOCK);
        assertThat(file.stat().blocks()).isEqualTo(1);
        assertThat(test.volume().space().availableBytes()).isEqualTo(free);
    }

    @Test
    void punchingFreesWholeBlocksAndZeroesParts() throws IOException {
        put(file, 0, bytes(8 * BLOCK, 1));
        file.punchHole(BLOCK / 2, 3 * BLOCK);
        byte[] expected = bytes(8 * BLOCK, 1);
        Arrays.fill(expected, BLOCK / 2, BLOCK / 2 + 3 * BLOCK, (byte) 0);
        assertThat(read(file)).isEqualTo(expected);
        assertThat(file.stat().blocks()).isEqualTo(6);
        file.punchHole(5 * BLOCK + 10, 20);
        Arrays.fill(expected, 5 * BLOCK + 10, 5 * BLOCK + 30, (byte) 0);
        remount();
        assertThat(read(file)).isEqualTo(expected);
        assertThat(file.size()).isEqualTo(8 * BLOCK);
    }

    @Test
    void punchingThePartialLastBlockFreesNothingPastTheRange() throws IOException {
        put(file, 0, bytes(BLOCK + 100, 1));
        file.punchHole(BLOCK, 50);
        assertThat(file.stat().blocks()).isEqualTo(2);
        assertThat(read(file, BLOCK, 50)).containsOnly(0);
        assertThat(read(file, BLOCK + 50, 50)).containsOnly(1);
        file.punchHole(1L << 30, 1L << 30);
        assertThat(file.size()).isEqualTo(BLOCK + 100);
    }

    @Test
    void punchingAHoleOrPastTheEndChangesNothing() throws IOException {
        file.truncate(4 * BLOCK);
        file.punchHole(0, 4 * BLOCK);
        file.punchHole(10 * BLOCK, BLOCK);
        assertThat(file.size()).isEqualTo(4 * BLOCK);
        assertThat(file.extents()).isEmpty();
    }

    @Test
    @DisplayName("Z1 a zeroed range reads as zero and keeps, or gets, its blocks")
    void aZeroedRangeReadsAsZeroAndHasBlocks() throws IOException {
        put(file, 0, bytes(4 * BLOCK, 1));
        file.zeroRange(BLOCK + 1, 6 * BLOCK);
        byte[] expected = Arrays.copyOf(bytes(BLOCK + 1, 1), 7 * BLOCK + 1);
        assertThat(read(file)).isEqualTo(expected);
        assertThat(file.stat().blocks()).isEqualTo(8);
        remount();
        assertThat(read(file)).isEqualTo(expected);
    }

    @Test
    @DisplayName("generic/029, generic/567, generic/758: partial pages zeroed by each operation "
            + "show zero through a mapping")
    void partialPagesZeroedShowZeroThroughAMapping() throws IOException {
        try (Mapping mapping = file.map(MapMode.SHARED, 0, 4 * BLOCK)) {
            put(file, 0, bytes(4 * BLOCK, 'a'));
            file.punchHole(100, 200);
            file.zeroRange(BLOCK + 100, 200);
            file.truncate(3 * BLOCK + 100);
            file.truncate(4 * BLOCK);
            try (java.lang.foreign.Arena arena = java.lang.foreign.Arena.ofConfined()) {
                byte[] seen = mapping.readable(0, 4 * BLOCK, arena)
                        .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
                assertThat(seen).isEqualTo(read(file));
                assertThat(Arrays.copyOfRange(seen, 100, 300)).containsOnly(0);
                assertThat(Arrays.copyOfRange(seen, BLOCK + 100, BLOCK + 300)).containsOnly(0);
                assertThat(Arrays.copyOfRange(seen, 3 * BLOCK + 100, 4 * BLOCK)).containsOnly(0);
                assertThat(seen[99]).isEqualTo((byte) 'a');
                assertThat(seen[BLOCK + 300]).isEqualTo((byte) 'a');
            }
        }
    }

    @Test
    void dataAndHolesAreFoundInTurn() throws IOException {
        put(file, 2 * BLOCK, bytes(BLOCK, 1));
        put(file, 5 * BLOCK + 17, bytes(10, 1));
        file.truncate(8 * BLOCK);
        assertThat(file.seekData(0)).isEqualTo(2 * BLOCK);
        assertThat(file.seekData(2 * BLOCK + 9)).isEqualTo(2 * BLOCK + 9);
        assertThat(file.seekHole(0)).isZero();
        assertThat(file.seekHole(2 * BLOCK)).isEqualTo(3 * BLOCK);
        assertThat(file.seekData(3 * BLOCK)).isEqualTo(5 * BLOCK);
        assertThat(file.seekHole(5 * BLOCK)).isEqualTo(6 * BLOCK);
        assertFails(ErrorCode.NO_DATA, () -> file.seekData(6 * BLOCK));
        assertFails(ErrorCode.NO_DATA, () -> file.seekHole(8 * BLOCK));
        assertFails(ErrorCode.NO_DATA, () -> file.seekData(-1));
        file.truncate(5 * BLOCK + 20);
        assertThat(file.seekHole(5 * BLOCK)).as("the end counts").isEqualTo(5 * BLOCK + 20);
    }

    @Test
    void extentsSayWhereTheFileLies() throws IOException {
        put(file, 0, bytes(3 * BLOCK, 1));
        put(file, 9 * BLOCK, bytes(BLOCK, 2));
        List<FileExtent> extents = file.extents();
        assertThat(extents).hasSize(2);
        assertThat(extents.get(1).fileOffset()).isEqualTo(9 * BLOCK);
        for (FileExtent extent : extents) {
            byte[] onDevice = new byte[1];
            test.device().get(extent.deviceOffset(), onDevice, 0, 1);
            assertThat(onDevice[0]).isEqualTo((byte) (extent.fileOffset() == 0 ? 1 : 2));
        }
        remount();
        assertThat(file.extents()).isEqualTo(extents);
    }

    @Test
    void randomShapingBehavesAsAnArrayDoes() throws IOException {
        for (long seed = 0; seed < (medium == TestMedium.DISK_FILE ? 1 : 3); seed++) {
            shapeRandomly(seed);
        }
    }

    private void shapeRandomly(long seed) throws IOException {
        Random random = new Random(seed);
        int limit = 24 * BLOCK;
        byte[] model = new byte[limit];
        int size = 0;
        file.truncate(0);
        for (int step = 0; step < 80; step++) {
            int from = random.nextInt(limit - 1);
            int length = 1 + random.nextInt(Math.min(limit - from, 6 * BLOCK));
            int to = from + length;
            switch (random.nextInt(8)) {
                case 0, 1 -> {
                    byte[] piece = new byte[length];
                    random.nextBytes(piece);
                    put(file, from, piece);
                    System.arraycopy(piece, 0, model, from, length);
                    size = Math.max(size, to);
                }
                case 2 -> {
                    file.truncate(from);
                    Arrays.fill(model, Math.min(from, size), limit, (byte) 0);
                    size = from;
                }
                case 3 -> {
                    file.punchHole(from, length);
                    Arrays.fill(model, from, to, (byte) 0);
                }
                case 4 -> {
                    file.zeroRange(from, length);
                    Arrays.fill(model, from, to, (byte) 0);
                    size = Math.max(size, to);
                }
                case 5 -> {
                    AllocateMode mode = AllocateMode.values()[random.nextInt(3)];
                    file.allocate(mode, from, length);
                    size = mode == AllocateMode.UNWRITTEN_KEEP_SIZE ? size : Math.max(size, to);
                }
                case 6 -> {
                    if (size > from) {
                        try (Mapping mapping = file.map(MapMode.SYNC, 0, size)) {
                            int count = Math.min(length, size - from);
                            mapping.writable(from, count).fill((byte) step);
                            Arrays.fill(model, from, from + count, (byte) step);
                        }
                    }
                }
                default -> {
                    if (random.nextInt(4) == 0) {
                        remount();
                    } else {
                        test.volume().checkpoint();
                    }
                }
            }
            assertThat(file.size()).as("seed " + seed + " step " + step).isEqualTo(size);
            assertThat(read(file)).as("seed " + seed + " step " + step)
                    .isEqualTo(Arrays.copyOf(model, size));
        }
    }
}
