package dev.holdfast;

import static dev.holdfast.TestVolume.BLOCK;
import static dev.holdfast.TestVolume.assertFails;
import static dev.holdfast.TestVolume.bytes;
import static dev.holdfast.TestVolume.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.AllocateMode;
import dev.holdfast.file.DirectoryEntry;
import dev.holdfast.file.FileType;
import dev.holdfast.file.VolumeSpace;
import dev.holdfast.file.XattrMode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Space: every byte is accounted for, running out is an exception, and deleting always works. */
class FullVolumeTest {
    /** How a volume is filled: the n-th call adds one thing, under a name of its own. */
    enum Filling {
        LARGE_FILES {
            @Override
            void add(Volume volume, int n) throws IOException {
                try (DaxFile file = volume.createFile("/f" + n)) {
                    requireAll(put(file, 0, bytes(64 * BLOCK, n)), 64 * BLOCK);
                }
            }
        },
        TINY_FILES {
            @Override
            void add(Volume volume, int n) throws IOException {
                try (DaxFile file = volume.createFile("/f" + n)) {
                    requireAll(put(file, 0, bytes(1, n)), 1);
                }
            }
        },
        EMPTY_FILES_OF_LONG_NAMES {
            @Override
            void add(Volume volume, int n) throws IOException {
                volume.createFile("/" + "x".repeat(200) + n).close();
            }
        },
        DIRECTORIES {
            @Override
            void add(Volume volume, int n) throws IOException {
                volume.createDirectory("/d" + n);
            }
        },
        LONG_SYMBOLIC_LINKS {
            @Override
            void add(Volume volume, int n) throws IOException {
                volume.createSymbolicLink("/s" + n, "t".repeat(4000));
            }
        },
        ATTRIBUTES {
            @Override
            void add(Volume volume, int n) throws IOException {
                if (n % 10 == 0) {
                    volume.createFile("/a" + n).close();
                }
                volume.setXattr("/a" + n / 10 * 10, "user." + n, bytes(2048, n),
                        XattrMode.CREATE);
            }
        },
        LARGE_ATTRIBUTES {
            @Override
            void add(Volume volume, int n) throws IOException {
                if (n % 10 == 0) {
                    volume.createFile("/a" + n).close();
                }
                volume.setXattr("/a" + n / 10 * 10, "user." + n, bytes(65_536, n),
                        XattrMode.CREATE);
            }
        },
        SPARSE_BLOCKS {
            @Override
            void add(Volume volume, int n) throws IOException {
                if (n == 0) {
                    volume.createFile("/sparse").close();
                }
                try (DaxFile file = volume.openFile("/sparse")) {
                    put(file, 2L * n * BLOCK, bytes(BLOCK, n));
                }
            }
        },
        MAPPED_PAGES {
            @Override
            void add(Volume volume, int n) throws IOException {
                try (DaxFile file = volume.createFile("/f" + n)) {
                    file.truncate(8 * BLOCK);
                    try (Mapping mapping = file.map(MapMode.SYNC, 0, 8 * BLOCK);
                            Arena arena = Arena.ofConfined()) {
                        mapping.writable(0, 8 * BLOCK, arena).fill((byte) n);
                    }
                }
            }
        };

        abstract void add(Volume volume, int n) throws IOException;

        private static void requireAll(int written, int wanted) throws IOException {
            if (written < wanted) {
                throw new HoldfastException(ErrorCode.NO_SPACE, "a short write");
            }
        }
    }

    private static int fill(Volume volume, Filling filling) throws IOException {
        for (int n = 0; ; n++) {
            try {
                filling.add(volume, n);
            } catch (HoldfastException e) {
                assertThat(e.code()).as(e.getMessage()).isEqualTo(ErrorCode.NO_SPACE);
                return n;
            }
        }
    }

    private static void deleteAll(Volume volume) throws IOException {
        for (DirectoryEntry entry : volume.list("/")) {
            if (entry.type() == FileType.DIRECTORY) {
                volume.removeDirectory("/" + entry.name());
            } else {
                volume.unlink("/" + entry.name());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("A full volume can be emptied, again and again, and holds as much each time")
    void aFullVolumeCanBeEmptiedAgainAndAgain(Filling filling) throws IOException {
        try (TestVolume test = TestVolume.inMemory(1 << 20)) {
            int first = fill(test.volume(), filling);
            assertThat(first).isPositive();
            for (int round = 0; round < 2; round++) {
                deleteAll(test.volume());
                test.volume().checkpoint();
                if (round == 1) {
                    test.remount();
                }
                assertThat(test.volume().list("/")).isEmpty();
                assertThat(fill(test.volume(), filling)).as(filling + " round " + round)
                        .isGreaterThan(first * 3 / 4);
            }
            deleteAll(test.remount());
        }
    }

    @Test
    @DisplayName("A volume filled with everything at once can be emptied after a remount")
    void aVolumeFilledWithEverythingCanBeEmptied() throws IOException {
        try (TestVolume test = TestVolume.inMemory(2 << 20)) {
            for (Filling filling : Filling.values()) {
                if (filling != Filling.TINY_FILES && filling != Filling.MAPPED_PAGES) {
                    fill(test.volume(), filling);
                }
            }
            test.remount();
            deleteAll(test.volume());
            test.remount();
            assertThat(test.volume().list("/")).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8})
    @DisplayName("Creating and deleting gives back every byte but those of the node chunks")
    void creatingAndDeletingGivesBackEveryByte(int mib) throws IOException {
        try (TestVolume test = TestVolume.inMemory((long) mib << 20)) {
            long before = test.unusedBytes();
            for (int round = 0; round < 3; round++) {
                work(test.volume());
                assertThat(test.unusedBytes()).isEqualTo(before);
                assertThat(test.volume().space().availableBytes())
                        .isEqualTo(test.volume().space().freeBytes());
            }
        }
    }

    private static void work(Volume volume) throws IOException {
        volume.createDirectory("/d");
        try (DaxFile file = volume.createFile("/d/f")) {
            put(file, 0, bytes(20 * BLOCK, 1));
            file.punchHole(BLOCK, 3 * BLOCK);
            file.allocate(AllocateMode.UNWRITTEN_KEEP_SIZE, 40 * BLOCK, 5 * BLOCK);
            file.truncate(7 * BLOCK + 1);
        }
        volume.unlink("/d/f");
        volume.removeDirectory("/d");
    }

    @Test
    @DisplayName("What a file takes is what space loses, to the byte")
    void whatAFileTakesIsWhatSpaceLoses() throws IOException {
        try (TestVolume test = TestVolume.inMemory(4 << 20); DaxFile file = test.create("/f")) {
            VolumeSpace before = test.volume().space();
            assertThat(before.totalBytes()).isEqualTo(4 << 20);
            put(file, 0, bytes(100 * BLOCK + 1, 1));
            assertThat(test.volume().space().freeBytes())
                    .isEqualTo(before.freeBytes() - 101 * BLOCK);
            file.truncate(50 * BLOCK);
            assertThat(test.volume().space().freeBytes())
                    .as("counts at once what will be free").isEqualTo(
                            before.freeBytes() - 50 * BLOCK);
            test.volume().sync();
            assertThat(test.volume().space().availableBytes())
                    .isEqualTo(before.availableBytes() - 50 * BLOCK);
            assertThat(before.largestFreeBytes()).isBetween(1L, before.freeBytes());
        }
    }

    @Test
    @DisplayName("R2 a write that finds space for a part is short; one that finds none fails; an "
            + "append is all or nothing")
    void aWriteThatFindsSpaceForAPartIsShort() throws IOException {
        try (TestVolume test = TestVolume.inMemory(1 << 20); DaxFile file = test.create("/f")) {
            byte[] tooMuch = bytes(1 << 20, 5);
            put(file, 0, bytes(10, 5));
            assertFails(ErrorCode.NO_SPACE, () -> file.append(ByteBuffer.wrap(tooMuch)));
            assertThat(file.size()).isEqualTo(10);
            assertThat(file.stat().blocks()).as("an append leaves nothing behind").isEqualTo(1);
            int written = put(file, 0, tooMuch);
            assertThat(written).isBetween(BLOCK, tooMuch.length - BLOCK);
            assertThat(file.size()).isEqualTo(written);
            assertThat(TestVolume.read(file)).containsOnly(5);
            assertFails(ErrorCode.NO_SPACE, () -> put(file, written, tooMuch));
            put(file, 0, bytes(written, 6));
            assertThat(TestVolume.read(file)).as("overwriting needs no space").containsOnly(6);
        }
    }

    @Test
    @DisplayName("B23 R7 a write that fails leaves no blocks past the end of the file")
    void aWriteThatFailsLeavesNoBlocksPastTheEnd() throws IOException {
        try (TestVolume test = TestVolume.inMemory(1 << 20); DaxFile file = test.create("/f")) {
            int written = put(file, 0, bytes(1 << 20, 5));
            assertThat(file.stat().blocks()).isEqualTo((written + BLOCK - 1) / BLOCK);
            assertThat(file.extents().getLast()).satisfies(extent -> assertThat(
                    extent.fileOffset() + extent.length()).isLessThan(file.size() + BLOCK));
        }
    }

    @Test
    @DisplayName("H3 blocks held by an uncommitted delete are had by a write and by a store")
    void blocksHeldByAnUncommittedDeleteAreHad() throws IOException {
        try (TestVolume test = TestVolume.inMemory(1 << 20)) {
            int blocks;
            try (DaxFile first = test.create("/first")) {
                blocks = put(first, 0, bytes(1 << 20, 1)) / BLOCK;
            }
            test.volume().unlink("/first");
            try (DaxFile second = test.create("/second")) {
                assertThat(put(second, 0, bytes((blocks - 20) * BLOCK, 2)))
                        .isEqualTo((blocks - 20) * BLOCK);
            }
            test.volume().unlink("/second");
            try (DaxFile third = test.create("/third")) {
                third.truncate((blocks - 20L) * BLOCK);
                try (Mapping mapping = third.map(MapMode.SYNC, 0, third.size());
                        Arena arena = Arena.ofConfined()) {
                    mapping.writable(0, third.size(), arena).fill((byte) 3);
                }
                assertThat(TestVolume.read(third)).containsOnly(3);
            }
        }
    }

    @Test
    @DisplayName("A writable map of more holes than there is space is refused by the map call")
    void aWritableMapOfMoreHolesThanSpaceIsRefusedByTheMapCall() throws IOException {
        try (TestVolume test = TestVolume.inMemory(1 << 20); DaxFile file = test.create("/f")) {
            file.truncate(1 << 20);
            assertFails(ErrorCode.NO_SPACE, () -> file.map(MapMode.SHARED, 0, 1 << 20));
            assertFails(ErrorCode.NO_SPACE, () -> file.map(MapMode.SYNC, 0, 1 << 20));
            assertThat(test.volume().space().reservedBytes()).isZero();
            file.map(MapMode.READ_ONLY, 0, 1 << 20).close();
            file.map(MapMode.PRIVATE, 0, 1 << 20).close();
        }
    }

    @Test
    @DisplayName("What is promised to a mapping nobody else gets, and its stores never run out")
    void whatIsPromisedToAMappingNobodyElseGets() throws IOException {
        try (TestVolume test = TestVolume.inMemory(1 << 20); DaxFile file = test.create("/f")) {
            file.truncate(100 * BLOCK);
            Mapping mapping = file.map(MapMode.SYNC, 0, 100 * BLOCK);
            assertThat(test.volume().space().reservedBytes()).isEqualTo(100 * BLOCK);
            fill(test.volume(), Filling.LARGE_FILES);
            fill(test.volume(), Filling.SPARSE_BLOCKS);
            try (Arena arena = Arena.ofConfined()) {
                mapping.writable(0, 100 * BLOCK, arena).fill((byte) 1);
            }
            assertThat(test.volume().space().reservedBytes()).isZero();
            mapping.close();
            assertThat(TestVolume.read(file)).containsOnly(1);
        }
    }

    @Test
    @DisplayName("A promise ends with its mapping; two mappings of one file have each their own")
    void aPromiseEndsWithItsMapping() throws IOException {
        try (TestVolume test = TestVolume.inMemory(4 << 20); DaxFile file = test.create("/f")) {
            file.truncate(50 * BLOCK);
            Mapping one = file.map(MapMode.SHARED, 0, 50 * BLOCK);
            Mapping two = file.map(MapMode.SYNC, 0, 10 * BLOCK);
            try (Arena arena = Arena.ofConfined()) {
                one.writable(0, 20 * BLOCK, arena);
            }
            one.close();
            assertThat(test.volume().space().reservedBytes()).isEqualTo(10 * BLOCK);
            two.close();
            assertThat(test.volume().space().reservedBytes()).isZero();
        }
    }
}
