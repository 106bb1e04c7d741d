package dev.holdfast.explore.junit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Volume;
import java.io.IOException;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;

/** A crash test that is not written right says what is not. */
class MisuseTest {
    @Disabled(Launched.ONLY)
    @CrashTest
    static class NoRecover {
        @Workload
        void work(Volume volume) {}
    }

    @Test
    void aClassNeedsARecoverMethod() {
        assertThat(Launched.run(NoRecover.class).message()).contains("NoRecover")
                .contains("has no @Recover method: write one that takes a Volume and Acknowledged");
    }

    @Disabled(Launched.ONLY)
    @CrashTest
    static class TwoRecovers extends NoRecover {
        @Recover
        void one(Volume volume) {}

        @Recover
        void two(Volume volume) {}
    }

    @Test
    void itNeedsOneOnly() {
        assertThat(Launched.run(TwoRecovers.class).message())
                .contains("has 2 @Recover methods", "one", "two");
    }

    @Disabled(Launched.ONLY)
    @CrashTest
    static class TwoWorkloads {
        @Workload
        void one(Volume volume) {}

        @Workload
        void two(Volume volume) {}

        @Recover
        void recover(Volume volume) {}
    }

    @Test
    void andOneWorkload() {
        Launched launched = Launched.run(TwoWorkloads.class);

        assertThat(launched.failures()).hasSize(2).allSatisfy(failure ->
                assertThat(failure).hasMessageContaining("has 2 @Workload methods"));
    }

    @Disabled(Launched.ONLY)
    @CrashTest
    static class WrongParameters {
        @Workload
        void work(Volume volume, String name) {}

        @Recover
        void recover(Volume volume) {}
    }

    @Disabled(Launched.ONLY)
    @CrashTest
    static class WrongAcks extends NoRecover {
        @Recover
        void recover(Volume volume, Acks acks) {}
    }

    @Disabled(Launched.ONLY)
    @CrashTest
    static class VolumeTwice extends NoRecover {
        @Recover
        void recover(Volume volume, Volume other) {}
    }

    @Disabled(Launched.ONLY)
    @CrashTest
    static class NoParameters extends NoRecover {
        @Recover
        void recover() {}
    }

    @Test
    void theMethodsTakeWhatThereIs() {
        assertThat(Launched.run(WrongParameters.class).message()).contains(
                "@Workload method work takes (Volume, String): it may take a Volume and Acks");
        assertThat(Launched.run(WrongAcks.class).message()).contains(
                "recover takes (Volume, Acks): it may take a Volume and Acknowledged");
        assertThat(Launched.run(VolumeTwice.class).message()).contains("each once");
        assertThat(Launched.run(NoParameters.class).message()).contains("takes ()");
    }

    @Disabled(Launched.ONLY)
    @CrashTest
    static class ReturnsSomething extends NoRecover {
        @Recover
        boolean recover(Volume volume) {
            return true;
        }
    }

    @Disabled(Launched.ONLY)
    @CrashTest
    static class StaticRecover extends NoRecover {
        @Recover
        static void recover(Volume volume) {}
    }

    @Test
    void theyReturnNothingAndAreOfTheInstance() {
        assertThat(Launched.run(ReturnsSomething.class).message())
                .contains("@Recover method recover must return nothing");
        assertThat(Launched.run(StaticRecover.class).message())
                .contains("@Recover method recover must not be static or private");
    }

    @Disabled(Launched.ONLY)
    static class NotMarked {
        @Workload
        void work(Volume volume) {}

        @Recover
        void recover(Volume volume) {}
    }

    @Test
    void theClassIsMarked() {
        assertThat(Launched.run(NotMarked.class).message())
                .contains("has a @Workload method, and not the annotation @CrashTest");
    }

    @Disabled(Launched.ONLY)
    @CrashTest(volumeBytes = 1 << 20)
    static class StoresNothing {
        @Workload
        void work(Volume volume, Acks acks) throws IOException {
            volume.exists("/anything");
            acks.ack("nothing");
        }

        @Recover
        void recover(Volume volume) {}
    }

    @Test
    void theWorkloadHasToStoreSomething() {
        assertThat(Launched.run(StoresNothing.class).message())
                .contains("StoresNothing had no crash points: the workload stored nothing");
    }

    @Disabled(Launched.ONLY)
    @CrashTest(volumeBytes = 1 << 20)
    static class FailsItself {
        @Workload
        void work(Volume volume) throws IOException {
            volume.createFile("/file").close();
            throw new IOException("of the workload");
        }

        @Recover
        void recover(Volume volume) {
            throw new AssertionError("never called");
        }
    }

    @Test
    void aWorkloadThatFailsIsAnOrdinaryFailure() {
        Launched launched = Launched.run(FailsItself.class);

        assertThat(launched.message()).isEqualTo("of the workload");
        assertThat(launched.report()).isEmpty();
    }
}
