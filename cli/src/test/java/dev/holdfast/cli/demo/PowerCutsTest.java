package dev.holdfast.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PowerCutsTest {
    private static final int STATES = 200;

    @Test
    @DisplayName("S10: no acknowledged line of a sync mapping is lost")
    void aSyncMappingLosesNothing() throws IOException {
        for (long seed = 0; seed < 2; seed++) {
            PowerCuts.Outcome outcome =
                    new PowerCuts(seed * 1000).run(PowerCuts.Variant.SYNC, STATES);
            assertThat(outcome.lost()).as("seed " + seed).isZero();
            assertThat(outcome.states()).isEqualTo(STATES);
            assertThat(outcome.stored()).isGreaterThan(outcome.acknowledged());
        }
    }

    @Test
    @DisplayName("S10: without its fdatasync it does, and that is seen")
    void theMutantIsCaught() throws IOException {
        assertThat(new PowerCuts(1).run(PowerCuts.Variant.SYNC_WITHOUT_FDATASYNC, STATES).lost())
                .isPositive();
    }

    @Test
    void aPlainMappingMayLoseLinesWhoseMetadataNobodySynced() throws IOException {
        assertThat(new PowerCuts(1).run(PowerCuts.Variant.PLAIN, STATES).lost()).isPositive();
    }
}
