package dev.holdfast.dax;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.mutant.Mutants;

/**
 * What the address spaces of one volume share.
 *
 * @param device where pfns point: pfn = device offset / 4096
 * @param syncPolicy which faults of a sync mapping wait for metadata
 * @param hugeZeroPage whether 2 MiB of zeroes can be mapped; without, reads of huge holes fall back
 * @param mutants how the protocol is broken, for a test
 */
public record DaxContext(
        DaxDevice device,
        SyncPolicy syncPolicy,
        boolean hugeZeroPage,
        Mutants mutants,
        FaultCounters faults,
        WritebackCounters writebacks,
        FaultTracer tracer) {

    /** Returns the context every volume outside a test runs with. */
    public static DaxContext of(DaxDevice device) {
        return new DaxContext(device, SyncPolicy.WRITES, true, Mutants.NONE, new FaultCounters(),
                new WritebackCounters(), FaultTracer.NONE);
    }

    /** Returns this context with another policy. */
    public DaxContext with(SyncPolicy other) {
        return new DaxContext(device, other, hugeZeroPage, mutants, faults, writebacks, tracer);
    }

    /** Returns this context with other mutants. */
    public DaxContext with(Mutants other) {
        return new DaxContext(device, syncPolicy, hugeZeroPage, other, faults, writebacks, tracer);
    }

    /** Returns this context with another tracer. */
    public DaxContext with(FaultTracer other) {
        return new DaxContext(device, syncPolicy, hugeZeroPage, mutants, faults, writebacks, other);
    }

    /** Returns this context without a huge zero page. */
    public DaxContext withoutHugeZeroPage() {
        return new DaxContext(device, syncPolicy, false, mutants, faults, writebacks, tracer);
    }
}
