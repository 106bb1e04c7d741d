package dev.holdfast.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import org.junit.jupiter.api.Test;

class RecordBufferTest {
    private final RecordBuffer buffer = new RecordBuffer();
    private final RecordReader reader = new RecordReader();

    @Test
    void givesBackWhatWasPut() throws HoldfastException {
        buffer.putByte(-1).putByte(200).putShort(-2).putShort(60_000).putInt(Integer.MIN_VALUE)
                .putLong(Long.MIN_VALUE + 1).putBytes(new byte[] {1, 2, 3})
                .putBytes(new byte[] {9, 4, 5, 9}, 1, 2);
        read();

        assertThat(reader.getByte()).isEqualTo((byte) -1);
        assertThat(reader.getUnsignedByte()).isEqualTo(200);
        assertThat(reader.getShort()).isEqualTo((short) -2);
        assertThat(reader.getUnsignedShort()).isEqualTo(60_000);
        assertThat(reader.getInt()).isEqualTo(Integer.MIN_VALUE);
        assertThat(reader.getLong()).isEqualTo(Long.MIN_VALUE + 1);
        assertThat(reader.remaining()).isEqualTo(5);
        assertThat(reader.getBytes(5)).containsExactly(1, 2, 3, 4, 5);
        assertThat(reader.remaining()).isZero();
    }

    @Test
    void takesOneLineForThirtyTwoBytesAndTwoForOneMore() {
        assertThat(buffer.lines()).isEqualTo(1);
        buffer.putBytes(new byte[32]);
        assertThat(buffer.lines()).isEqualTo(1);
        buffer.putByte(1);
        assertThat(buffer.lines()).isEqualTo(2);
        assertThat(buffer.payloadBytes()).isEqualTo(33);
        buffer.clear();
        assertThat(buffer.payloadBytes()).isZero();
    }

    @Test
    void growsToTheFormatsLimitAndNoFurther() throws HoldfastException {
        buffer.putLong(42).putBytes(new byte[1_000_000]);
        read();
        assertThat(reader.getLong()).isEqualTo(42);

        byte[] tooMuch = new byte[1 << 24];
        assertThatThrownBy(() -> buffer.putBytes(tooMuch)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("split");
        assertThat(buffer.payloadBytes()).isEqualTo(1_000_008);
    }

    @Test
    void refusesToReadPastTheEndAndNamesLsnAndPosition() throws HoldfastException {
        buffer.putInt(1).putByte(2);
        read();
        reader.getInt();

        assertThatThrownBy(reader::getInt)
                .hasMessageContaining("LSN 777, payload byte 4: 4 bytes wanted, 1 left")
                .extracting(e -> ((HoldfastException) e).code()).isEqualTo(ErrorCode.CORRUPT);
        for (int length : new int[] {-1, 2, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertThatThrownBy(() -> reader.getBytes(length)).hasMessageContaining("1 left");
        }
        assertThat(reader.getByte()).isEqualTo((byte) 2);
    }

    private void read() {
        reader.reset(buffer.sealable(), buffer.payloadBytes(), 777);
    }
}
