package dev.holdfast.nio;

import static java.nio.channels.FileChannel.MapMode.PRIVATE;
import static java.nio.channels.FileChannel.MapMode.READ_ONLY;
import static java.nio.channels.FileChannel.MapMode.READ_WRITE;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.util.Random;
import jdk.nio.mapmode.ExtendedMapMode;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class MapTest extends EveryPlace {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private FileChannel open(String name, OpenOption... options) throws IOException {
        return options.length == 0 ? FileChannel.open(path(name), READ, WRITE, CREATE)
                : FileChannel.open(path(name), options);
    }

    private static void write(FileChannel channel, long at, int... bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes.length);
        for (int b : bytes) {
            buffer.put((byte) b);
        }
        channel.write(buffer.flip(), at);
    }

    private static byte read(FileChannel channel, long at) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(1);
        assertThat(channel.read(buffer, at)).isEqualTo(1);
        return buffer.get(0);
    }

    @Test
    @DisplayName("R9 a mapped buffer and the channel see each other's stores")
    void buffersAreCoherent() throws IOException {
        try (FileChannel channel = open("a")) {
            MappedByteBuffer buffer = channel.map(READ_WRITE, 100, 10_000);
            assertThat(channel.size()).isEqualTo(10_100);
            buffer.put(5000, (byte) 42);
            buffer.force();
            assertThat(read(channel, 5100)).isEqualTo((byte) 42);
            write(channel, 200, 7);
            assertThat(buffer.get(100)).isEqualTo((byte) 7);
            assertThat(buffer.load().isLoaded()).isTrue();
            MappedByteBuffer again = channel.map(READ_ONLY, 0, 10_100);
            assertThat(again.get(5100)).isEqualTo((byte) 42);
            assertThat(again.isReadOnly()).isTrue();
        }
    }

    @Test
    @DisplayName("R9 a mapping of a hole shows blocks that the file is given later")
    void holesAreCoherent() throws IOException {
        try (FileChannel channel = open("a"); Arena arena = Arena.ofShared()) {
            write(channel, 999_999, 1);
            MemorySegment segment = channel.map(READ_ONLY, 0, 1_000_000, arena);
            assertThat(segment.get(BYTE, 500_000)).isZero();
            for (int at = 100; at < 1_000_000; at += 50_000) {
                write(channel, at, at / 50_000 + 1);
                assertThat(segment.get(BYTE, at)).isEqualTo((byte) (at / 50_000 + 1));
                assertThat(segment.get(BYTE, at + 1)).isZero();
            }
            segment.load();
        }
    }

    @Test
    @DisplayName("R9 random stores through mappings and channel read back alike, on a file in "
            + "pieces")
    void piecesAreOneSegment() throws IOException {
        long seed = Seed.get();
        Random random = new Random(seed);
        int size = 300 * 4096;
        byte[] model = new byte[size];
        try (FileChannel channel = open("a"); FileChannel other = open("b");
                Arena arena = Arena.ofConfined()) {
            for (int page = 299; page >= 0; page -= 2) {
                write(channel, page * 4096L, 1);
                model[page * 4096] = 1;
                write(other, page * 4096L, 2);
            }
            MemorySegment segment = channel.map(READ_WRITE, 0, size, arena);
            MemorySegment tail = channel.map(READ_ONLY, 4097, size - 4097, arena);
            for (int i = 0; i < 2000; i++) {
                int at = random.nextInt(size);
                byte value = (byte) random.nextInt();
                model[at] = value;
                if (random.nextBoolean()) {
                    segment.set(BYTE, at, value);
                } else {
                    write(channel, at, value);
                }
            }
            assertThat(segment.toArray(BYTE)).as("seed " + seed).isEqualTo(model);
            assertThat(Files.readAllBytes(path("a"))).as("seed " + seed).isEqualTo(model);
            assertThat(tail.get(BYTE, 0)).isEqualTo(model[4097]);
            assertThat(segment.isMapped()).isTrue();
            segment.force();
        }
    }

    @Test
    void privateStoresStayPrivate() throws IOException {
        try (FileChannel channel = open("a"); Arena arena = Arena.ofConfined()) {
            write(channel, 0, 1);
            write(channel, 20_000, 2);
            MemorySegment segment = channel.map(PRIVATE, 0, 20_001, arena);
            segment.set(BYTE, 0, (byte) 9);
            segment.set(BYTE, 10_000, (byte) 9);
            assertThat(segment.get(BYTE, 20_000)).isEqualTo((byte) 2);
            assertThat(read(channel, 0)).isEqualTo((byte) 1);
            assertThat(read(channel, 10_000)).isZero();
        }
    }

    @Test
    void mappingNeedsTheRightChannelAndSaneArguments() throws IOException {
        open("a").close();
        try (FileChannel channel = open("a", READ); FileChannel both = open("a")) {
            assertThatThrownBy(() -> channel.map(READ_WRITE, 0, 1))
                    .isInstanceOf(NonWritableChannelException.class);
            assertThatThrownBy(() -> channel.map(READ_ONLY, 0, 1)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> both.map(READ_WRITE, -1, 1))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> both.map(READ_WRITE, 0, 1L << 31))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(both.map(READ_WRITE, 0, 0).capacity()).isZero();
            assertThat(both.map(READ_ONLY, 0, 10).capacity()).isEqualTo(10);
            assertThat(both.size()).isEqualTo(10);
        }
    }

    @Test
    void aMappingOutlivesItsChannelAndItsName() throws IOException {
        Arena arena = Arena.ofShared();
        MemorySegment segment;
        try (FileChannel channel = open("a")) {
            segment = channel.map(READ_WRITE, 0, 100_000, arena);
        }
        Files.delete(path("a"));
        segment.fill((byte) 3);
        try (FileChannel other = open("b")) {
            write(other, 0, new int[50_000]);
        }
        assertThat(segment.get(BYTE, 99_999)).isEqualTo((byte) 3);
        arena.close();
        assertThatThrownBy(() -> segment.get(BYTE, 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @DisplayName("Z4 truncating under a mapping is refused until its arena closes")
    void truncateIsRefused() throws IOException {
        assumeTrue(place.isHoldfast());
        try (FileChannel channel = open("a")) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment segment = channel.map(READ_WRITE, 0, 50_000, arena);
                assertThatThrownBy(() -> channel.truncate(100))
                        .isInstanceOf(FileSystemException.class).hasMessageContaining("busy")
                        .hasMessageContaining("pages 0 to 12, held by a writable mapping");
                segment.set(BYTE, 49_999, (byte) 1);
                assertThat(channel.size()).isEqualTo(50_000);
            }
            assertThat(channel.truncate(100).size()).isEqualTo(100);
        }
    }

    @Test
    @DisplayName("no space is an exception of the map call, and changes nothing")
    void noSpaceIsAnException() throws IOException {
        assumeTrue(place.isHoldfast());
        try (FileChannel channel = open("a"); Arena arena = Arena.ofConfined()) {
            assertThatThrownBy(() -> channel.map(READ_WRITE, 0, VOLUME_BYTES, arena))
                    .isInstanceOf(IOException.class).hasMessageContaining("No space left");
            assertThat(channel.size()).isZero();
            channel.map(READ_WRITE, 0, 4096, arena).fill((byte) 1);
        }
    }

    @Test
    void synchronousModesMapAndPersist() throws IOException {
        assumeTrue(place.isHoldfast());
        try (FileChannel channel = open("a"); Arena arena = Arena.ofShared()) {
            MemorySegment segment =
                    channel.map(ExtendedMapMode.READ_WRITE_SYNC, 10, 70_000, arena);
            segment.fill((byte) 1);
            Holdfast.persist(segment, 100, 60_000);
            segment.force();
            MappedByteBuffer buffer = channel.map(ExtendedMapMode.READ_ONLY_SYNC, 0, 100);
            assertThat(buffer.get(50)).isEqualTo((byte) 1);
            MappedByteBuffer writable = channel.map(ExtendedMapMode.READ_WRITE_SYNC, 0, 100);
            writable.put(3, (byte) 8);
            Holdfast.persist(writable, 3, 1);
            assertThatThrownBy(() -> Holdfast.persist(buffer, 0, 1))
                    .isInstanceOfSatisfying(HoldfastException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID));
            assertThatThrownBy(() -> Holdfast.persist(arena.allocate(10), 0, 1))
                    .isInstanceOf(HoldfastException.class);
            assertThatThrownBy(() -> Holdfast.persist(segment, 69_999, 2))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    @DisplayName("closing an arena stops, unmaps and unpins, in this order, while others write")
    void closingRacesWithNewBlocks() throws Exception {
        assumeTrue(place == Place.MEMFD);
        try (FileChannel channel = open("a")) {
            channel.truncate(0);
            write(channel, 400 * 4096L - 1, 1);
            Thread writer = new Thread(() -> {
                try {
                    for (int page = 0; page < 400; page++) {
                        write(channel, page * 4096L, page);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            writer.start();
            int rounds = 0;
            while (writer.isAlive()) {
                try (Arena arena = Arena.ofShared()) {
                    MemorySegment segment = channel.map(READ_ONLY, 0, 400 * 4096L, arena);
                    assertThat(segment.get(BYTE, 400 * 4096L - 1)).isEqualTo((byte) 1);
                    rounds++;
                }
            }
            assertThat(rounds).isPositive();
            assertThat(read(channel, 399 * 4096L)).isEqualTo((byte) 399);
        }
    }
}
