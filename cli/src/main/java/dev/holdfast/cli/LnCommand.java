package dev.holdfast.cli;

import dev.holdfast.Volume;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ln}: gives a file one more name, or makes a symbolic link. */
@Command(name = "ln", description = "Give the file TARGET one more name, or make a symbolic link.")
final class LnCommand extends VolumeCommand {
    @Parameters(index = "1", paramLabel = "TARGET", description = "A path in the volume; with -s"
            + " any text, which need lead nowhere.")
    private String target;

    @Parameters(index = "2", paramLabel = "PATH", description = "The new name.")
    private String path;

    @Option(names = "-s", description = "Make a symbolic link.")
    private boolean isSymbolic;

    LnCommand() {
        super(Access.WRITE);
    }

    @Override
    ExitCode run(Volume volume, Output output) throws IOException {
        if (isSymbolic) {
            volume.createSymbolicLink(path, target);
        } else {
            volume.link(target, path);
        }
        volume.sync();
        return ExitCode.OK;
    }
}
