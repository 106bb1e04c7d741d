package dev.holdfast;

import dev.holdfast.dax.FaultTracer;
import dev.holdfast.dax.SyncPolicy;
import dev.holdfast.fs.Background;
import dev.holdfast.fs.BlockRun;
import dev.holdfast.fs.FileSystem;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What this project's own tests, demo and tools set and see and no user needs: mutants, tracers,
 * clocks, deterministic background. May change at any time.
 */
public final class VolumeLab {
    private VolumeLab() {}

    /** Returns options under which the protocol is broken. */
    public static VolumeOptions withMutants(VolumeOptions options, Mutants mutants) {
        var i = options.internals();
        return options.with(new VolumeOptions.Internals(i.background(), i.nowNanos(), i.random(),
                mutants, i.syncPolicy(), i.tracer(), i.withheld()));
    }

    /** Returns options under which each step of a fault is heard. */
    public static VolumeOptions withTracer(VolumeOptions options, FaultTracer tracer) {
        var i = options.internals();
        return options.with(new VolumeOptions.Internals(i.background(), i.nowNanos(), i.random(),
                i.mutants(), i.syncPolicy(), tracer, i.withheld()));
    }

    /** Returns options under which other faults wait for metadata. */
    public static VolumeOptions withSyncPolicy(VolumeOptions options, SyncPolicy policy) {
        var i = options.internals();
        return options.with(new VolumeOptions.Internals(i.background(), i.nowNanos(), i.random(),
                i.mutants(), policy, i.tracer(), i.withheld()));
    }

    /** Returns options under which everything that is not the caller's is decided by the test. */
    public static VolumeOptions deterministic(VolumeOptions options,
            Supplier<Background> background, LongSupplier nowNanos, RandomGenerator random) {
        var i = options.internals();
        return options.with(new VolumeOptions.Internals(background, nowNanos, random,
                i.mutants(), i.syncPolicy(), i.tracer(), i.withheld()));
    }

    /**
     * Returns options under which blocks that clients of an earlier mount may still map are given
     * to nobody until {@code fileSystem(volume).mappings().resumed()}.
     */
    public static VolumeOptions withheld(VolumeOptions options, List<BlockRun> blocks) {
        var i = options.internals();
        return options.with(new VolumeOptions.Internals(i.background(), i.nowNanos(), i.random(),
                i.mutants(), i.syncPolicy(), i.tracer(), List.copyOf(blocks)));
    }

    /**
     * Does the zeroing and stocking ahead that is wanted now, in the calling thread: until then the
     * next faults may have to wait for it.
     */
    public static void stock(Volume volume) throws IOException {
        volume.fileSystem().stock();
    }

    /** Returns the file system under a volume. */
    public static FileSystem fileSystem(Volume volume) {
        return volume.fileSystem();
    }
}
