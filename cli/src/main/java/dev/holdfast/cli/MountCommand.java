package dev.holdfast.cli;

import dev.holdfast.Volume;
import dev.holdfast.VolumeOptions;
import dev.holdfast.cli.text.Report;
import dev.holdfast.fuse.FuseMount;
import dev.holdfast.fuse.FuseOptions;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast mount}: makes a volume a directory, and serves it until it is unmounted. */
@Command(
        name = "mount",
        description = "Mount a volume at a directory, for every program of the machine.",
        footer = "%nReturns when the mount is ready; a process in the background serves it until "
                + "'holdfast umount DIR', or a signal, ends it. See docs/mount.md.")
final class MountCommand extends Subcommand {
    @Parameters(index = "0", paramLabel = "VOLUME", description = "The volume file or device.")
    private Path volume;

    @Parameters(index = "1", paramLabel = "DIR", description = "An existing directory.")
    private Path directory;

    @Option(names = {"-f", "--foreground"}, description = "Serve in this process.")
    private boolean isForeground;

    @Option(names = {"-r", "--read-only"}, description = "Mount for reading only.")
    private boolean isReadOnly;

    @Option(
            names = "--writeback",
            description = "Let the kernel cache writes: faster when small, lost until an fsync.")
    private boolean isWriteback;

    @Option(
            names = "--owner-only",
            description = "Keep other users out.")
    private boolean isOwnerOnly;

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "Requests served at a time, 1 to 64; by default as many as processors, "
                    + "at least 4.")
    private Integer workers;

    @Option(names = MountDaemon.OPTION, hidden = true)
    private boolean isDaemon;

    @Override
    protected ExitCode run(Output output) throws Exception {
        if (!isForeground && !isDaemon) {
            return MountDaemon.start(output);
        }
        if (isDaemon) {
            MountDaemon.detach();
        }
        VolumeOptions options = VolumeOptions.defaults();
        try (Volume opened = Volume.open(volume, isReadOnly ? options.readOnly() : options)) {
            FuseMount mount = FuseMount.mount(opened, directory, fuseOptions());
            // A signal unmounts; the volume is then closed below, and the process ends.
            Thread onSignal = new Thread(() -> end(mount, opened));
            Runtime.getRuntime().addShutdownHook(onSignal);
            if (isDaemon) {
                MountDaemon.ready();
            }
            output.report(new Report().text("volume", volume.toString())
                    .text("mounted", mount.directory().toString()));
            mount.awaitUnmount();
            end(mount, opened);
        }
        return ExitCode.OK;
    }

    /** Ends the mount and closes the volume, once, whether unmounted or told by a signal. */
    private static synchronized void end(FuseMount mount, Volume opened) {
        try {
            mount.close();
            opened.close();
        } catch (IOException e) {
            System.err.println("holdfast: " + Failure.of(e).message());
        }
    }

    private FuseOptions fuseOptions() {
        FuseOptions options = FuseOptions.defaults().source(volume.toAbsolutePath().toString());
        options = isWriteback ? options.writeback() : options;
        options = isOwnerOnly ? options.ownerOnly() : options;
        return workers == null ? options : options.workers(workers);
    }
}
