package dev.holdfast.cli;

import dev.holdfast.Volume;
import dev.holdfast.cli.copy.Copied;
import dev.holdfast.cli.copy.CopyOut;
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

/** {@code get}: copies a file or a tree out of a volume. */
@Command(name = "get", description = "Copy a file, or with -r a directory, out of the volume, with"
        + " permissions and times.")
final class GetCommand extends VolumeCommand {
    private static final String STANDARD_OUTPUT = "-";

    @Parameters(index = "1", paramLabel = "PATH", description = "The path in the volume.")
    private String path;

    @Parameters(index = "2", paramLabel = "LOCAL", description = "Where the copy goes; inside it"
            + " when that is a directory; - is standard output.")
    private String local;

    @Option(names = "-r", description = "Copy a directory and all below it.")
    private boolean isRecursive;

    GetCommand() {
        super(Access.READ);
    }

    @Override
    ExitCode run(Volume volume, Output output) throws IOException {
        boolean isDirectory = volume.stat(path).type() == FileType.DIRECTORY;
        if (isDirectory && !isRecursive) {
            throw new HoldfastException(ErrorCode.IS_A_DIRECTORY,
                    path + ": is a directory; copy it with -r");
        }
        if (local.equals(STANDARD_OUTPUT)) {
            if (isDirectory) {
                throw usage("a directory cannot be written to standard output");
            }
            new CopyOut(volume, _ -> { }).stream(path, output.content());
            return ExitCode.OK;
        }
        output.report(CopyText.report(copy(volume, output, isDirectory)));
        return ExitCode.OK;
    }

    private Copied copy(Volume volume, Output output, boolean isDirectory) throws IOException {
        Path target = target();
        try (Progress progress = output.progress("copying", CopyOut.bytesIn(volume, path))) {
            CopyOut copy = new CopyOut(volume, progress::done);
            if (isDirectory) {
                copy.tree(path, target);
            } else {
                copy.file(path, target);
            }
            return copy.copied();
        }
    }

    private Path target() throws NoSuchFileException {
        Path given = Path.of(local);
        String name = VolumePath.name(path);
        if (Files.isDirectory(given)) {
            return name.isEmpty() ? given : given.resolve(name);
        }
        Path folder = given.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            throw new NoSuchFileException(folder.toString());
        }
        return given;
    }
}
