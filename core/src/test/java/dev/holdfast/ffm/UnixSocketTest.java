package dev.holdfast.ffm;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketTest {
    @TempDir
    Path folder;

    private final MemorySegment buffer = Arena.ofAuto().allocate(64, 8);

    @Test
    @DisplayName("a message carries bytes and descriptors, and the kernel tells who sent it")
    void carries() throws Exception {
        String path = folder.resolve("socket").toString();
        int listening = UnixSocket.listen(path, 4);
        int client = UnixSocket.connect(path);
        int server = UnixSocket.accept(listening);
        int file = Linux.memfdCreate("passed");
        Linux.ftruncate(file, 12_345);
        buffer.set(JAVA_LONG, 0, 77);
        UnixSocket.send(client, buffer, 16, file, file);
        buffer.fill((byte) 0);
        UnixSocket.Received received = UnixSocket.receive(server, buffer);
        assertThat(received.bytes()).isEqualTo(16);
        assertThat(buffer.get(JAVA_LONG, 0)).isEqualTo(77);
        assertThat(received.descriptors()).hasSize(2);
        assertThat(Linux.fstat(received.descriptors()[1]).sizeBytes()).isEqualTo(12_345);
        received.discard();
        UnixSocket.Peer peer = UnixSocket.peer(server);
        assertThat(peer.pid()).isEqualTo((int) ProcessHandle.current().pid());
        assertThat(peer.user()).isEqualTo(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        assertThat(peer.isIn(peer.group())).isTrue();
        Linux.close(client);
        assertThat(UnixSocket.receive(server, buffer).bytes()).as("the end").isZero();
        assertThatThrownBy(() -> UnixSocket.send(server, buffer, 8))
                .isInstanceOfSatisfying(ErrnoException.class,
                        e -> assertThat(e.errno()).isEqualTo(Errno.EPIPE));
        Linux.close(server);
        Linux.close(listening);
        Linux.close(file);
    }

    @Test
    @DisplayName("a message longer than the buffer is refused whole")
    void tooLong() throws Exception {
        int[] pair = UnixSocket.pair();
        UnixSocket.send(pair[0], Arena.ofAuto().allocate(65), 65);
        UnixSocket.send(pair[0], buffer, 8);
        assertThatThrownBy(() -> UnixSocket.receive(pair[1], buffer))
                .isInstanceOfSatisfying(ErrnoException.class,
                        e -> assertThat(e.errno()).isEqualTo(Errno.EMSGSIZE));
        assertThat(UnixSocket.receive(pair[1], buffer).bytes()).isEqualTo(8);
        Linux.close(pair[0]);
        Linux.close(pair[1]);
    }

    @Test
    @DisplayName("a path that does not fit an address is refused, and so is one where nobody "
            + "listens")
    void addresses() {
        assertThatThrownBy(() -> UnixSocket.listen("/" + "x".repeat(107), 1))
                .hasMessageContaining("ENAMETOOLONG");
        assertThatThrownBy(() -> UnixSocket.connect(folder.resolve("none").toString()))
                .hasMessageContaining("ENOENT");
    }

    @Test
    @DisplayName("an event ends a wait, and a file opened again holds no lock of the first")
    void descriptors() throws Exception {
        int event = Descriptors.event();
        MemorySegment table = Arena.ofAuto().allocate(Descriptors.POLLFD_BYTES, 4);
        Descriptors.pollEntry(table, 0, event);
        assertThat(Descriptors.poll(table, 1, 0)).isZero();
        Descriptors.signal(event);
        assertThat(Descriptors.poll(table, 1, -1)).isEqualTo(1);
        assertThat(Descriptors.pollResult(table, 0)).isEqualTo(Descriptors.POLLIN);
        Linux.close(event);
        int file = Linux.memfdCreate("locked");
        int again = Descriptors.openAgain(file, false);
        assertThat(Linux.tryLock(file, true)).isTrue();
        assertThat(Linux.tryLock(again, true)).isFalse();
        Linux.close(file);
        assertThat(Linux.tryLock(again, true)).isTrue();
        Linux.close(again);
    }
}
