package dev.holdfast.cli;

import dev.holdfast.Volume;
import dev.holdfast.cli.copy.VolumePath;
import dev.holdfast.cli.text.Quoting;
import dev.holdfast.cli.text.Report;
import dev.holdfast.cli.text.Sizes;
import dev.holdfast.cli.text.Table;
import dev.holdfast.file.DirectoryEntry;
import dev.holdfast.file.FileStat;
import dev.holdfast.file.FileType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ls}: lists a directory, sorted by name. */
@Command(name = "ls", description = "List a directory.")
final class LsCommand extends VolumeCommand {
    @Parameters(index = "1", paramLabel = "PATH", defaultValue = "/", description = "The directory,"
            + " or a file; the root if left out.")
    private String path;

    @Option(names = "-l", description = "Show mode, links, owner, size and time of change.")
    private boolean isLong;

    /**
     * A line of the list.
     *
     * @param target what a symbolic link leads to, or null
     */
    private record Row(String name, FileStat stat, String target) {}

    LsCommand() {
        super(Access.READ);
    }

    @Override
    ExitCode run(Volume volume, Output output) throws IOException {
        if (!isLong && !output.isJson()) {
            names(volume).forEach(name -> output.line(Quoting.oneLine(name)));
            return ExitCode.OK;
        }
        List<Row> rows = rows(volume);
        if (output.isJson()) {
            output.report(new Report().text("path", path)
                    .rows("entries", rows.stream().map(LsCommand::report).toList()));
        } else if (!rows.isEmpty()) {
            output.table(table(rows));
        }
        return ExitCode.OK;
    }

    private List<String> names(Volume volume) throws IOException {
        if (volume.stat(path).type() != FileType.DIRECTORY) {
            return List.of(path);
        }
        return volume.list(path).stream().map(DirectoryEntry::name)
                .sorted(Comparator.naturalOrder()).toList();
    }

    private List<Row> rows(Volume volume) throws IOException {
        boolean isDirectory = volume.stat(path).type() == FileType.DIRECTORY;
        List<Row> rows = new ArrayList<>();
        for (String name : names(volume)) {
            String child = isDirectory ? VolumePath.join(path, name) : path;
            FileStat stat = volume.statLink(child);
            rows.add(new Row(name, stat, stat.type() == FileType.SYMLINK
                    ? volume.readSymbolicLink(child) : null));
        }
        return rows;
    }

    private static Table table(List<Row> rows) {
        Table table = new Table().left("mode").right("links").right("uid").right("gid")
                .right("size").left("modified (UTC)").left("name");
        for (Row row : rows) {
            FileStat stat = row.stat();
            String target = row.target() == null ? "" : " -> " + Quoting.oneLine(row.target());
            table.row(FileText.letters(stat), Integer.toString(stat.links()),
                    Integer.toString(stat.uid()), Integer.toString(stat.gid()),
                    stat.type() == FileType.DIRECTORY ? "-" : Sizes.human(stat.sizeBytes()),
                    FileText.shortTime(stat.modifyNanos()), Quoting.oneLine(row.name()) + target);
        }
        return table;
    }

    private static Report report(Row row) {
        FileStat stat = row.stat();
        return new Report()
                .text("name", row.name())
                .text("type", FileText.type(stat.type()))
                .text("mode", FileText.octal(stat.mode()))
                .count("links", stat.links())
                .count("uid", stat.uid())
                .count("gid", stat.gid())
                .size("sizeBytes", stat.sizeBytes())
                .text("modified", FileText.time(stat.modifyNanos()))
                .count("inode", stat.inode())
                .text("target", row.target());
    }
}
