package dev.holdfast.explore;

import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.explore.medium.Recorder;
import dev.holdfast.explore.medium.Recording;
import dev.holdfast.fs.ManualBackground;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.SplittableRandom;

/** Records workloads on small volumes. */
public final class Lab {
    private static final long SIZE_BYTES = 1 << 20;
    private static final long CLOCK_NANOS = 1_700_000_000_000_000_000L;

    private Lab() {}

    /** Stores and persists on a volume while a recorder listens. */
    public interface Workload {
        void run(Volume volume, Recorder recorder) throws IOException;
    }

    /** Returns deterministic options with mutants. */
    public static VolumeOptions options(long seed, Mutant... mutants) {
        return VolumeLab.withMutants(VolumeLab.deterministic(VolumeOptions.defaults(),
                ManualBackground::new, () -> CLOCK_NANOS, new SplittableRandom(seed)),
                Mutants.of(mutants));
    }

    /** Records a workload on an empty volume on line media; recovery is without mutants. */
    public static Recording record(Workload workload, Mutant... mutants) throws IOException {
        return record(TracedDevice.Unit.LINE, workload, mutants);
    }

    public static Recording record(TracedDevice.Unit unit, Workload workload, Mutant... mutants)
            throws IOException {
        try (TracedDevice device = TracedDevice.create(SIZE_BYTES, unit)) {
            Volume.create(device, options(1)).close();
            Recorder recorder;
            try (Volume volume = Volume.open(device, options(2, mutants))) {
                recorder = Recorder.start(device, false);
                workload.run(volume, recorder);
                recorder.stop();
            }
            return recorder.stop(options(3));
        }
    }
}
