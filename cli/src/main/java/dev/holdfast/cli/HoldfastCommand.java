package dev.holdfast.cli;

import dev.holdfast.cli.bench.BenchCommand;
import dev.holdfast.cli.demo.DemoCommand;
import dev.holdfast.cli.explore.ExploreCommand;
import dev.holdfast.cli.text.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code holdfast} itself: shows help and version, and lists the subcommands. */
@Command(
        name = "holdfast",
        description = "A direct-access file system whose writable pages are never lost.",
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = VersionText.class,
        subcommands = {
            MkfsCommand.class,
            InfoCommand.class,
            CheckCommand.class,
            LsCommand.class,
            StatCommand.class,
            PutCommand.class,
            GetCommand.class,
            CatCommand.class,
            RmCommand.class,
            MkdirCommand.class,
            MvCommand.class,
            LnCommand.class,
            ExtentsCommand.class,
            IoCommand.class,
            MountCommand.class,
            UmountCommand.class,
            ServeCommand.class,
            ExploreCommand.class,
            BenchCommand.class,
            DemoCommand.class,
            HelpCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done; for check, the volume is sound",
            "1:the operation failed",
            "2:the command line was wrong; nothing was done",
            "4:the volume's metadata is damaged",
            "8:check could not look",
            "16:the command line of check was wrong",
            "70:a fault of this program",
            "130:interrupted"
        })
final class HoldfastCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final Streams streams;

    @Spec
    private CommandSpec spec;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help and exit.")
    private boolean isHelpWanted;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version and exit.")
    private boolean isVersionWanted;

    HoldfastCommand(Terminal terminal) {
        this(terminal, Streams.ofProcess());
    }

    HoldfastCommand(Terminal terminal, Streams streams) {
        this.terminal = terminal;
        this.streams = streams;
    }

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return ExitCode.USAGE.number();
    }

    Terminal terminal() {
        return terminal;
    }

    Streams streams() {
        return streams;
    }
}
