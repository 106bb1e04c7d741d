package dev.holdfast;

import dev.holdfast.dax.FaultTracer;
import dev.holdfast.dax.SyncPolicy;
import dev.holdfast.fs.Background;
import dev.holdfast.fs.BackgroundThread;
import dev.holdfast.fs.BlockRun;
import dev.holdfast.fs.MountOptions;
import dev.holdfast.mutant.Mutants;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** How a volume is opened. Immutable; each method returns a changed copy. */
public final class VolumeOptions {
    private final boolean readOnly;
    private final CommitPolicy commitPolicy;
    private final Internals internals;

    /** What tests and tools of the project set; see {@link #with(Internals)}. */
    record Internals(Supplier<Background> background, LongSupplier nowNanos, RandomGenerator random,
            Mutants mutants, SyncPolicy syncPolicy, FaultTracer tracer, List<BlockRun> withheld) {}

    private VolumeOptions(boolean readOnly, CommitPolicy commitPolicy, Internals internals) {
        this.readOnly = readOnly;
        this.commitPolicy = commitPolicy;
        this.internals = internals;
    }

    /** Returns the defaults: reading and writing, policy {@link CommitPolicy#LAZY}. */
    public static VolumeOptions defaults() {
        return new VolumeOptions(false, CommitPolicy.LAZY, new Internals(BackgroundThread::new,
                new WallClock(), RandomGenerator.getDefault(), Mutants.NONE, SyncPolicy.WRITES,
                FaultTracer.NONE, List.of()));
    }

    /** Opens for reading only. */
    public VolumeOptions readOnly() {
        return new VolumeOptions(true, commitPolicy, internals);
    }

    /** Sets when changes become durable. */
    public VolumeOptions commitPolicy(CommitPolicy policy) {
        return new VolumeOptions(readOnly, policy, internals);
    }

    boolean isReadOnly() {
        return readOnly;
    }

    Internals internals() {
        return internals;
    }

    VolumeOptions with(Internals other) {
        return new VolumeOptions(readOnly, commitPolicy, other);
    }

    MountOptions mountOptions() {
        return new MountOptions(readOnly, commitPolicy == CommitPolicy.ALWAYS, internals.syncPolicy,
                internals.background.get(), internals.nowNanos, internals.random,
                internals.mutants, internals.tracer, internals.withheld);
    }
}
