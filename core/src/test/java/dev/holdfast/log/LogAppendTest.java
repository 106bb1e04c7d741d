package dev.holdfast.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class LogAppendTest {
    @Test
    void storesTheHeaderThatTheFormatDescribes() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            volume.log.commit(volume.append(1));
            long lsn = volume.log.appendedLsn();
            volume.buffer.clear();
            volume.log.append(volume.buffer.putInt(0x01020304).putShort(0x0506).putByte(7));

            long at = volume.geometry.offsetBytes(lsn);
            byte[] record = new byte[DaxDevice.LINE_BYTES];
            volume.device.get(at, record, 0, record.length);
            CRC32C crc = new CRC32C();
            crc.update(record, 4, 28 + 7);
            assertThat(volume.device.getInt(at)).isEqualTo((int) crc.getValue());
            assertThat(volume.device.getInt(at + 4)).isEqualTo(1 << 24 | 7);
            assertThat(volume.device.getLong(at + 8)).isEqualTo(lsn);
            assertThat(volume.device.getLong(at + 16))
                    .isEqualTo(volume.log.epochs().newest().number());
            assertThat(volume.device.getLong(at + 24)).isEqualTo(lsn);
            assertThat(record).endsWith(4, 3, 2, 1, 6, 5, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        }
    }

    @Test
    void countsLsnsInLinesFromTheFirstLap() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            assertThat(volume.log.appendedLsn()).isEqualTo(64);
            assertThat(volume.append(1)).isEqualTo(65);
            assertThat(volume.append(2, 3)).isEqualTo(68);
            assertThat(volume.log.appendedLsn()).isEqualTo(68);
            assertThat(volume.log.durableLsn()).isEqualTo(64);
            assertThat(volume.log.appendedSince(65)).isEqualTo(3);
            assertThat(volume.log.freeLines()).isEqualTo(60);
        }
    }

    @Test
    void leavesNoBytesOfTheRecordBeforeInAReusedBuffer() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            volume.append(-1, 4);
            long lsn = volume.log.appendedLsn();
            volume.buffer.clear();
            volume.log.append(volume.buffer.putByte(1));

            byte[] rest = new byte[31];
            volume.device.get(volume.geometry.offsetBytes(lsn) + 33, rest, 0, rest.length);
            assertThat(rest).containsOnly(0);
        }
    }

    @Test
    void padsToTheRingsEndRatherThanStraddleIt() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            for (int i = 0; i < 8; i++) {
                volume.append(i, 7);
            }
            long committed = volume.append(8, 5);
            volume.log.commit(committed);
            volume.checkpointAt(committed);
            volume.checkpointAt(committed);
            long barriers = volume.device.counters().barriers();

            // 61 lines are used; a record of 4 must go to the start of the next lap.
            long end = volume.append(9, 4);
            volume.log.commit(end);

            assertThat(end).isEqualTo(2 * 64 + 4);
            assertThat(volume.log.counters().pads()).isEqualTo(1);
            assertThat(volume.log.counters().lines()).isEqualTo(61 + 3 + 4);
            assertThat(volume.device.counters().barriers() - barriers).as("two ranges")
                    .isBetween(1L, 2L);
            assertThat(volume.mount()).containsExactly(9L);
        }
    }

    @Test
    void fillsTheRingToTheLastLine() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            List<Long> all = new ArrayList<>();
            for (long i = 0; i < 8; i++) {
                volume.append(i, 8);
                all.add(i);
            }
            assertThat(volume.log.freeLines()).isZero();
            assertThat(volume.mount()).isEqualTo(all);
        }
    }

    @Test
    void refusesARecordLargerThanAnEighthOfTheRing() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            assertThat(volume.geometry.maxPayloadBytes()).isEqualTo(480);
            RecordBuffer largest = volume.fill(1, 480 - Long.BYTES);
            assertThat(volume.log.append(largest)).isEqualTo(72);

            assertThatThrownBy(() -> volume.log.append(volume.buffer.putByte(1)))
                    .hasMessageContaining("481 bytes").hasMessageContaining("480")
                    .extracting(LogAppendTest::code).isEqualTo(ErrorCode.INVALID);
        }
    }

    @Test
    void saysNoSpaceWhenTheRingIsFullAndNothingMakesRoom() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            fill(volume);

            assertThatThrownBy(() -> volume.append(99)).hasMessageContaining("LSN 65")
                    .extracting(LogAppendTest::code).isEqualTo(ErrorCode.NO_SPACE);
        }
    }

    @Test
    void asksForRoomAndGoesOnWhenItWasMade() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            fill(volume);
            List<Long> asked = new ArrayList<>();
            volume.log.onFull(needed -> {
                asked.add(needed);
                // As with checkpoints: the first gives nothing back yet.
                volume.log.commit(volume.log.appendedLsn());
                volume.checkpointAt(volume.log.durableLsn());
            });

            assertThat(volume.append(99, 2)).isEqualTo(2 * 64 + 2);
            assertThat(asked).containsExactly(66L, 66L);
        }
    }

    @Test
    void asksForRoomABoundedNumberOfTimes() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            fill(volume);
            List<Long> asked = new ArrayList<>();
            volume.log.onFull(asked::add);

            assertThatThrownBy(() -> volume.append(99)).hasMessageContaining("checkpoints")
                    .extracting(LogAppendTest::code).isEqualTo(ErrorCode.NO_SPACE);
            assertThat(asked).hasSize(8).containsOnly(65L);
        }
    }

    @Test
    void neverReleasesWhatIsNotDurableAndNeverTakesAReleaseBack() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            long first = volume.append(1);
            assertThatThrownBy(() -> volume.log.releaseBefore(first))
                    .isInstanceOf(IllegalArgumentException.class);

            volume.log.commit(first);
            volume.log.releaseBefore(first);
            volume.log.releaseBefore(volume.start);
            assertThat(volume.log.freeLines()).isEqualTo(64);
        }
    }

    @Test
    void refusesToOpenWhereOneRingCannotHoldWhatIsNeeded() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            for (long oldest : new long[] {-1, volume.recovered.endLsn() + 1}) {
                assertThatThrownBy(() -> Log.open(volume.device, volume.geometry,
                                volume.log.epochs(), volume.recovered, 5, oldest, volume.mutants))
                        .hasMessageContaining("LSN " + oldest)
                        .extracting(LogAppendTest::code).isEqualTo(ErrorCode.CORRUPT);
            }
        }
    }

    @Test
    void knowsItsGeometry() {
        var geometry = new LogGeometry(4, 16384);

        assertThat(geometry.ringLines()).isEqualTo(1 << 20);
        assertThat(geometry.maxRecordLines()).isEqualTo(1 << 17);
        assertThat(geometry.offsetBytes(geometry.firstLsn())).isEqualTo(4 * 4096);
        assertThat(geometry.offsetBytes(2 * geometry.ringLines() + 3)).isEqualTo(4 * 4096 + 192);
        assertThatThrownBy(() -> new LogGeometry(4, 0)).hasMessageContaining("0 blocks");
        assertThatThrownBy(() -> new LogGeometry(-1, 1)).hasMessageContaining("block -1");
        assertThatThrownBy(() -> new LogGeometry(4, LogGeometry.MAX_BLOCKS + 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(new LogGeometry(4, LogGeometry.MAX_BLOCKS).maxPayloadBytes())
                .isLessThanOrEqualTo(RecordFormat.MAX_LENGTH_BYTES);
    }

    private static void fill(LogVolume volume) throws IOException {
        for (int i = 0; i < volume.geometry.ringLines(); i++) {
            volume.append(i);
        }
    }

    private static ErrorCode code(Throwable e) {
        return ((HoldfastException) e).code();
    }
}
