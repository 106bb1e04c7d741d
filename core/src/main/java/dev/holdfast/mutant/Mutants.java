package dev.holdfast.mutant;

/** The set of mutants that are on for one volume. Immutable; testing one costs a mask. */
public final class Mutants {
    /** No mutant: what every volume outside a test runs with. */
    public static final Mutants NONE = new Mutants(0);

    private final long mask;

    private Mutants(long mask) {
        this.mask = mask;
    }

    /** Returns the set of the given mutants. */
    public static Mutants of(Mutant... mutants) {
        long mask = 0;
        for (Mutant mutant : mutants) {
            mask |= 1L << mutant.ordinal();
        }
        return new Mutants(mask);
    }

    /** Tells whether {@code mutant} is on. */
    public boolean on(Mutant mutant) {
        return (mask & 1L << mutant.ordinal()) != 0;
    }
}
