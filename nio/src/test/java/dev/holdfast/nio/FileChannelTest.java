package dev.holdfast.nio;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.DSYNC;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.SYNC;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FileChannelTest extends EveryPlace {
    private FileChannel open(String name, OpenOption... options) throws IOException {
        return FileChannel.open(path(name), options);
    }

    private FileChannel made(String name, String content) throws IOException {
        Files.writeString(path(name), content);
        return open(name, READ, WRITE);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private static String text(ByteBuffer buffer) {
        return UTF_8.decode(buffer.flip()).toString();
    }

    @Test
    void readsAndWritesAtItsPositionAndAtOthers() throws IOException {
        try (FileChannel channel = open("a", READ, WRITE, CREATE)) {
            assertThat(channel.write(bytes("hello"))).isEqualTo(5);
            assertThat(channel.position()).isEqualTo(5);
            assertThat(channel.write(bytes("J"), 0)).isEqualTo(1);
            assertThat(channel.position()).isEqualTo(5);
            ByteBuffer buffer = ByteBuffer.allocateDirect(10);
            assertThat(channel.read(buffer, 1)).isEqualTo(4);
            assertThat(text(buffer)).isEqualTo("ello");
            assertThat(channel.read(buffer.clear())).isEqualTo(-1);
            assertThat(channel.read(ByteBuffer.allocate(0))).isEqualTo(0);
            assertThat(channel.position(0).read(buffer.clear())).isEqualTo(5);
            assertThat(text(buffer)).isEqualTo("Jello");
        }
    }

    @Test
    void writingPastTheEndLeavesZeroes() throws IOException {
        try (FileChannel channel = made("a", "x")) {
            channel.write(bytes("y"), 10_000);
            ByteBuffer buffer = ByteBuffer.allocate(10_001);
            assertThat(channel.read(buffer, 0)).isEqualTo(10_001);
            assertThat(buffer.get(5000)).isZero();
            assertThat(channel.size()).isEqualTo(10_001);
        }
    }

    @Test
    void scattersAndGathers() throws IOException {
        try (FileChannel channel = open("a", READ, WRITE, CREATE)) {
            ByteBuffer[] sources = {bytes("ab"), bytes(""), bytes("cde")};
            assertThat(channel.write(sources)).isEqualTo(5);
            ByteBuffer[] targets = {ByteBuffer.allocate(1), ByteBuffer.allocateDirect(3),
                    ByteBuffer.allocate(9)};
            assertThat(channel.position(0).read(targets)).isEqualTo(5);
            assertThat(text(targets[0]) + "|" + text(targets[1]) + "|" + text(targets[2]))
                    .isEqualTo("a|bcd|e");
            assertThat(channel.read(new ByteBuffer[] {ByteBuffer.allocate(1)})).isEqualTo(-1);
        }
    }

    @Test
    void appendingIsAtTheEndWhoeverWroteThere() throws IOException {
        try (FileChannel one = open("a", WRITE, CREATE, APPEND);
                FileChannel two = open("a", APPEND)) {
            one.write(bytes("1"));
            two.write(bytes("2"));
            one.write(new ByteBuffer[] {bytes("3"), bytes("4")});
            assertThat(one.position()).isEqualTo(4);
        }
        assertThat(Files.readString(path("a"))).isEqualTo("1234");
    }

    @Test
    void transfersToAndFromOtherChannels() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (FileChannel channel = made("a", "0123456789")) {
            assertThat(channel.transferTo(2, 5, Channels.newChannel(out))).isEqualTo(5);
            assertThat(out.toString(UTF_8)).isEqualTo("23456");
            assertThat(channel.transferTo(20, 5, Channels.newChannel(out))).isZero();
            var in = Channels.newChannel(new ByteArrayInputStream(new byte[] {'x', 'y', 'z'}));
            assertThat(channel.transferFrom(in, 1, 100)).isEqualTo(3);
            assertThat(channel.position()).isZero();
            try (FileChannel copy = open("b", WRITE, CREATE)) {
                assertThat(channel.transferTo(0, Long.MAX_VALUE, copy)).isEqualTo(10);
            }
        }
        assertThat(Files.readString(path("b"))).isEqualTo("0xyz456789");
    }

    @Test
    void truncatingShortensAndNeverLengthens() throws IOException {
        try (FileChannel channel = made("a", "0123456789")) {
            channel.position(8).truncate(4);
            assertThat(channel.size()).isEqualTo(4);
            assertThat(channel.position()).isEqualTo(4);
            channel.truncate(100);
            assertThat(channel.size()).isEqualTo(4);
            channel.write(bytes("x"), 6);
            assertThat(Files.readAllBytes(path("a")))
                    .containsExactly('0', '1', '2', '3', 0, 0, 'x');
        }
    }

    @Test
    void synchronousChannelsWriteAsOthersDo() throws IOException {
        try (FileChannel data = open("a", WRITE, CREATE, DSYNC);
                FileChannel all = open("b", WRITE, CREATE, SYNC)) {
            data.write(bytes("durable"));
            all.write(bytes("durable"));
        }
        assertThat(Files.readString(path("a"))).isEqualTo("durable");
        assertThat(Files.readString(path("b"))).isEqualTo("durable");
    }

    @Test
    void refusesWhatItWasNotOpenedFor() throws IOException {
        made("a", "x").close();
        try (FileChannel reading = open("a", READ); FileChannel writing = open("a", WRITE)) {
            assertThatThrownBy(() -> reading.write(bytes("y")))
                    .isInstanceOf(NonWritableChannelException.class);
            assertThatThrownBy(() -> reading.truncate(0))
                    .isInstanceOf(NonWritableChannelException.class);
            assertThatThrownBy(() -> writing.read(ByteBuffer.allocate(1)))
                    .isInstanceOf(NonReadableChannelException.class);
            assertThatThrownBy(() -> reading.read(ByteBuffer.allocate(1), -1))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> reading.read(ByteBuffer.allocate(1).asReadOnlyBuffer()))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> reading.lock(0, 1, false))
                    .isInstanceOf(NonWritableChannelException.class);
        }
    }

    @Test
    void aClosedChannelIsClosedAndAnUnlinkedFileLivesUntilThen() throws IOException {
        FileChannel channel = made("a", "still here");
        Files.delete(path("a"));
        ByteBuffer buffer = ByteBuffer.allocate(20);
        channel.read(buffer);
        assertThat(text(buffer)).isEqualTo("still here");
        channel.close();
        channel.close();
        assertThatThrownBy(() -> channel.read(buffer)).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(channel::size).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> channel.force(true)).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void anInterruptClosesThisChannelAndNoOther() throws IOException {
        try (FileChannel one = made("a", "x"); FileChannel other = open("a", READ)) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> one.read(ByteBuffer.allocate(1)))
                    .isExactlyInstanceOf(ClosedByInterruptException.class);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(one.isOpen()).isFalse();
            assertThat(other.read(ByteBuffer.allocate(1))).isEqualTo(1);
        }
        assertThat(Files.readString(path("a"))).isEqualTo("x");
    }

    @Test
    void aDirectoryCanBeOpenedAndForced() throws IOException {
        Path directory = Files.createDirectory(path("d"));
        try (FileChannel channel = FileChannel.open(directory, READ)) {
            channel.force(true);
            assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(1)))
                    .isInstanceOf(IOException.class).hasMessageContaining("directory");
        }
    }

    // ---- locks

    @Test
    void locksExcludeEachOtherAcrossChannels() throws IOException {
        try (FileChannel one = made("a", "x"); FileChannel two = open("a", READ, WRITE)) {
            FileLock lock = one.lock(0, 10, false);
            assertThat(lock.isValid()).isTrue();
            assertThatThrownBy(() -> two.tryLock(5, 10, true))
                    .isInstanceOf(OverlappingFileLockException.class);
            FileLock beside = two.tryLock(10, 10, true);
            assertThat(beside.isShared()).isTrue();
            lock.release();
            assertThat(lock.isValid()).isFalse();
            assertThat(two.tryLock(0, 5, false)).isNotNull();
        }
    }

    @Test
    void closingAChannelReleasesItsLocks() throws IOException {
        FileChannel one = made("a", "x");
        FileLock lock = one.lock();
        one.close();
        assertThat(lock.isValid()).isFalse();
        assertThatThrownBy(lock::release).isInstanceOf(ClosedChannelException.class);
        try (FileChannel two = open("a", WRITE)) {
            assertThat(two.tryLock()).isNotNull();
        }
    }

    // ---- asynchronous

    @Test
    void anAsynchronousChannelReadsWritesAndLocks() throws Exception {
        try (var channel = AsynchronousFileChannel.open(path("a"), READ, WRITE, CREATE)) {
            assertThat(channel.write(bytes("async"), 0).get()).isEqualTo(5);
            ByteBuffer buffer = ByteBuffer.allocate(9);
            assertThat(channel.read(buffer, 1).get()).isEqualTo(4);
            assertThat(text(buffer)).isEqualTo("sync");
            FileLock lock = channel.lock().get();
            assertThatThrownBy(channel::tryLock).isInstanceOf(OverlappingFileLockException.class);
            lock.release();
            channel.truncate(2);
            assertThat(channel.size()).isEqualTo(2);
        }
    }
}
