package dev.holdfast.cli;

import dev.holdfast.Volume;
import dev.holdfast.VolumeOptions;
import java.nio.file.Path;
import picocli.CommandLine.Parameters;

/**
 * A command on a volume, which is open while the command runs. A command that only looks opens it
 * for reading, beside other readers, and changes nothing; the others hold it alone.
 */
abstract class VolumeCommand extends Subcommand {
    /** What a command does to the volume. */
    enum Access { READ, WRITE }

    private final Access access;

    @Parameters(index = "0", paramLabel = "VOLUME",
            description = "The volume: a file, or a device.")
    private Path volumePath;

    VolumeCommand(Access access) {
        this.access = access;
    }

    /** Does the work; what it changed is durable when the volume is closed after it. */
    abstract ExitCode run(Volume volume, Output output) throws Exception;

    @Override
    protected final ExitCode run(Output output) throws Exception {
        VolumeOptions options = VolumeOptions.defaults();
        try (Volume volume = Volume.open(volumePath,
                access == Access.READ ? options.readOnly() : options)) {
            return run(volume, output);
        }
    }

    Path volumePath() {
        return volumePath;
    }
}
