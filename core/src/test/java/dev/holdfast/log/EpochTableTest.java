package dev.holdfast.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.device.LineFate;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.log.EpochTable.Epoch;
import java.io.IOException;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EpochTableTest {
    private static final int VERSION_AT = 8;
    private static final int COUNT_AT = 12;

    private TracedDevice device;

    @BeforeEach
    void create() throws IOException {
        device = TracedDevice.create(4L * DaxDevice.BLOCK_BYTES);
    }

    @AfterEach
    void close() {
        device.close();
    }

    @Test
    void isEmptyOnABlankDevice() throws IOException {
        assertThat(EpochTable.load(device).isEmpty()).isTrue();
    }

    @Test
    void loadsWhatWasWritten() throws IOException {
        EpochTable.EMPTY.begin(11, 64, 64).begin(-22, 70, 64).write(device);
        device.crash(LineFate.NONE);

        assertThat(EpochTable.load(device).epochs())
                .containsExactly(new Epoch(11, 64), new Epoch(-22, 70));
    }

    @Test
    void saysWhichEpochIsInForce() throws IOException {
        EpochTable table = EpochTable.EMPTY.begin(1, 64, 64).begin(2, 70, 64);

        assertThat(table.at(63)).isNull();
        assertThat(table.at(69)).isEqualTo(new Epoch(1, 64));
        assertThat(table.at(70)).isEqualTo(new Epoch(2, 70)).isEqualTo(table.newest());
        assertThat(table.nextStartAfter(64)).isEqualTo(70);
        assertThat(table.nextStartAfter(70)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void replacesAnEpochThatBeganAtTheSameLsn() throws IOException {
        EpochTable table = EpochTable.EMPTY.begin(1, 64, 64).begin(2, 70, 64).begin(3, 70, 64);

        assertThat(table.epochs()).containsExactly(new Epoch(1, 64), new Epoch(3, 70));
    }

    @Test
    void dropsEpochsThatEndedBeforeTheOldestLsnNeeded() throws IOException {
        EpochTable table = EpochTable.EMPTY.begin(1, 64, 64).begin(2, 70, 64).begin(3, 80, 64);

        assertThat(table.begin(4, 90, 75).epochs())
                .containsExactly(new Epoch(2, 70), new Epoch(3, 80), new Epoch(4, 90));
        assertThat(table.begin(4, 90, 90).epochs()).containsExactly(new Epoch(4, 90));
    }

    @Test
    void refusesAnEpochThatWasUsedOrBeginsTooEarly() throws IOException {
        EpochTable table = EpochTable.EMPTY.begin(1, 64, 64).begin(2, 70, 64);

        assertThatThrownBy(() -> table.begin(0, 80, 64)).hasMessageContaining("epoch 0");
        assertThatThrownBy(() -> table.begin(1, 80, 64)).hasMessageContaining("used before");
        assertThatThrownBy(() -> table.begin(3, 69, 64)).hasMessageContaining("before the newest");
    }

    @Test
    void holdsSixtyFourEpochsAndNoMore() throws IOException {
        EpochTable table = EpochTable.EMPTY;
        for (int i = 0; i < EpochTable.MAX_EPOCHS; i++) {
            table = table.begin(1 + i, 64 + i, 64);
        }
        table.write(device);
        EpochTable full = EpochTable.load(device);

        assertThat(full.epochs()).hasSize(64).isEqualTo(table.epochs());
        assertThatThrownBy(() -> full.begin(99, 200, 64))
                .extracting(e -> ((HoldfastException) e).code()).isEqualTo(ErrorCode.NO_SPACE);
        assertThat(full.begin(99, 200, 200).epochs()).hasSize(1);
    }

    @Test
    void keepsAWholeTableThroughACrashAtAnyPointOfAnyWrite() throws IOException {
        EpochTable table = EpochTable.EMPTY.begin(1, 64, 64);
        table.write(device);
        for (int seed = 0; seed < 500; seed++) {
            EpochTable before = EpochTable.load(device);
            EpochTable after = before.begin(2 + seed, 65 + seed, 63 + seed);
            device.powerOffAfter(seed % 3);
            try {
                after.write(device);
            } catch (IOException powerCut) {
                assertThat(powerCut).as("seed %d", seed).hasMessageContaining("power is off");
            }
            device.crash(LineFate.seeded(seed));

            assertThat(EpochTable.load(device).epochs()).as("seed %d", seed)
                    .isIn(before.epochs(), after.epochs());
            if (seed % 3 != 0) {
                assertThat(EpochTable.load(device).epochs()).as("first copy durable, seed %d", seed)
                        .isEqualTo(after.epochs());
            }
        }
    }

    @Test
    void usesTheOtherCopyWhenAnyByteOfOneIsDamaged() throws IOException {
        EpochTable table = EpochTable.EMPTY.begin(1, 64, 64).begin(2, 70, 64);
        table.write(device);
        for (int copy = 0; copy < EpochTable.COPIES; copy++) {
            for (int i = 0; i < EpochTable.LAYOUT.byteSize(); i++) {
                flip(copy, i);
                assertThat(EpochTable.load(device).epochs()).isEqualTo(table.epochs());
                flip(copy, i);
            }
        }
    }

    @Test
    void refusesWhenBothCopiesAreDamaged() throws IOException {
        EpochTable.EMPTY.begin(1, 64, 64).write(device);
        flip(0, 40);
        flip(1, 0);

        assertThatThrownBy(() -> EpochTable.load(device)).hasMessageContaining("blocks 2 and 3")
                .extracting(e -> ((HoldfastException) e).code()).isEqualTo(ErrorCode.CORRUPT);
    }

    @Test
    void refusesANewerVersion() throws IOException {
        EpochTable.EMPTY.begin(1, 64, 64).write(device);
        forge(VERSION_AT, 2);

        assertThatThrownBy(() -> EpochTable.load(device)).hasMessageContaining("version 2")
                .extracting(e -> ((HoldfastException) e).code()).isEqualTo(ErrorCode.NOT_SUPPORTED);
    }

    @Test
    void trustsNoCountThatAChecksumVouchesFor() throws IOException {
        for (int count : new int[] {-1, 0, 2, 65, Integer.MAX_VALUE}) {
            EpochTable.EMPTY.begin(1, 64, 64).write(device);
            forge(COUNT_AT, count);

            assertThatThrownBy(() -> EpochTable.load(device)).as("count %d", count)
                    .hasMessageContaining("damaged");
        }
    }

    private void flip(int copy, int at) {
        long offset = EpochTable.offsetBytes(copy) + at;
        device.putByte(offset, (byte) ~device.getByte(offset));
    }

    /** Changes a field of both copies and makes their checksums right again. */
    private void forge(int field, int value) {
        for (int copy = 0; copy < EpochTable.COPIES; copy++) {
            long offset = EpochTable.offsetBytes(copy);
            device.putInt(offset + field, value);
            byte[] table = new byte[(int) EpochTable.LAYOUT.byteSize()];
            device.get(offset, table, 0, table.length);
            CRC32C crc = new CRC32C();
            crc.update(table, Integer.BYTES, table.length - Integer.BYTES);
            device.putInt(offset, (int) crc.getValue());
        }
    }
}
