package dev.holdfast.cli;

import dev.holdfast.Volume;
import dev.holdfast.cli.copy.CopyOut;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code cat}: writes the content of files to standard output. */
@Command(name = "cat", description = "Write the content of files to standard output.")
final class CatCommand extends VolumeCommand {
    @Parameters(index = "1..*", arity = "1..*", paramLabel = "PATH",
            description = "Paths in the volume.")
    private List<String> paths;

    CatCommand() {
        super(Access.READ);
    }

    @Override
    ExitCode run(Volume volume, Output output) throws IOException {
        CopyOut copy = new CopyOut(volume, _ -> { });
        for (String path : paths) {
            copy.stream(path, output.content());
        }
        return ExitCode.OK;
    }
}
