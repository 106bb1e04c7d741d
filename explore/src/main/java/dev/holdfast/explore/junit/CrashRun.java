package dev.holdfast.explore.junit;

import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.explore.Bounds;
import dev.holdfast.explore.agent.Forces;
import dev.holdfast.explore.medium.Recorder;
import dev.holdfast.explore.medium.Recording;
import dev.holdfast.fs.ManualBackground;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;

/**
 * The volume of one run of a crash test.
 *
 * <ol>
 *   <li>made, empty; methods for before each test may use it;
 *   <li>{@link #begin}: from here on everything is recorded;
 *   <li>the workload runs;
 *   <li>{@link #end} gives the recording;
 *   <li>{@link #close}.
 * </ol>
 */
final class CrashRun implements AutoCloseable {
    /** Any time will do, but the same each time. */
    private static final long NOW_NANOS = 1_767_225_600_000_000_000L;
    private static final long RANDOM_SEED = 20171101;
    private static final int RECOVERY_EVERY = 32;

    private final CrashTest config;
    private final TracedDevice device;
    private final ManualBackground background = new ManualBackground();
    private final Volume volume;
    private Recorder recorder;
    private Forces forces;
    private AckLog acks;

    CrashRun(CrashTest config) throws IOException {
        this.config = config;
        device = TracedDevice.create(config.volumeBytes(), config.medium());
        Volume made = null;
        try {
            made = Volume.create(device, VolumeLab.deterministic(options(), () -> background,
                    () -> NOW_NANOS, new Random(RANDOM_SEED)));
        } finally {
            if (made == null) {
                device.close();
            }
        }
        volume = made;
    }

    private VolumeOptions options() {
        return VolumeOptions.defaults().commitPolicy(config.policy());
    }

    Volume volume() {
        return volume;
    }

    /** Makes durable what there is, and records what comes. Idempotent. */
    AckLog begin() throws IOException {
        if (recorder != null) {
            return acks;
        }
        background.tick();
        volume.sync();
        recorder = Recorder.start(device, true);
        forces = Forces.hear(volume);
        acks = new AckLog(recorder);
        return acks;
    }

    /** Ends recording. */
    Recording end() {
        forces.close();
        return recorder.stop(options());
    }

    /** Of what follows a recovery only a crash in it is explored: the rest is the volume's own. */
    Bounds bounds() {
        return Bounds.defaults().nested(RECOVERY_EVERY, 0).worksEvery(0)
                .exhaustiveImages(config.exhaustiveImages())
                .subset(config.subset())
                .maxStates(config.states())
                .budget(Duration.ofSeconds(config.budgetSeconds()))
                .torn(config.torn())
                .seed(config.seed());
    }

    /** Lets go of the memory; what a workload left open on the volume does not matter any more. */
    @Override
    public void close() {
        if (forces != null) {
            forces.close();
        }
        device.listen(null);
        device.close();
    }
}
