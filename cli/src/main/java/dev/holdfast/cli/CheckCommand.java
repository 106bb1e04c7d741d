package dev.holdfast.cli;

import dev.holdfast.Volume;
import dev.holdfast.cli.text.Quoting;
import dev.holdfast.cli.text.Report;
import dev.holdfast.file.CheckReport;
import dev.holdfast.file.CheckReport.Finding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code check}: examines a volume as fsck does, and changes nothing. */
@Command(
        name = "check",
        description = "Examine a volume that nobody writes to; change nothing.",
        exitCodeOnInvalidInput = 16,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the volume is sound",
            "4:its metadata is damaged, or a spare copy or some space is lost",
            "8:it could not be examined",
            "16:the command line was wrong"
        })
final class CheckCommand extends Subcommand {
    @Parameters(index = "0", paramLabel = "VOLUME",
            description = "The volume: a file, or a device.")
    private Path path;

    @Override
    Failure failureOf(Throwable thrown) {
        return super.failureOf(thrown).whileChecking();
    }

    @Override
    protected ExitCode run(Output output) throws IOException {
        CheckReport found = Volume.check(path);
        if (output.isJson()) {
            output.report(report(found));
        } else {
            print(output, found);
        }
        return found.isClean() ? ExitCode.OK : ExitCode.DAMAGED;
    }

    private String verdict(CheckReport found) {
        if (found.isClean()) {
            return "sound";
        }
        return found.isDamaged() ? "damaged" : "sound but for a spare copy or lost space";
    }

    private Report report(CheckReport found) {
        return new Report()
                .text("volume", path.toString())
                .text("verdict", verdict(found))
                .rows("findings", found.findings().stream().map(CheckCommand::finding).toList())
                .count("omittedFindings", found.omittedFindings())
                .group("examined", examined(found.examined()));
    }

    private static Report finding(Finding finding) {
        return new Report()
                .text("severity", word(finding.severity()))
                .text("area", word(finding.area()))
                .text("place", finding.place().toString())
                .text("problem", finding.problem())
                .text("advice", finding.advice());
    }

    private static Report examined(CheckReport.Examined examined) {
        return new Report()
                .count("slots", examined.slots())
                .count("logRecords", examined.logRecords())
                .count("nodes", examined.nodes())
                .count("items", examined.items())
                .count("inodes", examined.inodes())
                .count("names", examined.names())
                .count("extents", examined.extents())
                .count("blocks", examined.blocks())
                .count("knownZeroBlocks", examined.knownZeroBlocks())
                .count("knownZeroBlocksRead", examined.knownZeroBlocksRead());
    }

    private void print(Output output, CheckReport found) {
        for (Finding finding : found.findings()) {
            output.line(Quoting.oneLine(word(finding.severity()) + ": " + word(finding.area())
                    + ", " + finding.place() + ": " + finding.problem() + "; " + finding.advice()));
        }
        if (found.omittedFindings() > 0) {
            output.line("and " + found.omittedFindings() + " more findings");
        }
        CheckReport.Examined examined = found.examined();
        output.line(path + ": " + verdict(found) + " (" + examined.inodes() + " inodes, "
                + examined.names() + " names, " + examined.extents() + " extents, "
                + examined.logRecords() + " log records looked at)");
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
