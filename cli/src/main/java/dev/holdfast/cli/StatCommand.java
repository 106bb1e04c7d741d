package dev.holdfast.cli;

import dev.holdfast.Volume;
import dev.holdfast.cli.text.Report;
import dev.holdfast.file.FileStat;
import dev.holdfast.file.FileType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code stat}: shows the attributes of what a path names; a symbolic link is not followed. */
@Command(name = "stat", description = "Show the attributes of a file, directory or link.")
final class StatCommand extends VolumeCommand {
    private static final long BLOCK_BYTES = 4096;

    @Parameters(index = "1", paramLabel = "PATH", description = "The path in the volume.")
    private String path;

    StatCommand() {
        super(Access.READ);
    }

    @Override
    ExitCode run(Volume volume, Output output) throws IOException {
        FileStat stat = volume.statLink(path);
        boolean isLink = stat.type() == FileType.SYMLINK;
        Report report = new Report()
                .text("path", path)
                .text("type", FileText.type(stat.type()));
        if (isLink) {
            report.text("target", volume.readSymbolicLink(path));
        }
        if (stat.type() == FileType.DIRECTORY) {
            report.count("names", stat.sizeBytes());
        } else {
            report.size("sizeBytes", stat.sizeBytes());
        }
        report.size("allocatedBytes", stat.blocks() * BLOCK_BYTES)
                .text("mode", FileText.octal(stat.mode()))
                .text("letters", FileText.letters(stat))
                .count("links", stat.links())
                .count("uid", stat.uid())
                .count("gid", stat.gid())
                .count("inode", stat.inode())
                .text("accessed", FileText.time(stat.accessNanos()))
                .text("modified", FileText.time(stat.modifyNanos()))
                .text("changed", FileText.time(stat.changeNanos()))
                .text("created", FileText.time(stat.createNanos()));
        if (!isLink) {
            report.rows("xattrs", xattrs(volume));
        }
        output.report(report);
        return ExitCode.OK;
    }

    private List<Report> xattrs(Volume volume) throws IOException {
        List<Report> rows = new ArrayList<>();
        for (String name : volume.listXattrs(path)) {
            byte[] value = volume.getXattr(path, name);
            rows.add(new Report().text("name", name).size("valueBytes", value.length)
                    .text("value", new String(value, StandardCharsets.UTF_8)));
        }
        return rows;
    }
}
