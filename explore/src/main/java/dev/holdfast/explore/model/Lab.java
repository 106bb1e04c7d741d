package dev.holdfast.explore.model;

import dev.holdfast.CommitPolicy;
import dev.holdfast.VolumeLab;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.LineFate;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.fs.ManualBackground;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.util.Random;

/**
 * What a crash test runs on.
 *
 * @param sizeBytes of the volume
 * @param unit of durability of the medium
 * @param tears whether a crash may tear units into 8-byte words
 */
public record Lab(long sizeBytes, TracedDevice.Unit unit, boolean tears, CommitPolicy policy,
        Mutants mutants) {
    private static final long FIRST_NANOS = 1_700_000_000_000_000_000L;

    /** Draws all but the mutants from a seed. */
    static Lab drawn(long seed, Mutant... mutants) {
        Random random = new Random(seed * 31 + 7);
        TracedDevice.Unit unit = random.nextInt(4) > 0 ? TracedDevice.Unit.LINE
                : random.nextBoolean() ? TracedDevice.Unit.SECTOR : TracedDevice.Unit.PAGE;
        return new Lab((1L << 20) * (1 << random.nextInt(3)), unit, random.nextInt(4) > 0,
                random.nextInt(4) == 0 ? CommitPolicy.ALWAYS : CommitPolicy.LAZY,
                Mutants.of(mutants));
    }

    /** Returns the smallest volume on memory, whose lines may tear. */
    public static Lab small() {
        return new Lab(1 << 20, TracedDevice.Unit.LINE, true, CommitPolicy.LAZY, Mutants.NONE);
    }

    /** Sets the mutants. */
    public Lab with(Mutants newMutants) {
        return new Lab(sizeBytes, unit, tears, policy, newMutants);
    }

    /** Sets the size. */
    public Lab sized(long newSizeBytes) {
        return new Lab(newSizeBytes, unit, tears, policy, mutants);
    }

    /** Sets the commit policy. */
    public Lab with(CommitPolicy newPolicy) {
        return new Lab(sizeBytes, unit, tears, newPolicy, mutants);
    }

    /** Sets the unit of durability. */
    public Lab on(TracedDevice.Unit newUnit) {
        return new Lab(sizeBytes, newUnit, tears, policy, mutants);
    }

    LineFate fate(long seed) {
        return tears ? LineFate.seeded(seed)
                : LineFate.whole(unit.bytes(), LineFate.seeded(seed));
    }

    /** A clock that a test moves on. */
    static final class Clock {
        long nanos = FIRST_NANOS;
    }

    VolumeOptions options(ManualBackground background, Clock clock, long seed) {
        return VolumeLab.withMutants(
                VolumeLab.deterministic(VolumeOptions.defaults().commitPolicy(policy),
                        () -> background, () -> clock.nanos, new Random(seed)), mutants);
    }

    @Override
    public String toString() {
        return "volume of " + (sizeBytes >> 20) + " MiB, " + unit + (tears ? ", torn" : ", whole")
                + ", " + policy;
    }
}
