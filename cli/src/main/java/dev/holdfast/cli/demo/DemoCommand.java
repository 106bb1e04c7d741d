package dev.holdfast.cli.demo;

import dev.holdfast.MapMode;
import dev.holdfast.Volume;
import dev.holdfast.cli.ExitCode;
import dev.holdfast.cli.Output;
import dev.holdfast.cli.Subcommand;
import dev.holdfast.cli.bench.FaultBench;
import dev.holdfast.cli.bench.FaultRow;
import dev.holdfast.cli.bench.FaultTables;
import dev.holdfast.cli.bench.Machine;
import dev.holdfast.cli.text.Report;
import dev.holdfast.cli.text.Table;
import dev.holdfast.device.Medium;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code holdfast demo}: shows the promise, and what happens without it, in about 15 seconds. */
@Command(
        name = "demo",
        description = {
            "Shows in about 15 seconds what is promised, each part with a control beside it:",
            "power cuts, one fault step by step, fault times, a process killed in mid-stride.",
            "Exits with 1 if a promise is broken."
        })
public final class DemoCommand extends Subcommand {
    private static final int EARLY_FILES = 16;
    private static final String[] NEXT = {
        "./holdfast mkfs try.volume 64MiB",
        "./holdfast put -r try.volume docs /",
        "./holdfast bench faults"
    };

    @Option(names = "--states", paramLabel = "N", defaultValue = "1000",
            description = "Power cuts to try with each kind of mapping, 1000 unless given.")
    private int states;

    @Option(names = "--seed", paramLabel = "SEED",
            description = "Repeat the power cuts of a run that printed this seed.")
    private Long seed;

    @Option(names = "--quick", hidden = true, description = "Token fault times, for tests.")
    private boolean isQuick;

    private final Report report = new Report();
    private final List<String> broken = new ArrayList<>();

    @Override
    protected ExitCode run(Output output) throws IOException {
        if (states < 1) {
            throw new UnsupportedOperationException("--states " + states + ": take at least 1");
        }
        powerCuts(output);
        trace(output);
        faultTimes(output);
        sigKill(output);
        words(output);
        report.flag("kept", broken.isEmpty());
        if (output.isJson()) {
            output.report(report);
        }
        return broken.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
    }

    private void heading(Output output, String words) {
        output.line("");
        output.line("--- " + words);
        output.line("");
    }

    // ---- 1: power cuts

    private void powerCuts(Output output) throws IOException {
        long used = seed == null ? new Random().nextInt(1 << 30) : seed;
        PowerCuts cuts = new PowerCuts(used);
        heading(output, "1. The power goes, " + states
                + " times a row (simulated; stores not persisted are kept, lost or torn; seed "
                + used + ")");
        Table table = new Table().left("a program stores lines through a").right("power cuts")
                .right("stored").right("acknowledged").right("lost").left("verdict");
        List<Report> rows = new ArrayList<>();
        for (PowerCuts.Variant variant : PowerCuts.Variant.values()) {
            PowerCuts.Outcome outcome = cuts.run(variant, states);
            String verdict = verdict(outcome);
            table.row(variant.label(), Long.toString(outcome.states()),
                    Long.toString(outcome.stored()), Long.toString(outcome.acknowledged()),
                    Long.toString(outcome.lost()), verdict);
            rows.add(new Report().text("mapping", variant.label())
                    .count("states", outcome.states()).count("linesStored", outcome.stored())
                    .count("linesAcknowledged", outcome.acknowledged())
                    .count("linesLost", outcome.lost()).text("verdict", verdict));
        }
        output.table(table);
        report.count("seed", used).rows("powerCuts", rows);
    }

    private String verdict(PowerCuts.Outcome outcome) {
        return switch (outcome.variant()) {
            case PLAIN -> "allowed: their metadata was not durable yet";
            case SYNC -> judged(outcome.lost() == 0, "kept", "power cuts: acknowledged lines lost");
            case SYNC_WITHOUT_FDATASYNC -> judged(outcome.lost() > 0, "caught",
                    "power cuts: losses of the broken protocol were not noticed");
        };
    }

    private String judged(boolean good, String verdict, String promise) {
        if (good) {
            return verdict;
        }
        broken.add(promise);
        return "BROKEN";
    }

    // ---- 2: one fault

    private void trace(Output output) throws IOException {
        heading(output, "2. One fault, step by step: the control first, then what sync adds");
        List<Report> traces = new ArrayList<>();
        trace(output, "plain, 4 KiB", FaultTrace.of(MapMode.SHARED, false), traces);
        trace(output, "sync, 4 KiB", FaultTrace.of(MapMode.SYNC, false), traces);
        trace(output, "sync, 2 MiB", FaultTrace.of(MapMode.SYNC, true), traces);
        report.rows("traces", traces);
    }

    private static void trace(
            Output output, String label, List<String> lines, List<Report> traces) {
        lines.forEach(output::line);
        traces.add(new Report().text("fault", label).text("steps", String.join("\n", lines)));
    }

    // ---- 3: fault times

    private void faultTimes(Output output) throws IOException {
        Path folder = Machine.volumeFolder();
        List<FaultRow> rows = FaultBench.brief(folder, isQuick);
        heading(output, "3. What a first store costs, in the cases of the original measurement of"
                + " MAP_SYNC");
        output.line("software page table, microseconds; 'bench faults --peer DIR' times hardware"
                + " faults beside it");
        output.line("");
        output.table(FaultTables.original(rows));
        output.line("");
        output.table(FaultTables.ratios(rows));
        report.group("machine", Machine.describe()).rows("faults", FaultTables.reports(rows));
    }

    // ---- 4: kill -9

    private void sigKill(Output output) throws IOException {
        SigKill kill = new SigKill(SourceTree.ofJdk(), Machine.volumeFolder());
        double share = 0.3 + new Random().nextDouble() * 0.4;
        SigKill.Outcome kept = kill.run(share, 0);
        SigKill.Outcome control = kill.run(share, EARLY_FILES);
        heading(output, "4. SIGKILL in mid-stride: a process copies the JDK's own files, says which"
                + " are safe, and is killed");
        String keptVerdict = judged(kept.lost() == 0, "kept", "SIGKILL: acknowledged files lost");
        String controlVerdict = judged(control.lost() > 0, "caught",
                "SIGKILL: files acknowledged too early were not missed");
        Table table = new Table().left("each file is acknowledged").right("files")
                .right("acknowledged").right("found").right("lost").right("recovery ms")
                .left("verdict");
        List<Report> rows = new ArrayList<>();
        row(table, rows, "when persisted, never synced", kept, keptVerdict);
        row(table, rows, EARLY_FILES + " files too early", control, controlVerdict);
        output.table(table);
        report.rows("sigKill", rows);
    }

    private static void row(Table table, List<Report> rows, String label, SigKill.Outcome outcome,
            String verdict) {
        table.row(label, Integer.toString(outcome.files()),
                Integer.toString(outcome.acknowledged()), Integer.toString(outcome.found()),
                Integer.toString(outcome.lost()),
                String.format(java.util.Locale.ROOT, "%.1f", outcome.recoveryNanos() / 1e6),
                verdict);
        rows.add(new Report().text("acknowledged", label).count("files", outcome.files())
                .count("filesAcknowledged", outcome.acknowledged())
                .count("filesFound", outcome.found()).count("filesLost", outcome.lost())
                .duration("recoveryNanos", outcome.recoveryNanos()).text("verdict", verdict));
    }

    // ---- words

    private void words(Output output) throws IOException {
        Medium medium = medium();
        report.text("mediumSurvives", medium.survives().name()).text("medium", medium.reason());
        output.line("");
        output.line(broken.isEmpty() ? "Every promise was kept, and every control was caught."
                : "BROKEN: " + String.join("; ", broken));
        output.line(switch (medium.survives()) {
            case POWER_CUT -> "The volumes of parts 3 and 4 were on a medium that survives a power"
                    + " cut: what is persisted there is durable.";
            case PROCESS_KILL -> "The volumes of parts 3 and 4 were in memory: what is persisted"
                    + " there survives kill -9 and no power cut. Put a volume on a disk, or on"
                    + " persistent memory, for that.";
            case SIMULATED_POWER_CUT, NOTHING ->
                    "The volumes of parts 3 and 4 were on a medium that survives nothing.";
        });
        output.line("");
        output.line("Next, try");
        for (String command : NEXT) {
            output.line("    " + command);
        }
    }

    private static Medium medium() throws IOException {
        Path probe = Files.createTempFile(Machine.volumeFolder(), "holdfast-demo", ".volume");
        Files.delete(probe);
        try (Volume volume = Volume.create(probe, 1 << 20)) {
            return volume.medium();
        } finally {
            Files.deleteIfExists(probe);
        }
    }
}
