package dev.holdfast.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.device.LineFate;
import dev.holdfast.device.PowerCutException;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Mounts, appends, commits, takes checkpoints and crashes, again and again over a ring so small
 * that it wraps every few records. What a mount replays is a prefix of what was appended, and no
 * less than was durable.
 */
class LogCrashTest {
    private static final int SEEDS_A_DEVICE = 50;
    private static final int MOUNTS_A_SEED = 5;

    private record Appended(long number, long endLsn) {}

    @Test
    @DisplayName("S9, S10: after any crash recovery finds a prefix, no less than was durable")
    void recoversAPrefixAfterAnyCrash() throws IOException {
        runSeeds(0, 3000, Mutants.NONE);
    }

    @ParameterizedTest
    @EnumSource(value = Mutant.class, names = {"BARRIER_DROPPED", "EPOCH_NOT_RENEWED"})
    void catchesABrokenProtocol(Mutant mutant) {
        assertThatThrownBy(() -> runSeeds(0, 3000, Mutants.of(mutant)))
                .isInstanceOf(AssertionError.class).hasMessageContaining("seed");
    }

    @Test
    @Tag("stress")
    @DisplayName("S9, S10: the same for many more seeds")
    void recoversAPrefixAfterAnyCrashOfManySeeds() throws IOException {
        runSeeds(1_000_000, 50_000, Mutants.NONE);
    }

    private static void runSeeds(int from, int count, Mutants mutants) throws IOException {
        var units = TracedDevice.Unit.values();
        for (int seed = from; seed < from + count; seed += SEEDS_A_DEVICE) {
            // Seeds share a device, so that each begins over the records of the ones before.
            var unit = units[seed / SEEDS_A_DEVICE % units.length];
            try (LogVolume volume = LogVolume.create(1, unit, mutants)) {
                var run = new Run(volume);
                for (int i = 0; i < SEEDS_A_DEVICE; i++) {
                    run.go(seed + i);
                }
                assertThat(volume.log.appendedLsn() / volume.geometry.ringLines())
                        .as("laps of the ring").isGreaterThan(20);
            }
        }
    }

    /** What one device went through, and the model beside it. */
    private static final class Run {
        private final LogVolume volume;
        /** Records that the newer slot's log start is followed by. */
        private final List<Appended> sinceStart = new ArrayList<>();
        private long nextNumber;

        Run(LogVolume volume) {
            this.volume = volume;
        }

        void go(int seed) throws IOException {
            var random = new Random(seed);
            for (int mount = 0; mount < MOUNTS_A_SEED; mount++) {
                work(random);
                long durable = volume.log.durableLsn();
                if (random.nextInt(4) == 0) {
                    crashInCommit(random);
                }
                volume.device.crash(LineFate.seeded(random.nextLong()));
                if (random.nextInt(4) == 0) {
                    crashWhileMounting(random);
                }
                String where = "seed " + seed + ", mount " + mount;
                checkReplayed(mount(where), durable, where);
            }
        }

        private void work(Random random) throws IOException {
            int steps = random.nextInt(20);
            for (int i = 0; i < steps; i++) {
                switch (random.nextInt(8)) {
                    case 0, 1 -> volume.log.commit(volume.log.appendedLsn());
                    case 2 -> checkpoint(random.nextInt(sinceStart.size() + 1));
                    default -> append(random);
                }
            }
        }

        private void append(Random random) throws IOException {
            int most = volume.geometry.maxPayloadBytes() - Long.BYTES;
            int filler = random.nextInt(random.nextBoolean() ? 24 : most + 1);
            while (volume.log.freeLines() < 2 * volume.geometry.maxRecordLines()) {
                checkpoint(sinceStart.size());
            }
            long number = nextNumber++;
            long end = volume.log.append(volume.fill(number, filler));
            sinceStart.add(new Appended(number, end));
        }

        private void checkpoint(int taken) throws IOException {
            volume.log.commit(volume.log.appendedLsn());
            volume.checkpointAt(taken > 0 ? sinceStart.get(taken - 1).endLsn() : volume.start);
            sinceStart.subList(0, taken).clear();
        }

        private void crashInCommit(Random random) throws IOException {
            append(random);
            volume.device.powerOffAfter(0);
            try {
                volume.log.commit(volume.log.appendedLsn());
            } catch (IOException shutDown) {
                assertThat(shutDown).hasRootCauseInstanceOf(PowerCutException.class);
            }
        }

        private void crashWhileMounting(Random random) throws IOException {
            volume.device.powerOffAfter(random.nextInt(3));
            try {
                volume.mount();
            } catch (IOException powerCut) {
                assertThat(powerCut).hasMessageContaining("power is off");
            }
            volume.device.crash(LineFate.seeded(random.nextLong()));
        }

        private List<Long> mount(String where) {
            try {
                return volume.mount();
            } catch (IOException refused) {
                throw new AssertionError("refused: " + where, refused);
            }
        }

        private void checkReplayed(List<Long> replayed, long durable, String where) {
            List<Long> appended = sinceStart.stream().map(Appended::number).toList();
            long mustBe = sinceStart.stream().filter(r -> r.endLsn() <= durable).count();
            assertThat(replayed.size()).as("records replayed, %s", where)
                    .isBetween((int) mustBe, appended.size());
            assertThat(replayed).as(where).isEqualTo(appended.subList(0, replayed.size()));
            sinceStart.subList(replayed.size(), sinceStart.size()).clear();
        }
    }
}
