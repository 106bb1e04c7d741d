package dev.holdfast.faultd;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.faultd.wire.Message;
import dev.holdfast.faultd.wire.MessageType;
import dev.holdfast.faultd.wire.Protocol;
import dev.holdfast.ffm.ErrnoException;
import dev.holdfast.ffm.Linux;
import dev.holdfast.ffm.UnixSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** A peer of a server, in the test's own process, that says what it likes. */
final class RawPeer implements AutoCloseable {
    private final int socket;
    private final Message message = new Message();

    /** Connects and says nothing. */
    RawPeer(Path path) throws IOException {
        socket = UnixSocket.connect(path.toString());
    }

    /** Connects and is welcome. */
    static RawPeer greeted(Path path, int userfaultfd) throws IOException {
        RawPeer peer = new RawPeer(path);
        peer.hello(Protocol.VERSION, userfaultfd);
        assertThat(peer.status()).isZero();
        return peer;
    }

    /** Sends a greeting. */
    void hello(int version, int... descriptors) throws IOException {
        message.begin(MessageType.HELLO, 0).putInt(Protocol.MAGIC).putInt(version)
                .send(socket, descriptors);
    }

    /** Begins a request, to be filled in and {@link #ask}ed. */
    Message request(MessageType type) {
        return message.begin(type, 1);
    }

    /** Sends the request, with descriptors, and returns the answer's status. */
    int ask(int... descriptors) throws IOException {
        message.send(socket, descriptors);
        return status();
    }

    private int status() throws IOException {
        assertThat(message.receive(socket)).isTrue();
        return message.status();
    }

    /** Returns the last answer. */
    Message answer() {
        return message;
    }

    /** Sends bytes that may be no message; does not mind when nobody listens. */
    void say(byte[] packet) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(Math.max(1, packet.length));
            MemorySegment.copy(packet, 0, bytes, JAVA_BYTE, 0, packet.length);
            UnixSocket.send(socket, bytes, packet.length);
        } catch (ErrnoException e) {
            assertThat(e.getMessage()).contains("sendmsg");
        }
    }

    /**
     * Sends the request again and again, and hears no answer, until the server hears no more
     * either.
     */
    void flood() {
        try {
            while (true) {
                message.sendNow(socket);
            }
        } catch (ErrnoException e) {
            assertThat(e.getMessage()).contains("sendmsg");
        }
    }

    /** Waits for the end of the connection, or for an answer; tells whether it was the end. */
    boolean isCutOff() {
        try {
            return !message.receive(socket);
        } catch (IOException e) {
            return true;
        }
    }

    @Override
    public void close() {
        UnixSocket.shutdown(socket);
        Linux.close(socket);
    }
}
