package dev.holdfast.explore;

import dev.holdfast.Volume;

/**
 * Decides over one recovered volume. Called for every state that is explored, thousands of times a
 * second, in one thread.
 */
@FunctionalInterface
public interface Judge {
    /**
     * Throws when the volume is in a state that a crash at this point must not leave; any exception
     * counts, a {@link Violation} says it best. The volume may be read, written and mapped;
     * whatever is changed is undone before the next state. It need not be closed, and nothing of it
     * may be kept: its memory shows the next state as soon as this returns.
     */
    void judge(Volume recovered, CrashPoint point) throws Exception;
}
