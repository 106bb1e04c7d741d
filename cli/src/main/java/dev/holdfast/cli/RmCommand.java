package dev.holdfast.cli;

import dev.holdfast.Volume;
import dev.holdfast.cli.copy.VolumePath;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.DirectoryEntry;
import dev.holdfast.file.FileType;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rm}: removes names; a symbolic link goes, not what it leads to. */
@Command(name = "rm", description = "Remove files and links, with -r directories too.")
final class RmCommand extends VolumeCommand {
    @Parameters(index = "1..*", arity = "1..*", paramLabel = "PATH",
            description = "Paths in the volume.")
    private List<String> paths;

    @Option(names = "-r", description = "Remove directories and all below them.")
    private boolean isRecursive;

    RmCommand() {
        super(Access.WRITE);
    }

    @Override
    ExitCode run(Volume volume, Output output) throws IOException {
        for (String path : paths) {
            boolean isDirectory = volume.statLink(path).type() == FileType.DIRECTORY;
            if (isDirectory && !isRecursive) {
                throw new HoldfastException(ErrorCode.IS_A_DIRECTORY,
                        path + ": is a directory; remove it with -r");
            }
            if (isDirectory && VolumePath.name(path).isEmpty()) {
                throw new HoldfastException(ErrorCode.INVALID,
                        "the root cannot be removed; name what is in it, or make a new volume");
            }
            remove(volume, path, isDirectory);
        }
        volume.sync();
        return ExitCode.OK;
    }

    private static void remove(Volume volume, String path, boolean isDirectory)
            throws IOException {
        if (!isDirectory) {
            volume.unlink(path);
            return;
        }
        for (DirectoryEntry entry : volume.list(path)) {
            remove(volume, VolumePath.join(path, entry.name()),
                    entry.type() == FileType.DIRECTORY);
        }
        volume.removeDirectory(path);
    }
}
