package dev.holdfast.explore.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.explore.Bounds;
import dev.holdfast.explore.model.Lab;
import dev.holdfast.explore.workload.Workload.Limits;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The catalogue, explored: no crash of any workload leaves what must not be. */
class WorkloadsTest {
    private static final Catalogue CATALOGUE = new Catalogue(1);
    private static final int PAGES = 64;

    private static Outcome clean(Workload workload, Bounds bounds) throws IOException {
        Outcome outcome =
                new Campaign(bounds, Mutants.NONE, Campaign.Listener.NONE).explore(workload);
        assertThat(outcome.findings()).as(workload.name()).isEmpty();
        assertThat(outcome.casesDone()).isEqualTo(workload.cases().size());
        assertThat(outcome.states()).isPositive();
        return outcome;
    }

    private static Bounds few() {
        return Bounds.defaults().exhaustiveImages(8);
    }

    static Stream<String> scripts() {
        return CATALOGUE.scriptNames().stream();
    }

    @ParameterizedTest
    @MethodSource("scripts")
    @DisplayName("S9 S10 R7 Z2 B23 A script of the protocol, crashed at every point")
    void noScriptLeavesWhatMustNotBe(String name) throws IOException {
        clean(CATALOGUE.named(name), few());
    }

    @Test
    @DisplayName("S10 generic/470 at every point: blocks and data are there")
    void everyPersistedPageSurvivesACrashAtEveryPoint() throws IOException {
        Workload pages = new Workload("generic-470", "", true, new Limits(4, 1, false),
                List.of(new ScriptCase(Lab.small(), List.of(), Scripts.everyPage(PAGES), 0)));
        assertThat(clean(pages, Bounds.defaults().subset(1)).crashPoints())
                .isGreaterThan(2 * PAGES);
    }

    @Test
    @DisplayName("Every sequence of one operation and what makes it durable")
    void everySequenceOfOneOperation() throws IOException {
        Outcome outcome = clean(CATALOGUE.named("one-op"), few());
        assertThat(outcome.crashPoints()).isGreaterThan(outcome.casesDone());
    }

    @Test
    @DisplayName("A slice of the sequences of two operations, one of three, other media and "
            + "policies")
    void slicesOfTheRest() throws IOException {
        for (String name : List.of("two-op-slice", "three-op-slice", "one-op-always",
                "one-op-pages", "two-threads", "ring-wrap")) {
            Workload whole = CATALOGUE.named(name);
            clean(new Workload(name, "", true, new Limits(8, 32, name.equals("ring-wrap")),
                    Sequences.sample(whole.cases(), 12, 1)), few());
        }
    }

    static Stream<String> all() {
        return CATALOGUE.quickNames().stream();
    }

    @ParameterizedTest
    @MethodSource("all")
    @Tag("stress")
    @DisplayName("S9 S10 Every quick workload, as the command explores it")
    void noWorkloadLeavesWhatMustNotBe(String name) throws IOException {
        clean(CATALOGUE.named(name), Bounds.defaults());
    }
}
