package dev.holdfast.cli;

import dev.holdfast.cli.text.Report;
import dev.holdfast.fuse.Daemon;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast umount}: ends a mount and waits until its volume is closed. */
@Command(name = "umount", description = "Unmount a volume and wait until it is closed.")
final class UmountCommand extends Subcommand {
    @Parameters(index = "0", paramLabel = "DIR", description = "Where the volume is mounted.")
    private Path directory;

    @Option(
            names = {"-l", "--lazy"},
            description = "Unmount now; programs that use it keep what they have open.")
    private boolean isLazy;

    @Override
    protected ExitCode run(Output output) throws Exception {
        String source = Daemon.unmount(directory, isLazy);
        output.report(new Report().text("volume", source)
                .text("unmounted", directory.toString()));
        return ExitCode.OK;
    }
}
