package dev.holdfast.cli.explore;

import dev.holdfast.cli.Output;
import dev.holdfast.cli.text.Report;
import dev.holdfast.cli.text.Table;
import dev.holdfast.explore.workload.Campaign;
import dev.holdfast.explore.workload.Finding;
import dev.holdfast.explore.workload.MutantHunt.Hunt;
import dev.holdfast.explore.workload.Outcome;
import dev.holdfast.explore.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What {@code explore} says: as it goes on in text, at the end in JSON. Not thread-safe. */
final class ExploreText {
    private static final double SECOND = 1e9;

    private final Output output;
    private final long seed;
    private final String options;
    private final List<Report> workloads = new ArrayList<>();
    private final List<Report> violations = new ArrayList<>();
    private final List<String> left = new ArrayList<>();
    private long crashPoints;
    private long images;
    private long states;
    private long distinctStates;

    /**
     * Begins.
     *
     * @param options what a replay must be given besides its line
     */
    ExploreText(Output output, long seed, String options) {
        this.output = output;
        this.seed = seed;
        this.options = options;
    }

    boolean isClean() {
        return violations.isEmpty();
    }

    /** A workload that the bounds had no room for. */
    void leftOut(Workload workload) {
        left.add(workload.name());
    }

    void explored(Outcome outcome, List<Finding> findings) {
        String name = outcome.workload().name();
        output.line(String.format(Locale.ROOT,
                "%s: %d crash points, %d states, %d of them different, %.1f s; %s",
                name, outcome.crashPoints(), outcome.states(), outcome.distinctStates(),
                outcome.nanos() / SECOND,
                outcome.isExhaustive() ? "exhaustive" : outcome.left()));
        for (Finding finding : findings) {
            print(output, finding, options);
            violations.add(report(finding));
        }
        workloads.add(new Report().text("name", name)
                .count("runs", outcome.workload().cases().size())
                .count("runsExplored", outcome.casesDone())
                .count("crashPoints", outcome.crashPoints()).count("images", outcome.images())
                .count("states", outcome.states())
                .count("distinctStates", outcome.distinctStates())
                .flag("exhaustive", outcome.isExhaustive()).text("left", outcome.left())
                .count("violations", outcome.findings().size())
                .decimal("seconds", outcome.nanos() / SECOND));
        if (!outcome.isExhaustive()) {
            left.add(name);
        }
        crashPoints += outcome.crashPoints();
        images += outcome.images();
        states += outcome.states();
        distinctStates += outcome.distinctStates();
    }

    void end(Campaign campaign) {
        double perSecond = campaign.states() * SECOND / Math.max(1, campaign.nanos());
        output.line(String.format(Locale.ROOT, "%s: %d states of %d crash points, %.0f a second,"
                + " seed %d", isClean() ? "clean" : violations.size() + " violations", states,
                crashPoints, perSecond, seed));
        if (output.isJson()) {
            output.report(new Report()
                    .count("workloads", workloads.size())
                    .count("crashPoints", crashPoints)
                    .count("images", images)
                    .count("states", states)
                    .count("distinctStates", distinctStates)
                    .flag("exhaustive", left.isEmpty())
                    .rows("violations", violations)
                    .decimal("statesPerSecond", perSecond)
                    .count("seed", seed)
                    .rows("byWorkload", workloads));
        }
    }

    private static void print(Output output, Finding finding, String options) {
        output.line("VIOLATION in " + finding.workload() + ": " + finding.run());
        output.line("  power cut: " + finding.point());
        finding.message().lines().forEach(line -> output.line("  " + line));
        if (!finding.lost().isEmpty()) {
            output.line("  lost: " + finding.lost());
        }
        output.line("  replay: holdfast explore --replay '" + finding.replay() + "'"
                + options);
    }

    private static Report report(Finding finding) {
        return new Report().text("workload", finding.workload()).text("run", finding.run())
                .text("point", finding.point()).text("message", finding.message())
                .text("lost", finding.lost()).count("afterStates", finding.afterStates())
                .text("replay", finding.replay());
    }

    /** Says what a state was that was shown again; true if nothing is wrong with it. */
    static boolean replayed(Output output, String line, String options, Finding finding) {
        if (finding == null) {
            output.line("clean: the state is as it may be");
        } else {
            print(output, finding, options);
        }
        if (output.isJson()) {
            output.report(new Report().text("replay", line)
                    .rows("violations", finding == null ? List.of() : List.of(report(finding))));
        }
        return finding == null;
    }

    /** Says how hunts went; true if every mutant with a workload was caught. */
    static boolean hunted(Output output, List<Hunt> hunts, long seed) {
        Table table = new Table().left("mutant").left("caught by").right("after states")
                .right("seconds");
        List<Report> rows = new ArrayList<>();
        boolean all = true;
        for (Hunt hunt : hunts) {
            String test = hunt.catcher().test();
            String seconds = String.format(Locale.ROOT, "%.2f", hunt.nanos() / SECOND);
            long states = hunt.finding() == null ? hunt.states() : hunt.finding().afterStates();
            all &= test != null || hunt.caught();
            table.row(hunt.mutant().name(), test != null ? "the test " + test
                    : hunt.caught() ? hunt.catcher().workload() : "NOTHING: it survived",
                    test != null ? "" : Long.toString(states), test != null ? "" : seconds);
            rows.add(new Report().text("name", hunt.mutant().name())
                    .flag("caught", hunt.caught())
                    .text("byWorkload", hunt.catcher().workload())
                    .text("byTest", test)
                    .count("afterStates", states)
                    .decimal("seconds", hunt.nanos() / SECOND));
        }
        output.table(table);
        if (output.isJson()) {
            output.report(new Report().rows("mutants", rows).count("seed", seed));
        }
        return all;
    }
}
