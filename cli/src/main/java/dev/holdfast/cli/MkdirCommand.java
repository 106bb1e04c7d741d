package dev.holdfast.cli;

import dev.holdfast.Volume;
import dev.holdfast.cli.copy.VolumePath;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.FileType;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code mkdir}: makes directories. */
@Command(name = "mkdir", description = "Make directories.")
final class MkdirCommand extends VolumeCommand {
    @Parameters(index = "1..*", arity = "1..*", paramLabel = "PATH",
            description = "Paths in the volume.")
    private List<String> paths;

    @Option(names = "-p", description = "Make those above too; one that is there is no error.")
    private boolean withParents;

    MkdirCommand() {
        super(Access.WRITE);
    }

    @Override
    ExitCode run(Volume volume, Output output) throws IOException {
        for (String path : paths) {
            if (withParents) {
                makeAll(volume, path);
            } else {
                volume.createDirectory(path);
            }
        }
        volume.sync();
        return ExitCode.OK;
    }

    private static void makeAll(Volume volume, String path) throws IOException {
        String made = "/";
        for (String name : path.split("/")) {
            if (name.isEmpty()) {
                continue;
            }
            made = VolumePath.join(made, name);
            if (!volume.exists(made)) {
                volume.createDirectory(made);
            } else if (volume.stat(made).type() != FileType.DIRECTORY) {
                throw new HoldfastException(ErrorCode.NOT_A_DIRECTORY, made
                        + ": is there and is not a directory; choose another name");
            }
        }
    }
}
