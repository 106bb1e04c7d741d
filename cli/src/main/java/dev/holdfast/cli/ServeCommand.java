package dev.holdfast.cli;

import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.VolumeOptions;
import dev.holdfast.cli.text.Report;
import dev.holdfast.faultd.keeper.Keeper;
import dev.holdfast.faultd.keeper.Worker;
import dev.holdfast.fs.BlockRun;
import dev.holdfast.fuse.Daemon;
import dev.holdfast.fuse.FuseMount;
import dev.holdfast.fuse.FuseOptions;
import dev.holdfast.fuse.MountTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code holdfast serve}: owns a volume and answers the page faults of other processes that map its
 * files. This process is the keeper; the owner is a child that runs the same command line.
 */
@Command(
        name = "serve",
        description = "Own a volume and serve its files, and their page faults, "
                + "to other processes.",
        footer = "%nServes until a signal (TERM, INT) ends it. The volume must be on tmpfs or "
                + "hugetlbfs. See docs/fault-server.md.")
final class ServeCommand extends Subcommand {
    private static final String WORKER = "--worker";

    @Parameters(index = "0", paramLabel = "VOLUME", description = "The volume file.")
    private Path volume;

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            description = "Where clients connect; by default VOLUME.sock.")
    private Path socket;

    @Option(
            names = "--mount",
            paramLabel = "DIR",
            description = "Also mount the volume at an existing directory.")
    private Path directory;

    @Option(
            names = "--restarts",
            paramLabel = "N",
            defaultValue = "5",
            description = "Owners that may die within a minute before clients are given up; "
                    + "${DEFAULT-VALUE} by default.")
    private int restarts;

    @Option(names = WORKER, hidden = true)
    private Integer channel;

    @Override
    protected ExitCode run(Output output) throws Exception {
        if (channel != null) {
            Worker.run(channel, this::open, directory == null ? opened -> () -> { } : this::mount);
            return ExitCode.OK;
        }
        if (restarts < 0) {
            throw usage("--restarts " + restarts + " is negative");
        }
        return keep(output);
    }

    private Volume open(List<BlockRun> withheld) throws IOException {
        return Volume.open(volume, VolumeLab.withheld(VolumeOptions.defaults(), withheld));
    }

    /** The mount of an owner that died is in the way of the next. */
    private AutoCloseable mount(Volume opened) throws IOException, InterruptedException {
        String source = volume.toAbsolutePath().toString();
        if (MountTable.at(directory).filter(dead -> dead.source().equals(source)).isPresent()) {
            Daemon.unmount(directory, true);
        }
        return FuseMount.mount(opened, directory, FuseOptions.defaults().source(source));
    }

    private ExitCode keep(Output output) throws IOException {
        Path at = socket != null ? socket : Path.of(volume + ".sock");
        Keeper keeper = new Keeper(at, command(),
                new Keeper.Limits(restarts, Keeper.Limits.DEFAULT.withinNanos()),
                () -> output.report(new Report().text("volume", volume.toString())
                        .text("socket", at.toString())));
        CountDownLatch ended = new CountDownLatch(1);
        Thread onSignal = new Thread(() -> {
            keeper.stop();
            awaitQuietly(ended);
        });
        Runtime.getRuntime().addShutdownHook(onSignal);
        try {
            return switch (keeper.run()) {
                case STOPPED -> ExitCode.OK;
                case NEVER_SERVED -> {
                    ExitCode said = ExitCode.FAILED;
                    for (ExitCode code : ExitCode.values()) {
                        said = code.number() == keeper.exitStatus() ? code : said;
                    }
                    yield said;
                }
                case GAVE_UP -> {
                    output.note("the owner of the volume died more than " + restarts
                            + " times in a minute; its clients get bus errors");
                    yield ExitCode.FAILED;
                }
            };
        } finally {
            ended.countDown();
        }
    }

    private static void awaitQuietly(CountDownLatch ended) {
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns this process's own command line, with the option that makes it a worker. */
    private static List<String> command() throws IOException {
        String line = Files.readString(Path.of("/proc/self/cmdline"));
        List<String> command = new ArrayList<>(List.of(line.split("\0")));
        command.set(0, Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add(WORKER);
        return command;
    }
}
