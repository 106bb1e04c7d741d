package dev.holdfast.log;

import static dev.holdfast.log.LogVolume.numberOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.codec.LittleEndian;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.device.LineFate;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LogRecoveryTest {
    @Test
    void replaysCommittedRecordsInOrderWithTheirBounds() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            long first = volume.append(1);
            long second = volume.append(2, 3);
            volume.log.commit(second);
            volume.device.crash(LineFate.NONE);

            List<Long> bounds = new ArrayList<>();
            RecoveredLog found = LogRecovery.recover(volume.device, volume.geometry,
                    EpochTable.load(volume.device), volume.start, Mutants.NONE,
                    (lsn, end, payload) -> {
                        bounds.add(lsn);
                        bounds.add(end);
                        assertThat(payload.lsn()).isEqualTo(lsn);
                        numberOf(payload);
                    });

            assertThat(bounds).containsExactly(volume.start, first, first, second);
            assertThat(found).isEqualTo(new RecoveredLog(volume.start, second, 2, 4, 0, 0));
        }
    }

    @Test
    void replaysRecordsThatReachedTheMediumWithoutACommit() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            volume.append(1);
            volume.append(2);
            volume.device.crash(LineFate.ALL);

            assertThat(volume.mount()).containsExactly(1L, 2L);
        }
    }

    @Test
    void endsAtTheFirstTornRecordAndCountsWhatLiesPastIt() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            long first = volume.append(1);
            volume.log.commit(first);
            long second = volume.append(2);
            long third = volume.append(3, 2);
            volume.append(4, 2);
            volume.device.crash(LineFate.only(volume.deviceLine(second),
                    volume.deviceLine(second + 1), volume.deviceLine(third)));

            assertThat(volume.mount()).containsExactly(1L);
            assertThat(volume.recovered).isEqualTo(
                    new RecoveredLog(volume.start, first, 1, 1, 1, 1));
        }
    }

    @ParameterizedTest
    @EnumSource(value = Mutant.class, names = {"BARRIER_DROPPED", "EPOCH_NOT_RENEWED"})
    void neverReplaysARecordTornByAnEarlierCrashBehindANewOne(Mutant mutant) throws IOException {
        assertThat(twoCrashes(Mutants.NONE)).containsExactly(3L);
        assertThat(twoCrashes(Mutants.of(mutant))).isNotEqualTo(List.of(3L));
    }

    /** Loses record 1 and keeps record 2 behind it, then writes record 3 where 1 was. */
    private static List<Long> twoCrashes(Mutants mutants) throws IOException {
        try (LogVolume volume = LogVolume.create(1, mutants)) {
            long second = volume.append(1);
            volume.append(2);
            volume.device.crash(LineFate.only(volume.deviceLine(second)));
            assertThat(volume.mount()).isEmpty();

            volume.log.commit(volume.append(3));
            volume.device.crash(LineFate.NONE);
            return volume.mount();
        }
    }

    @Test
    void neverTakesAnOlderLapForTheSameLineWhenOnlyTheLsnWordIsNew() throws IOException {
        assertThat(tornLsnWord(Mutants.NONE)).isEmpty();
        assertThat(tornLsnWord(Mutants.of(Mutant.LSN_NOT_IN_CHECKSUM))).containsExactly(0L);
    }

    /** Fills one lap, begins the next, and keeps nothing of its first record but the LSN. */
    private static List<Long> tornLsnWord(Mutants mutants) throws IOException {
        try (LogVolume volume = LogVolume.create(1, mutants)) {
            for (int i = 0; i < volume.geometry.ringLines(); i++) {
                volume.append(i);
            }
            long lapEnd = volume.log.appendedLsn();
            volume.log.commit(lapEnd);
            volume.checkpointAt(lapEnd);
            volume.checkpointAt(lapEnd);
            volume.append(77);
            volume.device.crash(line -> 1 << RecordFormat.LSN / Long.BYTES);
            return volume.recoverFrom(lapEnd);
        }
    }

    @Test
    void neverReplaysAPayloadThatLooksLikeARecord() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            long lsn = volume.log.appendedLsn();
            long epoch = volume.log.epochs().newest().number();
            // The second line of this record is, to the last bit, the record that could stand
            // there.
            byte[] forged = new byte[DaxDevice.LINE_BYTES];
            LittleEndian.putLong(forged, RecordFormat.HEADER_BYTES, 666L);
            RecordFormat.seal(forged, Long.BYTES, RecordFormat.KIND_OPS, lsn + 1, epoch, lsn,
                    new CRC32C(), Mutants.NONE);
            volume.buffer.clear();
            volume.buffer.putLong(1).putLong(2).putLong(3).putLong(4).putBytes(forged);
            volume.log.append(volume.buffer);
            // The first line, its true header, is lost: the forgery waits in the second.
            volume.device.crash(LineFate.only(volume.deviceLine(lsn + 1)));
            assertThat(volume.mount()).isEmpty();
            volume.log.commit(volume.append(7));
            volume.device.crash(LineFate.NONE);

            assertThat(volume.mount()).containsExactly(7L);
        }
    }

    @Test
    void refusesADamagedRecordThatALaterOneSaysWasDurable() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            damageUnderAWitness(volume);

            assertThatThrownBy(volume::mount).isInstanceOf(HoldfastException.class)
                    .hasMessageContaining("LSN " + volume.start + " ")
                    .hasMessageContaining("durable")
                    .extracting(e -> ((HoldfastException) e).code()).isEqualTo(ErrorCode.CORRUPT);
        }
    }

    @Test
    void wouldDropDurableRecordsIfItDidNotLookPastTheEnd() throws IOException {
        try (LogVolume volume = LogVolume.create(1, Mutants.of(Mutant.WITNESS_IGNORED))) {
            damageUnderAWitness(volume);

            assertThat(volume.mount()).isEmpty();
        }
    }

    private static void damageUnderAWitness(LogVolume volume) throws IOException {
        volume.log.commit(volume.append(1, 2));
        volume.log.commit(volume.append(2));
        volume.damage(volume.start + 1, 9, 1);
        volume.device.crash(LineFate.NONE);
    }

    @Test
    void findsTheWitnessAcrossTheEndOfTheRing() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            for (int i = 0; i < 8; i++) {
                volume.append(i, 7);
            }
            long lsn = volume.log.appendedLsn();
            volume.log.commit(lsn);
            volume.checkpointAt(lsn);
            volume.checkpointAt(lsn);
            volume.log.commit(volume.append(8, 8));
            volume.log.commit(volume.append(9));
            volume.damage(lsn, RecordFormat.CRC, 1);

            assertThatIOException().isThrownBy(volume::mount).withMessageContaining("LSN " + lsn);
        }
    }

    @Test
    void cannotTellADamagedLastCommitFromATornOne() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            long first = volume.append(1);
            volume.log.commit(first);
            volume.log.commit(volume.append(2));
            volume.damage(first, 40, 1);

            assertThat(volume.mount()).containsExactly(1L);
        }
    }

    @Test
    void refusesAnEndBeforeTheNewestEpoch() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            long first = volume.append(1);
            volume.log.commit(volume.append(2));
            volume.mount();
            volume.damage(first, 33, 0x80);

            assertThatIOException().isThrownBy(volume::mount)
                    .withMessageContaining("LSN " + first + " ")
                    .withMessageContaining("up to LSN " + (first + 1));
        }
    }

    @Test
    void refusesARecordThatRunsIntoTheNextEpoch() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            volume.log.commit(volume.append(1, 4));
            EpochTable.load(volume.device).begin(5, volume.start + 2, volume.start)
                    .write(volume.device);

            assertThatIOException().isThrownBy(volume::mount)
                    .withMessageContaining("LSN " + volume.start + " ")
                    .withMessageContaining("epoch");
        }
    }

    @Test
    void refusesAnUnknownKindRatherThanEndingTheLogThere() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            byte[] record = new byte[DaxDevice.LINE_BYTES];
            RecordFormat.seal(record, 0, 9, volume.start, volume.log.epochs().newest().number(), 0,
                    new CRC32C(), Mutants.NONE);
            volume.device.put(volume.geometry.offsetBytes(volume.start), record, 0, record.length);

            assertThatIOException().isThrownBy(volume::mount).withMessageContaining("kind 9");
        }
    }

    @Test
    void refusesAStartThatNoEpochCovers() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            for (long start : new long[] {-1, 0, volume.start - 1, LogGeometry.MAX_LSN}) {
                assertThatIOException().isThrownBy(() -> volume.recoverFrom(start))
                        .withMessageContaining("LSN " + start + " ");
            }
        }
    }

    @Test
    void refusesAVolumeWhoseEpochTablesAreBlank() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            volume.device.zero(EpochTable.offsetBytes(0), 2L * DaxDevice.BLOCK_BYTES);

            assertThatIOException().isThrownBy(() -> volume.recoverFrom(volume.start))
                    .withMessageContaining("epoch tables are blank");
        }
    }

    @Test
    void refusesARingPastTheDevice() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            var tooLong = new LogGeometry(4, 2);

            assertThatIOException().isThrownBy(() -> LogRecovery.recover(volume.device, tooLong,
                            volume.log.epochs(), tooLong.firstLsn(), Mutants.NONE, (a, b, c) -> {}))
                    .withMessageContaining("end of the device");
        }
    }

    @Test
    @DisplayName("a flip of any byte of live records is refused, harmless, or cuts the last commit")
    void anyFlippedByteIsRefusedOrCutsTheLastCommit() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            volume.log.commit(volume.append(0, 2));
            volume.append(1);
            volume.log.commit(volume.append(2, 3));
            long lastGroup = volume.log.appendedLsn();
            volume.append(3);
            volume.log.commit(volume.append(4, 2));
            List<Long> all = List.of(0L, 1L, 2L, 3L, 4L);
            long bytes = (volume.log.appendedLsn() - volume.start) * DaxDevice.LINE_BYTES;
            for (int i = 0; i < bytes; i++) {
                for (int mask : new int[] {0x01, 0x80, 0xff}) {
                    volume.damage(volume.start, i, mask);
                    boolean isLast = i >= (lastGroup - volume.start) * DaxDevice.LINE_BYTES;
                    assertThat(outcome(volume)).as("byte %d flipped by %d", i, mask)
                            .isIn(isLast ? List.of(List.of(0L, 1L, 2L), List.of(0L, 1L, 2L, 3L))
                                    : List.of("refused"));
                    volume.damage(volume.start, i, mask);
                }
            }
            assertThat(outcome(volume)).isEqualTo(all);
        }
    }

    private static Object outcome(LogVolume volume) {
        try {
            return volume.recoverFrom(volume.start);
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("LSN");
            return "refused";
        }
    }

    @Test
    void survivesARingOfHostileHeaders() throws IOException {
        try (LogVolume volume = LogVolume.create(4)) {
            long ring = volume.geometry.ringLines();
            long epoch = volume.log.epochs().newest().number();
            var random = new Random(42);
            for (long lsn = volume.start; lsn < volume.start + ring; lsn++) {
                long at = volume.geometry.offsetBytes(lsn);
                volume.device.putInt(at + RecordFormat.LENGTH_AND_KIND, random.nextInt());
                volume.device.putLong(at + RecordFormat.LSN, lsn);
                volume.device.putLong(at + RecordFormat.EPOCH, epoch);
                volume.device.putLong(at + RecordFormat.WITNESS, Long.MAX_VALUE);
            }

            assertThat(volume.recoverFrom(volume.start)).isEmpty();
            assertThat(volume.recovered.endLsn()).isEqualTo(volume.start);
            assertThat(volume.recovered.tornPastEnd()).isPositive().isLessThan(ring);
        }
    }

    @Test
    void replaysABoundedPieceForACheckpointAndRefusesDamageInIt() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            long first = volume.append(1);
            long second = volume.append(2);
            volume.log.commit(volume.append(3));
            List<Long> numbers = new ArrayList<>();

            volume.log.replay(first, second, (lsn, end, payload) -> numbers.add(numberOf(payload)));
            assertThat(numbers).containsExactly(2L);

            volume.damage(first, 35, 1);
            assertThatIOException()
                    .isThrownBy(() -> volume.log.replay(first, second, (a, b, c) -> {}))
                    .withMessageContaining("LSN " + first + " ");
            assertThatThrownBy(() -> volume.log.replay(first, second + 99, (a, b, c) -> {}))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void makesWhatItReplayedDurableBeforeANewEpochClaimsIt() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            // As after kill -9: the record is in the caches, and nowhere else.
            volume.append(1);
            assertThat(volume.mount()).containsExactly(1L);

            volume.device.crash(LineFate.NONE);
            assertThat(volume.mount()).containsExactly(1L);
        }
    }
}
