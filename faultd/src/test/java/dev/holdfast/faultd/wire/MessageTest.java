package dev.holdfast.faultd.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.ffm.Linux;
import dev.holdfast.ffm.UnixSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class MessageTest {
    private static final long SEED = Long.getLong("holdfast.seed", 20260101);

    @Test
    @DisplayName("what is put in comes out at the other end, descriptors too")
    void roundTrip() throws Exception {
        int[] pair = UnixSocket.pair();
        int file = Linux.memfdCreate("passed");
        new Message().begin(MessageType.MAP, 7, 28).putInt(-1).putLong(1L << 60).putText("größe")
                .send(pair[0], file);
        Message message = new Message();
        assertThat(message.receive(pair[1])).isTrue();
        assertThat(message.type()).isEqualTo(MessageType.MAP);
        assertThat(message.request()).isEqualTo(7);
        assertThat(message.status()).isEqualTo(28);
        assertThat(message.getInt()).isEqualTo(-1);
        assertThat(message.getSize()).isEqualTo(1L << 60);
        assertThat(message.getText()).isEqualTo("größe");
        message.requireEnd();
        int passed = message.takeDescriptor();
        assertThat(Linux.fstat(passed).sameFile(Linux.fstat(file))).isTrue();
        assertThatThrownBy(message::takeDescriptor).isInstanceOf(WireException.class);
        Linux.close(pair[0]);
        assertThat(message.receive(pair[1])).as("the end").isFalse();
        Linux.close(pair[1]);
        Linux.close(passed);
        Linux.close(file);
    }

    @Test
    @DisplayName("the bytes on the wire are those of docs/fault-protocol.md")
    void bytes() throws Exception {
        byte[] packet = ByteBuffer.allocate(28).order(ByteOrder.LITTLE_ENDIAN)
                .putInt(28).putShort((short) 5).putShort((short) 0).putLong(9)
                .putLong(3).putInt(4).array();
        Message message = new Message();
        message.take(packet);
        assertThat(message.type()).isEqualTo(MessageType.TRUNCATE);
        assertThat(message.request()).isEqualTo(9);
        assertThat(message.getLong()).isEqualTo(3);
        assertThatThrownBy(message::getLong).isInstanceOf(WireException.class)
                .hasMessageContaining("cut off");
    }

    @Test
    @DisplayName("any bytes at all end in values or in a refusal, never past the message")
    void fuzz() {
        Random random = new Random(SEED);
        Message message = new Message();
        int parsed = 0;
        for (int round = 0; round < 50_000; round++) {
            byte[] packet = new byte[random.nextInt(80)];
            random.nextBytes(packet);
            if (packet.length >= Message.HEADER_BYTES && random.nextInt(8) != 0) {
                ByteBuffer.wrap(packet).order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(0, packet.length + (random.nextInt(8) == 0 ? 1 : 0))
                        .putShort(4, (short) (1 + random.nextInt(13)));
            }
            try {
                message.take(packet);
                parsed++;
                while (message.hasMore()) {
                    switch (random.nextInt(4)) {
                        case 0 -> message.getInt();
                        case 1 -> assertThat(message.getSize()).isNotNegative();
                        case 2 -> assertThat(message.getText().length())
                                .isLessThanOrEqualTo(packet.length);
                        default -> message.getLong();
                    }
                }
                message.requireEnd();
            } catch (WireException e) {
                assertThat(e.getMessage()).as("seed " + SEED).isNotBlank();
            }
        }
        assertThat(parsed).as("seed " + SEED).isGreaterThan(10_000);
    }
}
