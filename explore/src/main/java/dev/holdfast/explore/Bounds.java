package dev.holdfast.explore;

import java.time.Duration;

/**
 * How far an exploration goes. Immutable.
 *
 * @param exhaustiveImages at a crash point that can leave at most so many images every one of them
 *     is explored; otherwise a selection
 * @param subset selections have all sets of up to so many pieces kept, and of so many lost
 * @param maxStates states to stop after
 * @param budget time to stop after
 * @param torn whether lines tear into 8-byte words, and pages into sectors of 512 bytes
 * @param seed what random choices depend on
 * @param recoveryEvery of each so many-th recovered state with new metadata, the first among them,
 *     the recovery is recorded and crashed too; 1 is of each, 0 of none
 * @param appendEvery after the recovery of each so many-th, more is appended, recorded and crashed
 * @param worksEvery on each so many-th the volume is used, closed, checked and mounted again
 * @param maxViolations violations to stop after
 * @param fromPosition crash points before this position of the trace are left out: another
 *     recording with the same beginning had them
 */
public record Bounds(
        long exhaustiveImages,
        int subset,
        long maxStates,
        Duration budget,
        boolean torn,
        long seed,
        int recoveryEvery,
        int appendEvery,
        int worksEvery,
        int maxViolations,
        long fromPosition) {
    /** Returns 1024 images, subsets of 2, no limit of states or time, one violation. */
    public static Bounds defaults() {
        return new Bounds(1024, 2, Long.MAX_VALUE, Duration.ofDays(1), false, 1, 8, 16, 4, 1, 0);
    }

    /** Sets up to how many images a crash point is explored whole. */
    public Bounds exhaustiveImages(long images) {
        return new Bounds(images, subset, maxStates, budget, torn, seed, recoveryEvery,
                appendEvery, worksEvery, maxViolations, fromPosition);
    }

    /** Sets the size of the subsets selected. */
    public Bounds subset(int pieces) {
        return new Bounds(exhaustiveImages, pieces, maxStates, budget, torn, seed, recoveryEvery,
                appendEvery, worksEvery, maxViolations, fromPosition);
    }

    /** Sets how many states are explored at most. */
    public Bounds maxStates(long states) {
        return new Bounds(exhaustiveImages, subset, states, budget, torn, seed, recoveryEvery,
                appendEvery, worksEvery, maxViolations, fromPosition);
    }

    /** Sets how long is explored at most. */
    public Bounds budget(Duration time) {
        return new Bounds(exhaustiveImages, subset, maxStates, time, torn, seed, recoveryEvery,
                appendEvery, worksEvery, maxViolations, fromPosition);
    }

    /** Sets whether lines tear into words. */
    public Bounds torn(boolean tear) {
        return new Bounds(exhaustiveImages, subset, maxStates, budget, tear, seed, recoveryEvery,
                appendEvery, worksEvery, maxViolations, fromPosition);
    }

    /** Sets what random choices depend on. */
    public Bounds seed(long newSeed) {
        return new Bounds(exhaustiveImages, subset, maxStates, budget, torn, newSeed,
                recoveryEvery, appendEvery, worksEvery, maxViolations, fromPosition);
    }

    /** Sets of which recovered states the recovery, and a continuation, are crashed too. */
    public Bounds nested(int recoveryOfEach, int appendToEach) {
        return new Bounds(exhaustiveImages, subset, maxStates, budget, torn, seed, recoveryOfEach,
                appendToEach, worksEvery, maxViolations, fromPosition);
    }

    /** Sets on which recovered states the volume is used. */
    public Bounds worksEvery(int states) {
        return new Bounds(exhaustiveImages, subset, maxStates, budget, torn, seed, recoveryEvery,
                appendEvery, states, maxViolations, fromPosition);
    }

    /** Sets after how many violations to stop. */
    public Bounds maxViolations(int violations) {
        return new Bounds(exhaustiveImages, subset, maxStates, budget, torn, seed, recoveryEvery,
                appendEvery, worksEvery, violations, fromPosition);
    }

    /** Sets where in the trace to begin. */
    public Bounds fromPosition(long position) {
        return new Bounds(exhaustiveImages, subset, maxStates, budget, torn, seed, recoveryEvery,
                appendEvery, worksEvery, maxViolations, position);
    }
}
