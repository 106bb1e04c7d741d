package dev.holdfast.faultd;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.faultd.wire.Message;
import dev.holdfast.faultd.wire.MessageType;
import dev.holdfast.faultd.wire.Protocol;
import dev.holdfast.ffm.ErrnoException;
import dev.holdfast.ffm.Linux;
import dev.holdfast.ffm.UnixSocket;
import dev.holdfast.ffm.Userfaultfd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Peers that break the protocol, in this process: the server is beside them and must not mind. */
class HostileClientTest {
    private static final long SEED = Long.getLong("holdfast.seed", 5);

    private final Message message = new Message();
    private LocalServer local;
    private int userfaultfd;

    @BeforeEach
    void start() throws Exception {
        Needs.userfaultfd();
        local = new LocalServer();
        local.volume().createFile("/file").close();
        userfaultfd = Userfaultfd.open();
        Userfaultfd.agree(userfaultfd, 0);
    }

    @AfterEach
    void stop() throws Exception {
        if (local != null) {
            Linux.close(userfaultfd);
            local.close();
        }
    }

    private int connected() throws Exception {
        int socket = UnixSocket.connect(local.socket().toString());
        message.begin(MessageType.HELLO, 0).putInt(Protocol.MAGIC).putInt(Protocol.VERSION)
                .send(socket, userfaultfd);
        assertThat(message.receive(socket)).isTrue();
        return socket;
    }

    private int status(int socket) throws Exception {
        message.send(socket);
        assertThat(message.receive(socket)).isTrue();
        return message.status();
    }

    private void expectCutOff(int socket) {
        assertThatThrownBy(() -> {
            while (message.receive(socket)) {
                assertThat(message.status()).isNotNegative();
            }
            throw new ErrnoExpected();
        }).isInstanceOfAny(ErrnoException.class, ErrnoExpected.class);
        Linux.close(socket);
    }

    /** Stands for the end of a connection. */
    private static final class ErrnoExpected extends Exception {
        private static final long serialVersionUID = 1L;
    }

    @Test
    @DisplayName("a greeting without a userfaultfd, or of another version, ends the connection")
    void greetings() throws Exception {
        int file = Linux.memfdCreate("no userfaultfd");
        for (int version : new int[] {Protocol.VERSION, 99}) {
            int socket = UnixSocket.connect(local.socket().toString());
            message.begin(MessageType.HELLO, 0).putInt(Protocol.MAGIC).putInt(version)
                    .send(socket, version == 99 ? userfaultfd : file);
            expectCutOff(socket);
        }
        int silent = UnixSocket.connect(local.socket().toString());
        message.begin(MessageType.STAT, 1).putLong(1).send(silent);
        expectCutOff(silent);
        Linux.close(file);
        Linux.close(connected());
    }

    @Test
    @DisplayName("requests for what is not the client's are refused, and it may go on")
    void refusals() throws Exception {
        int socket = connected();
        message.begin(MessageType.OPEN, 1).putLong(1).putInt(0).putInt(0).putText("/file");
        assertThat(status(socket)).isZero();
        message.begin(MessageType.TRUNCATE, 2).putLong(1).putLong(0);
        assertThat(status(socket)).as("open for reading").isEqualTo(ErrorCode.ACCESS_DENIED.errno());
        message.begin(MessageType.MAP, 3).putLong(1).putLong(1).putLong(0).putLong(4096)
                .putInt(Protocol.MAP_SYNC);
        assertThat(status(socket)).isEqualTo(ErrorCode.ACCESS_DENIED.errno());
        message.begin(MessageType.STAT, 4).putLong(2);
        assertThat(status(socket)).isEqualTo(ErrorCode.INVALID.errno());
        message.begin(MessageType.MAP, 5).putLong(1).putLong(1).putLong(0)
                .putLong(Long.MAX_VALUE).putInt(Protocol.MAP_READ_ONLY);
        assertThat(status(socket)).isEqualTo(ErrorCode.INVALID.errno());
        message.begin(MessageType.OPEN, 6).putLong(2).putInt(0).putInt(0).putText("/../../etc");
        assertThat(status(socket)).isEqualTo(ErrorCode.NOT_FOUND.errno());
        message.begin(MessageType.MAP, 7).putLong(9).putLong(1).putLong(0).putLong(4096)
                .putInt(Protocol.MAP_READ_ONLY);
        assertThat(status(socket)).isZero();
        for (long address : new long[] {-4096, 1, 0, Long.MAX_VALUE & -4096}) {
            message.begin(MessageType.ATTACH, 8).putLong(9).putLong(address);
            assertThat(status(socket)).as("address " + address)
                    .isEqualTo(ErrorCode.INVALID.errno());
        }
        message.begin(MessageType.ATTACH, 9).putLong(9).putLong(1L << 40);
        assertThat(status(socket)).isZero();
        message.begin(MessageType.FSYNC, 10).putLong(1).putInt(0);
        assertThat(status(socket)).as("nothing is mapped there").isZero();
        message.begin(MessageType.RUNS, 11).putLong(9).putLong(Long.MAX_VALUE);
        assertThat(status(socket)).isEqualTo(ErrorCode.INVALID.errno());
        Linux.close(socket);
    }

    @Test
    @DisplayName("what is no request ends the connection, and only that")
    void fuzz() throws Exception {
        Random random = new Random(SEED);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packet = arena.allocate(Message.BYTES_MAX, 8);
            for (int round = 0; round < 40; round++) {
                int socket = connected();
                try {
                    for (int i = 0; i < 20; i++) {
                        byte[] bytes = new byte[16 + random.nextInt(64)];
                        random.nextBytes(bytes);
                        bytes[0] = (byte) bytes.length;
                        bytes[1] = bytes[2] = bytes[3] = 0;
                        bytes[4] = (byte) random.nextInt(14);
                        bytes[5] = 0;
                        for (int at = 16; at < bytes.length && random.nextBoolean(); at++) {
                            bytes[at] = (byte) random.nextInt(2);
                        }
                        MemorySegment.copy(bytes, 0, packet,
                                JAVA_BYTE, 0, bytes.length);
                        UnixSocket.send(socket, packet, bytes.length);
                    }
                } catch (ErrnoException e) {
                    assertThat(e.getMessage()).contains("sendmsg");
                }
                UnixSocket.shutdown(socket);
                Linux.close(socket);
            }
        }
        Await.until(() -> local.server().clients() == 0);
        Child client = local.client();
        client.expect("ok", "open f /file");
        client.expect("0", "size f");
    }
}
