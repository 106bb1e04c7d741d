package dev.holdfast.cli;

import dev.holdfast.Volume;
import dev.holdfast.cli.io.IoOp;
import dev.holdfast.cli.io.IoScript;
import dev.holdfast.cli.run.IoResult;
import dev.holdfast.cli.run.IoResultText;
import dev.holdfast.cli.run.IoRunner;
import dev.holdfast.cli.run.IoStage;
import dev.holdfast.cli.run.OpenedStage;
import dev.holdfast.cli.run.SimulatedStage;
import dev.holdfast.cli.text.Report;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code io}: runs a script of file operations; all of it is read before any of it is run. */
@Command(
        name = "io",
        description = {
            "Run file operations, as xfs_io does: those given with -c, or else a line each from"
                    + " standard input. The first that fails ends the script.",
            "With --simulated the volume is one of its own, in memory, and crash cuts its power."
        },
        footerHeading = "%nOperations:%n",
        footer = {
            "creat P, mkdir P, unlink P, rmdir P, link A B, symlink T P, rename A B [-n|-x]",
            "pwrite P OFF LEN [-S byte], pread P OFF LEN, truncate P LEN, seek P data|hole OFF",
            "falloc P OFF LEN [-k|-w], fpunch P OFF LEN, fzero P OFF LEN, fiemap P, stat P",
            "mmap P OFF LEN [-s sync|shared|private], mwrite P OFF LEN [-S byte], mread P OFF LEN",
            "persist P OFF LEN, msync P, fsync P, fdatasync P, sync, checkpoint, crash [-s seed]",
            "setfattr P N V, rmfattr P N"
        })
final class IoCommand extends Subcommand {
    private static final String DEFAULT_SIZE = "64MiB";

    @ArgGroup(multiplicity = "1")
    private Where where;

    @Option(names = "--size", paramLabel = "SIZE", defaultValue = DEFAULT_SIZE,
            description = "Size of the simulated volume (${DEFAULT-VALUE}).")
    private ByteSize size;

    @Option(names = "-c", paramLabel = "CMD", description = "An operation; may be repeated.")
    private List<String> commands;

    /** The volume of the script. */
    static final class Where {
        @Parameters(index = "0", paramLabel = "VOLUME", description = "The volume to work on.")
        private Path volumePath;

        @Option(names = "--simulated", description = "Work on a new volume in memory whose power"
                + " can be cut.")
        private boolean isSimulated;
    }

    /**
     * An operation and where it stands in the script.
     *
     * @param line the line, or number of the {@code -c}, from 1
     */
    private record Step(int line, IoOp op) {}

    @Override
    protected ExitCode run(Output output) throws IOException {
        List<Step> steps = steps(output);
        List<Report> reports = new ArrayList<>();
        try (IoStage stage = open(); IoRunner runner = new IoRunner(stage)) {
            for (Step step : steps) {
                List<String> lines = IoResultText.lines(step.op(), run(runner, step));
                lines.forEach(output::line);
                reports.add(new Report().count("line", step.line())
                        .text("operation", step.op().toString())
                        .text("result", String.join("\n", lines)));
            }
        }
        if (output.isJson()) {
            output.report(new Report().rows("operations", reports));
        }
        return ExitCode.OK;
    }

    private IoStage open() throws IOException {
        return where.isSimulated ? SimulatedStage.create(size.bytes())
                : new OpenedStage(Volume.open(where.volumePath));
    }

    private static IoResult run(IoRunner runner, Step step) throws IOException {
        try {
            return runner.run(step.op());
        } catch (HoldfastException e) {
            throw new HoldfastException(e.code(), "line " + step.line() + ": " + step.op() + ": "
                    + e.getMessage(), e);
        }
    }

    private List<Step> steps(Output output) throws IOException {
        List<String> lines = commands;
        if (lines == null) {
            String script = new String(output.input().readAllBytes(), StandardCharsets.UTF_8);
            lines = script.lines().toList();
        }
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            int number = i + 1;
            IoScript.parseLine(lines.get(i), number)
                    .ifPresent(op -> steps.add(new Step(number, op)));
        }
        return steps;
    }
}
