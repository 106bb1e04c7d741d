package dev.holdfast.explore.model;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Random operations and crashes against the model. */
class CrashModelTest {
    private static final int LENGTH = 150;

    @Test
    @DisplayName("S9 S10 R7 Z2 After any crash the volume is a prefix of the operations")
    void recoversAPrefixOfTheOperations() {
        for (long seed = 0; seed < 80; seed++) {
            Trial.run(Lab.drawn(seed), seed, LENGTH);
        }
    }

    @Test
    @Tag("stress")
    @DisplayName("The same for many more seeds, and longer")
    void recoversAPrefixOfManyMoreOperations() {
        for (long seed = 1_000_000; seed < 1_010_000; seed++) {
            Trial.run(Lab.drawn(seed), seed, seed % 10 == 0 ? 10 * LENGTH : LENGTH);
        }
    }
}
