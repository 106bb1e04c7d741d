package dev.holdfast.fuse;

/**
 * The seeds of random tests: the same in every run, unless {@code -Dholdfast.seed} says another.
 */
final class Seeds {
    private static final long FIRST = Long.getLong("holdfast.seed", 20261122);

    private Seeds() {}

    /** Returns the n-th seed. */
    static long seed(int n) {
        return FIRST + n;
    }
}
