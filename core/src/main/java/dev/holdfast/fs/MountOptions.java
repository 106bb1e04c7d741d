package dev.holdfast.fs;

import dev.holdfast.dax.FaultTracer;
import dev.holdfast.dax.SyncPolicy;
import dev.holdfast.mutant.Mutants;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * How a volume is mounted.
 *
 * @param readOnly nothing is changed by callers; recovery does write, so the device is a private
 *     view
 * @param alwaysDurable every call's change is durable when it returns (policy {@code always})
 * @param syncPolicy which faults of a sync mapping wait
 * @param background runs what need not be done at once
 * @param nowNanos the clock: nanoseconds since 1970
 * @param random source of epochs
 * @param mutants how the protocol is broken, for a test
 * @param tracer hears each step of a fault
 * @param withheld blocks that clients of an earlier mount may still map: nobody is given one, and
 *     no orphan is deleted, until {@link Mappings#resumed}
 */
public record MountOptions(
        boolean readOnly,
        boolean alwaysDurable,
        SyncPolicy syncPolicy,
        Background background,
        LongSupplier nowNanos,
        RandomGenerator random,
        Mutants mutants,
        FaultTracer tracer,
        List<BlockRun> withheld) {}
