package dev.holdfast.cli.explore;

import dev.holdfast.cli.ExitCode;
import dev.holdfast.cli.Output;
import dev.holdfast.cli.Subcommand;
import dev.holdfast.cli.text.Progress;
import dev.holdfast.cli.text.Report;
import dev.holdfast.cli.text.Table;
import dev.holdfast.explore.Bounds;
import dev.holdfast.explore.model.Op;
import dev.holdfast.explore.workload.Campaign;
import dev.holdfast.explore.workload.Catalogue;
import dev.holdfast.explore.workload.Finding;
import dev.holdfast.explore.workload.MutantHunt;
import dev.holdfast.explore.workload.MutantHunt.Hunt;
import dev.holdfast.explore.workload.Outcome;
import dev.holdfast.explore.workload.Replay;
import dev.holdfast.explore.workload.Workload;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code explore}: what power cuts may leave of a run, all of it, recovered and judged. */
@Command(
        name = "explore",
        description = {
            "Run workloads on a simulated device, cut the power at every point, and recover, check"
                    + " and judge what each cut may leave. Without a choice: all quick workloads.",
            "Exits with 1 if a state must not be."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "holdfast explore --workload generic-470",
            "holdfast explore --script my.io --torn      "
                    + "(my.io: operations as holdfast io has them)",
            "holdfast explore --workload sync-store-to-a-hole --mutant FDATASYNC_SKIPPED",
            "holdfast explore --all --budget 10m --json"
        })
public final class ExploreCommand extends Subcommand {
    private static final int SHRUNK = 3;
    private static final String SCRIPT = "script";

    @ArgGroup
    private Choice choice = new Choice();

    @ArgGroup
    private Breaking breaking = new Breaking();

    @Option(names = "--script", paramLabel = "FILE",
            description = "Explore the run of a script; with --replay, the script it is of.")
    private Path script;

    @Option(names = "--budget", paramLabel = "TIME", converter = BudgetConverter.class,
            description = "Stop after so long: 500ms, 60s, 5m.")
    private Duration budget;

    @Option(names = "--states", paramLabel = "N", description = "Stop after so many states.")
    private Long states;

    @Option(names = "--subset", paramLabel = "K",
            description = "Where not all images are explored: all sets of up to K pieces kept, or "
                    + "lost (2).")
    private Integer subset;

    @Option(names = "--torn", description = "Let lines tear into 8-byte words.")
    private boolean isTorn;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1",
            description = "What is drawn depends on it (${DEFAULT-VALUE}).")
    private long seed;

    /** What is explored. */
    static final class Choice {
        @Option(names = "--all", description = "Every workload, the long ones too.")
        private boolean isAll;

        @Option(names = "--workload", paramLabel = "NAME", description = "One workload.")
        private String name;

        @Option(names = "--replay", paramLabel = "LINE",
                description = "Show one state again: the replay line of a violation.")
        private String replay;

        @Option(names = "--list", description = "List workloads and mutants; explore nothing.")
        private boolean isList;
    }

    /** How the protocol is broken. */
    static final class Breaking {
        @Option(names = "--mutant", paramLabel = "NAME",
                description = "Break the protocol so; without a choice of workloads, run the one"
                        + " that notices.")
        private String mutant;

        @Option(names = "--mutants",
                description = "Break the protocol in every way there is, one at a time.")
        private boolean isMutants;
    }

    @Override
    protected ExitCode run(Output output) throws IOException {
        Catalogue catalogue = new Catalogue(seed);
        Bounds bounds = bounds();
        if (choice.isList) {
            return list(output, catalogue);
        }
        if (breaking.isMutants) {
            if (choice.isAll || choice.name != null || choice.replay != null || script != null) {
                throw usage("--mutants chooses the workloads itself");
            }
            return hunt(output, catalogue, bounds);
        }
        Mutant mutant = breaking.mutant == null ? null : mutant(breaking.mutant);
        Mutants mutants = mutant == null ? Mutants.NONE : Mutants.of(mutant);
        if (choice.replay != null) {
            return replay(output, catalogue, mutants);
        }
        return explore(output, chosen(catalogue, mutant), bounds, mutants);
    }

    private Bounds bounds() {
        Bounds bounds = Bounds.defaults().seed(seed).torn(isTorn).maxViolations(10);
        if (states != null) {
            bounds = bounds.maxStates(positive("--states", states));
        }
        if (subset != null) {
            bounds = bounds.subset((int) positive("--subset", subset));
        }
        return budget == null ? bounds : bounds.budget(budget);
    }

    /** Returns what a replay must be given besides its line. */
    private String options() {
        return (script == null ? "" : " --script " + script)
                + (breaking.mutant == null ? "" : " --mutant " + breaking.mutant)
                + (seed == 1 ? "" : " --seed " + seed);
    }

    private long positive(String option, long number) {
        if (number < 1) {
            throw usage(option + " " + number + ": take at least 1");
        }
        return number;
    }

    private Mutant mutant(String name) {
        for (Mutant mutant : Mutant.values()) {
            if (mutant.name().equalsIgnoreCase(name.replace('-', '_'))) {
                return mutant;
            }
        }
        throw usage("there is no mutant " + name + ": --list names them");
    }

    private List<Workload> chosen(Catalogue catalogue, Mutant mutant) throws IOException {
        if (script != null) {
            if (choice.isAll || choice.name != null) {
                throw usage("--script and --all or --workload exclude each other");
            }
            return List.of(script());
        }
        String name = choice.name;
        if (mutant != null && name == null && !choice.isAll) {
            MutantHunt.Catcher catcher = MutantHunt.catcher(mutant);
            if (catcher.workload() == null) {
                throw usage("no workload notices " + mutant + ", the test " + catcher.test()
                        + " does; choose workloads to see them miss it");
            }
            name = catcher.workload();
        }
        if (name != null) {
            return List.of(workload(catalogue, name));
        }
        List<String> names = choice.isAll ? catalogue.names() : catalogue.quickNames();
        return names.stream().map(catalogue::named).toList();
    }

    private Workload workload(Catalogue catalogue, String name) {
        Workload workload = catalogue.named(name);
        if (workload == null) {
            throw usage("there is no workload " + name + ": --list names them");
        }
        return workload;
    }

    private Workload script() throws IOException {
        try {
            List<Op> ops = ScriptOps.read(Files.readString(script));
            return Catalogue.script(SCRIPT, ops, ScriptOps.volumeBytes(ops));
        } catch (IllegalArgumentException e) {
            throw usage(script + ": " + e.getMessage());
        }
    }

    private ExitCode list(Output output, Catalogue catalogue) {
        Table table = new Table().left("workload").right("runs").left("what it is");
        List<Report> workloads = new ArrayList<>();
        for (String name : catalogue.names()) {
            Workload workload = catalogue.named(name);
            table.row(name, Integer.toString(workload.cases().size()), workload.about()
                    + (workload.isQuick() ? "" : " (only with --all or by name)"));
            workloads.add(new Report().text("name", name).count("runs", workload.cases().size())
                    .text("about", workload.about()).flag("quick", workload.isQuick()));
        }
        output.table(table);
        output.line("");
        Table mutants = new Table().left("mutant").left("noticed by");
        List<Report> rows = new ArrayList<>();
        for (Mutant mutant : Mutant.values()) {
            MutantHunt.Catcher catcher = MutantHunt.catcher(mutant);
            mutants.row(mutant.name(), by(catcher));
            rows.add(new Report().text("name", mutant.name()).text("byWorkload", catcher.workload())
                    .text("byTest", catcher.test()));
        }
        output.table(mutants);
        if (output.isJson()) {
            output.report(new Report().rows("workloads", workloads).rows("mutants", rows));
        }
        return ExitCode.OK;
    }

    private static String by(MutantHunt.Catcher catcher) {
        return catcher.workload() != null ? catcher.workload() : "the test " + catcher.test();
    }

    private ExitCode explore(Output output, List<Workload> workloads, Bounds bounds,
            Mutants mutants) throws IOException {
        ExploreText text = new ExploreText(output, seed, options());
        List<Progress> bars = new ArrayList<>();
        Campaign campaign = new Campaign(bounds, mutants,
                (workload, cases, done, violations) -> bars.getLast().done(cases));
        for (Workload workload : workloads) {
            if (campaign.isOver()) {
                text.leftOut(workload);
                continue;
            }
            Outcome outcome;
            try (Progress bar = output.progress(workload.name(), workload.cases().size())) {
                bars.add(bar);
                outcome = campaign.explore(workload);
            }
            List<Finding> findings = new ArrayList<>();
            for (Finding finding : outcome.findings()) {
                findings.add(findings.size() < SHRUNK ? shrunk(workload, finding, mutants)
                        : finding);
            }
            text.explored(outcome, findings);
        }
        text.end(campaign);
        return text.isClean() ? ExitCode.OK : ExitCode.FAILED;
    }

    private static Finding shrunk(Workload workload, Finding finding, Mutants mutants)
            throws IOException {
        Replay replay = Replay.parse(finding.replay());
        Finding small = replay.state().isEmpty() ? null : replay.run(workload, mutants);
        return small == null ? finding : small.after(finding.afterStates());
    }

    private ExitCode replay(Output output, Catalogue catalogue, Mutants mutants)
            throws IOException {
        try {
            Replay replay = Replay.parse(choice.replay);
            if (replay.workload().equals(SCRIPT) && script == null) {
                throw usage("the replay line is of a script: give it with --script");
            }
            Workload workload = replay.workload().equals(SCRIPT) ? script()
                    : workload(catalogue, replay.workload());
            Finding finding = replay.run(workload, mutants);
            return ExploreText.replayed(output, choice.replay, options(), finding)
                    ? ExitCode.OK
                    : ExitCode.FAILED;
        } catch (IllegalArgumentException e) {
            throw usage("--replay: " + e.getMessage());
        }
    }

    private ExitCode hunt(Output output, Catalogue catalogue, Bounds bounds) throws IOException {
        List<Hunt> hunts = new ArrayList<>();
        try (Progress bar = output.progress("mutants", Mutant.values().length)) {
            for (Mutant mutant : Mutant.values()) {
                hunts.add(MutantHunt.hunt(mutant, catalogue, bounds));
                bar.done(hunts.size());
            }
        }
        return ExploreText.hunted(output, hunts, seed) ? ExitCode.OK : ExitCode.FAILED;
    }
}
