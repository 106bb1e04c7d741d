package dev.holdfast.explore.junit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.CommitPolicy;
import dev.holdfast.DaxFile;
import dev.holdfast.Volume;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;

/** What a crash test runs, in which order, and what it says. */
class CrashTestRunTest {
    private static final int MIB = 1 << 20;

    @Disabled(Launched.ONLY)
    @CrashTest(volumeBytes = MIB)
    static class Ordinary {
        private static final AtomicInteger RECOVERED = new AtomicInteger();

        @BeforeEach
        void before(Volume volume) throws IOException {
            volume.createDirectory("/before");
        }

        @Workload
        void work(Acks acks, Volume volume) throws IOException {
            volume.createFile("/file").close();
            volume.sync();
            acks.ack("file");
        }

        @Test
        void anOrdinaryTestBesideIt() {
            assertThat(RECOVERED).isNotNull();
        }

        @Recover
        void recovered(Acknowledged acks, Volume volume) throws IOException {
            RECOVERED.incrementAndGet();
            assertThat(volume.exists("/before")).isTrue();
            assertThat(volume.exists("/file") || !acks.contains("file")).isTrue();
            // Undone before the next state.
            volume.createFile("/of this state").close();
        }
    }

    @Test
    void recoversEveryStateAndPublishesHowManyThereWere() {
        Launched launched = Launched.run(Ordinary.class);

        assertThat(launched.failures()).isEmpty();
        assertThat(launched.tests()).isEqualTo(2);
        assertThat(launched.reported("crashPoints")).isGreaterThan(1);
        assertThat(launched.reported("states")).isEqualTo(Ordinary.RECOVERED.get())
                .isGreaterThan(launched.reported("distinctStates"));
        assertThat(launched.report()).containsEntry("violations", "0")
                .containsEntry("exhaustive", "true");
    }

    /** Replies before anything is durable. */
    abstract static class RepliesEarly {
        @Workload
        void work(Volume volume, Acks acks) throws IOException {
            try (DaxFile file = volume.createFile("/file")) {
                file.append(ByteBuffer.wrap(new byte[] {1}));
                acks.ack("a byte");
            }
        }

        @Recover
        void recovered(Volume volume, Acknowledged acks) throws IOException {
            assertThat(volume.exists("/file") || acks.count() == 0).as("the file").isTrue();
        }
    }

    @Disabled(Launched.ONLY)
    @CrashTest(volumeBytes = MIB)
    static class RepliesEarlyLazy extends RepliesEarly {}

    @Disabled(Launched.ONLY)
    @CrashTest(volumeBytes = MIB, policy = CommitPolicy.ALWAYS)
    static class RepliesEarlyAlways extends RepliesEarly {}

    @Test
    void thePolicyDecidesWhetherThatIsRight() {
        assertThat(Launched.run(RepliesEarlyLazy.class).message())
                .contains("[the file]", "after ack a byte", "log record at LSN ")
                .contains("Would have helped\n    an fsync of the file, or a sync mapping before "
                + "ack a byte");
        assertThat(Launched.run(RepliesEarlyAlways.class).failures()).isEmpty();
    }

    @Disabled(Launched.ONLY)
    @CrashTest(volumeBytes = MIB)
    static class Throws extends RepliesEarly {
        @Override
        @Recover
        void recovered(Volume volume, Acknowledged acks) throws IOException {
            volume.openFile("/file").close();
        }
    }

    @Test
    void anyExceptionOfTheRecoverMethodIsAViolation() {
        Launched launched = Launched.run(Throws.class);

        assertThat(launched.message()).contains("HoldfastException: /file");
        assertThat(launched.failures().getFirst()).isInstanceOf(CrashTestFailure.class)
                .hasCauseInstanceOf(HoldfastException.class);
    }

    @Disabled(Launched.ONLY)
    @CrashTest(volumeBytes = MIB)
    static class AlwaysWrong extends RepliesEarly {
        @Override
        @Recover
        void recovered(Volume volume, Acknowledged acks) {
            throw new AssertionError("whatever was kept");
        }
    }

    @Test
    void aFailureThatIsNoLossSaysSo() {
        assertThat(Launched.run(AlwaysWrong.class).message())
                .contains("Lost\n    nothing: all that was stored by then had reached the medium")
                .doesNotContain("Would have helped");
    }

    private static String replayed(String message) {
        String key = "-D" + CrashTest.REPLAY_PROPERTY + "=";
        return message.lines().filter(line -> line.contains(key)).findFirst().orElseThrow()
                .replaceFirst(".*" + key, "").replace("'", "");
    }

    @Test
    void aFailureIsReplayedByItsLine() {
        String first = Launched.run(RepliesEarlyLazy.class).message();
        Launched again = Launched.run(RepliesEarlyLazy.class,
                Map.of(CrashTest.REPLAY_PROPERTY, replayed(first)));

        assertThat(first).contains("mvn test '-Dtest=CrashTestRunTest$RepliesEarlyLazy' "
                + "'-Dholdfast.replay=CrashTestRunTest$RepliesEarlyLazy:hf1/");
        assertThat(again.message()).contains("Explored\n    one state, replayed");
        assertThat(again.message().lines().takeWhile(line -> !line.contains("Explored")).toList())
                .isEqualTo(first.lines().takeWhile(line -> !line.contains("Explored")).toList());
        assertThat(again.report()).doesNotContainKey("states");
    }

    @Test
    void aLineOfAnotherClassIsNotItsOwn() {
        Launched launched = Launched.run(RepliesEarlyAlways.class, Map.of(
                CrashTest.REPLAY_PROPERTY,
                replayed(Launched.run(RepliesEarlyLazy.class).message())));

        assertThat(launched.failures()).isEmpty();
        assertThat(launched.report()).containsKey("states");
    }

    @Disabled(Launched.ONLY)
    @CrashTest(volumeBytes = MIB)
    static class DependsOnTheTime extends RepliesEarly {
        private static int run;

        @Override
        @Workload
        void work(Volume volume, Acks acks) throws IOException {
            volume.createDirectory("/run " + run++);
            super.work(volume, acks);
        }
    }

    @Test
    void aWorkloadThatIsNotTheSameEachTimeIsSaidToBeSo() {
        String first = Launched.run(DependsOnTheTime.class).message();

        assertThat(Launched.run(DependsOnTheTime.class,
                Map.of(CrashTest.REPLAY_PROPERTY, replayed(first))).message())
                .contains("DependsOnTheTime cannot be replayed")
                .contains("must do the same each time it runs");
    }

    @Disabled(Launched.ONLY)
    @CrashTest(volumeBytes = MIB, stateLimitMillis = 200)
    static class Hangs extends RepliesEarly {
        @Override
        @Recover
        void recovered(Volume volume, Acknowledged acks) throws IOException {
            while (acks.count() == 1 && !volume.exists("/file")) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void aRecoverMethodThatDoesNotReturnIsReportedWithItsStack() {
        Launched launched = Launched.run(Hangs.class);

        assertThat(launched.message()).contains("did not return: still running after 200 ms, at ")
                .contains("Lost\n    log record at LSN ")
                .contains("-D" + CrashTest.REPLAY_PROPERTY + "=CrashTestRunTest$Hangs:hf1/");
        assertThat(List.of(launched.failures().getFirst().getCause().getCause().getStackTrace()))
                .anySatisfy(frame -> assertThat(frame.getMethodName()).isEqualTo("recovered"));
    }

    @Disabled(Launched.ONLY)
    @CrashTest(volumeBytes = MIB)
    static class Keys {
        @Workload
        void work(Volume volume, Acks acks) throws IOException {
            for (int value = 1; value <= 2; value++) {
                acks.begin("key", value);
                volume.createDirectory("/" + value);
                volume.sync();
                acks.ack("key", value);
            }
        }

        @Recover
        void recovered(Volume volume, Acknowledged acks) throws IOException {
            Object acknowledged = acks.values().get("key");
            List<Acks.Entry> entries = acks.all(Acks.Entry.class);

            assertThat(entries).hasSize(acks.count());
            assertThat(acknowledged).isEqualTo(
                    entries.isEmpty() ? null : entries.getLast().value());
            for (int value = 1; value <= 2; value++) {
                boolean known = acks.contains(new Acks.Entry("key", value));
                boolean begun = acks.inFlight().contains(new Acks.Entry("key", value));
                assertThat(volume.exists("/" + value)).isIn(known, known || begun);
            }
        }
    }

    @Test
    void keysAndValuesAreKnownUpToTheCrashAndWhatIsInFlightIsTold() {
        assertThat(Launched.run(Keys.class).failures()).isEmpty();
    }

    @Disabled(Launched.ONLY)
    @CrashTest(volumeBytes = MIB, policy = CommitPolicy.ALWAYS, states = 3)
    static class Bounded extends RepliesEarly {}

    @Test
    void aBoundThatCutsTheExplorationShortIsTold() {
        assertThat(Launched.run(Bounded.class).report()).containsEntry("states", "3")
                .containsEntry("exhaustive", "false").containsKey("left");
    }

    @Disabled(Launched.ONLY)
    @CrashTest(volumeBytes = MIB, policy = CommitPolicy.ALWAYS, torn = true)
    static class Torn extends RepliesEarly {}

    @Disabled(Launched.ONLY)
    @CrashTest(volumeBytes = MIB, policy = CommitPolicy.ALWAYS, medium = TracedDevice.Unit.PAGE)
    static class Pages extends RepliesEarly {}

    @Test
    void theMediumDecidesWhatReachesItByItself() {
        long ofWords = Launched.run(Torn.class).reported("images");
        long ofLines = Launched.run(RepliesEarlyAlways.class).reported("images");
        long ofPages = Launched.run(Pages.class).reported("images");

        assertThat(List.of(ofPages, ofLines, ofWords)).isSorted().doesNotHaveDuplicates();
    }
}
