package dev.holdfast.cli;

import dev.holdfast.DaxFile;
import dev.holdfast.Volume;
import dev.holdfast.cli.text.Quoting;
import dev.holdfast.cli.text.Report;
import dev.holdfast.file.FileExtent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code extents}: shows where a file lies on the volume, in blocks, in the columns of {@code
 * filefrag -v}.
 */
@Command(name = "extents", description = "Show where a file lies on the volume, as filefrag -v.")
final class ExtentsCommand extends VolumeCommand {
    private static final int BLOCK_BYTES = 4096;

    @Parameters(index = "1", paramLabel = "PATH", description = "The path of the file.")
    private String path;

    ExtentsCommand() {
        super(Access.READ);
    }

    @Override
    ExitCode run(Volume volume, Output output) throws IOException {
        try (DaxFile file = volume.openFile(path)) {
            List<FileExtent> extents = file.extents();
            if (output.isJson()) {
                output.report(report(file.size(), extents));
            } else {
                print(output, file.size(), extents);
            }
        }
        return ExitCode.OK;
    }

    private Report report(long sizeBytes, List<FileExtent> extents) {
        return new Report().text("path", path).size("sizeBytes", sizeBytes)
                .rows("extents", extents.stream().map(extent -> new Report()
                        .size("fileOffsetBytes", extent.fileOffset())
                        .size("deviceOffsetBytes", extent.deviceOffset())
                        .size("lengthBytes", extent.length())
                        .flag("isWritten", extent.written())).toList());
    }

    private void print(Output output, long sizeBytes, List<FileExtent> extents) {
        output.line(String.format(Locale.ROOT, "File size of %s is %d (%d blocks of %d bytes)",
                Quoting.oneLine(path), sizeBytes, (sizeBytes + BLOCK_BYTES - 1) / BLOCK_BYTES,
                BLOCK_BYTES));
        output.line(
                " ext:     logical_offset:        physical_offset: length:   expected: flags:");
        long expected = 0;
        for (int i = 0; i < extents.size(); i++) {
            FileExtent extent = extents.get(i);
            long logical = extent.fileOffset() / BLOCK_BYTES;
            long physical = extent.deviceOffset() / BLOCK_BYTES;
            long count = extent.length() / BLOCK_BYTES;
            boolean isExpected = i == 0 || physical == expected;
            output.line(String.format(Locale.ROOT, "%4d: %8d..%8d: %10d..%10d: %6d: %10s%s %s",
                    i, logical, logical + count - 1, physical, physical + count - 1, count,
                    isExpected ? "" : expected, isExpected ? " " : ":",
                    flags(extent, i == extents.size() - 1, sizeBytes)).stripTrailing());
            expected = physical + count;
        }
        output.line(Quoting.oneLine(path) + ": " + extents.size()
                + (extents.size() == 1 ? " extent found" : " extents found"));
    }

    private static String flags(FileExtent extent, boolean isLast, long sizeBytes) {
        List<String> flags = new ArrayList<>();
        if (isLast) {
            flags.add("last");
        }
        if (!extent.written()) {
            flags.add("unwritten");
        }
        if (extent.fileOffset() + extent.length() >= sizeBytes) {
            flags.add("eof");
        }
        return String.join(",", flags);
    }
}
