package dev.holdfast.faultd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.faultd.wire.Message;
import dev.holdfast.ffm.Linux;
import dev.holdfast.ffm.Userfaultfd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Packets that are no messages, and messages that are no requests, each in a connection of its own.
 */
class HostileMessagesTest {
    private static final long SEED = Long.getLong("holdfast.seed", 5);
    private static final int HEADER = Message.HEADER_BYTES;
    /**
     * Bytes of the body of each request by type, from 2, OPEN, on; OPEN's with a path of one byte.
     */
    private static final List<Integer> BODIES = List.of(19, 8, 8, 16, 24, 12, 36, 16, 16, 8, 24);

    private LocalServer local;
    private int userfaultfd;

    @BeforeEach
    void start() throws Exception {
        Needs.userfaultfd();
        local = new LocalServer();
        userfaultfd = Userfaultfd.openForUserMode();
        Userfaultfd.agree(userfaultfd, 0);
    }

    @AfterEach
    void stop() throws Exception {
        if (local != null) {
            Await.until(() -> local.server().clients() == 0);
            Linux.close(userfaultfd);
            local.close();
        }
    }

    private static byte[] packet(int type, int bytes) {
        byte[] packet = new byte[bytes];
        ByteBuffer.wrap(packet).order(ByteOrder.LITTLE_ENDIAN).putInt(0, bytes)
                .putShort(4, (short) type);
        if (type == 2 && bytes >= HEADER + 18) {
            packet[HEADER + 16] = 1;
        }
        return packet;
    }

    private boolean isCutOff(byte[] packet) throws IOException {
        try (RawPeer peer = RawPeer.greeted(local.socket(), userfaultfd)) {
            peer.say(packet);
            return peer.isCutOff();
        }
    }

    @Test
    @DisplayName("a request of any type that is cut short or too long ends the connection")
    void wrongLengths() throws Exception {
        for (int i = 0; i < BODIES.size(); i++) {
            int type = 2 + i;
            int whole = HEADER + BODIES.get(i);
            assertThat(isCutOff(packet(type, whole))).as("type " + type + ", whole").isFalse();
            for (int bytes = HEADER; bytes < whole; bytes++) {
                assertThat(isCutOff(packet(type, bytes))).as("type %s, %s bytes", type,
                        bytes).isTrue();
            }
            assertThat(isCutOff(packet(type, whole + 1))).as("type " + type + ", longer").isTrue();
        }
    }

    @Test
    @DisplayName("a packet whose length is not what it says, or too short or long for one, is no "
            + "message")
    void wrongPackets() throws Exception {
        byte[] stat = packet(4, HEADER + 8);
        for (int said : new int[] {0, HEADER, stat.length - 1, stat.length + 1, -1,
                Integer.MIN_VALUE}) {
            byte[] lying = stat.clone();
            ByteBuffer.wrap(lying).order(ByteOrder.LITTLE_ENDIAN).putInt(0, said);
            assertThat(isCutOff(lying)).as("says " + said).isTrue();
        }
        assertThat(isCutOff(Arrays.copyOf(stat, HEADER - 1))).isTrue();
        assertThat(isCutOff(packet(4, Message.BYTES_MAX + 1))).isTrue();
        assertThat(isCutOff(packet(2, Message.BYTES_MAX))).isTrue();
    }

    @Test
    @DisplayName("a message of a type that is no client's request ends the connection")
    void wrongTypes() throws Exception {
        for (int type = 0; type < 300; type++) {
            if (type < 2 || type >= 2 + BODIES.size()) {
                assertThat(isCutOff(packet(type, HEADER + 8))).as("type " + type).isTrue();
            }
        }
        assertThat(isCutOff(packet(0xffff, HEADER + 8))).isTrue();
    }

    @Test
    @DisplayName("requests filled at random end in answers, or end the connection, and only that")
    void random() throws Exception {
        Random random = new Random(SEED);
        for (int round = 0; round < 40; round++) {
            try (RawPeer peer = RawPeer.greeted(local.socket(), userfaultfd)) {
                for (int i = 0; i < 20; i++) {
                    int type = 2 + random.nextInt(BODIES.size());
                    byte[] packet = packet(type, HEADER + BODIES.get(type - 2));
                    // Small numbers name what there is; few others can be right by chance.
                    for (int at = HEADER; at < packet.length; at++) {
                        if (random.nextInt(6) == 0) {
                            packet[at] = (byte) (random.nextBoolean() ? random.nextInt(3)
                                    : random.nextInt(256));
                        }
                    }
                    peer.say(packet);
                }
            }
        }
        Await.until(() -> local.server().clients() == 0);
        assertThat(local.volume().list("/").size()).as("seed " + SEED).isLessThan(256);
    }
}
