package dev.holdfast.cli;

import dev.holdfast.Volume;
import dev.holdfast.cli.copy.Copied;
import dev.holdfast.cli.copy.CopyIn;
import dev.holdfast.cli.copy.VolumePath;
import dev.holdfast.cli.text.Progress;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.FileType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code put}: copies a file or a tree into a volume; it is durable when this says so. */
@Command(name = "put", description = "Copy a file, or with -r a directory, into the volume,"
        + " with mode, owner and times. Durable when the command is done.")
final class PutCommand extends VolumeCommand {
    private static final String STANDARD_INPUT = "-";

    @Parameters(index = "1", paramLabel = "LOCAL", description = "What to copy; - is standard"
            + " input.")
    private String local;

    @Parameters(index = "2", paramLabel = "PATH", description = "Its path in the volume; inside it"
            + " when that is a directory.")
    private String path;

    @Option(names = "-r", description = "Copy a directory and all below it.")
    private boolean isRecursive;

    PutCommand() {
        super(Access.WRITE);
    }

    @Override
    ExitCode run(Volume volume, Output output) throws IOException {
        Copied copied = local.equals(STANDARD_INPUT) ? putStream(volume, output)
                : putFiles(volume, output, Path.of(local));
        output.report(CopyText.report(copied));
        return ExitCode.OK;
    }

    private Copied putStream(Volume volume, Output output) throws IOException {
        CopyIn copy = new CopyIn(volume, _ -> { });
        copy.stream(output.input(), path);
        volume.sync();
        return copy.copied();
    }

    private Copied putFiles(Volume volume, Output output, Path source) throws IOException {
        boolean isDirectory = Files.isDirectory(source);
        if (!Files.exists(source)) {
            throw new NoSuchFileException(local);
        }
        if (isDirectory && !isRecursive) {
            throw new HoldfastException(ErrorCode.IS_A_DIRECTORY,
                    local + ": is a directory; copy it with -r");
        }
        String target = inside(volume, source);
        try (Progress progress = output.progress("copying", CopyIn.bytesIn(source))) {
            CopyIn copy = new CopyIn(volume, progress::done);
            if (isDirectory) {
                copy.tree(source, target);
            } else {
                copy.file(source, target);
            }
            volume.sync();
            return copy.copied();
        }
    }

    private String inside(Volume volume, Path source) throws IOException {
        boolean isInside = volume.exists(path) && volume.stat(path).type() == FileType.DIRECTORY;
        Path name = source.toAbsolutePath().normalize().getFileName();
        return isInside && name != null ? VolumePath.join(path, name.toString()) : path;
    }
}
