package dev.holdfast.explore.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.file.RenameMode;
import java.io.IOException;
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
    @DisplayName("S10 What an operation stored before the power went in it may be found")
    void aTornStoreBearsTheGenerationItWasPlayedUnder() throws IOException {
        try (Session session = new Session(Lab.drawn(1_000_094))) {
            session.step(new Op.Mkdir("/e"));
            session.step(new Op.Creat("/a"));
            session.step(new Op.Creat("/e/b"));
            session.step(new Op.Pwrite("/e/b", 75_640, 293, 15));
            session.step(new Op.Rename("/e/b", "/a", RenameMode.EXCHANGE));
            session.step(new Op.PowerOff(1));
            session.step(new Op.Pwrite("/a", 41_560, 1191, 16));
            assertThat(session.isOff()).isTrue();
            session.finish();
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
