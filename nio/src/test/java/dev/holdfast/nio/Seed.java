package dev.holdfast.nio;

/**
 * The seed of a random test: always the same one, so that a run can be repeated, or what {@code
 * -Dholdfast.seed} says. Tests name it when they fail.
 */
final class Seed {
    private Seed() {}

    static long get() {
        return Long.getLong("holdfast.seed", 20_261_122);
    }
}
