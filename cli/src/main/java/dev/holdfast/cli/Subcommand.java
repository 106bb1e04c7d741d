package dev.holdfast.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * A command of {@code holdfast}: options and parameters as annotated fields, and {@link #run},
 * which throws where it fails. Created anew for each command line, used by one thread.
 */
public abstract class Subcommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--json", description = "Print the answer as JSON.")
    private boolean isJson;

    @Option(names = "--debug", description = "Print the stack trace of a failure.")
    private boolean isDebug;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help and exit.")
    private boolean isHelpWanted;

    /**
     * Does the work. A failure is thrown, as {@code HoldfastException} or any other: the caller
     * turns it into a line and an exit code.
     */
    protected abstract ExitCode run(Output output) throws Exception;

    /**
     * Returns the failure to report for what {@link #run} threw; {@code check} has codes of its
     * own.
     */
    Failure failureOf(Throwable thrown) {
        return Failure.of(thrown);
    }

    @Override
    public final Integer call() throws Exception {
        return run(output()).number();
    }

    Output output() {
        HoldfastCommand root = (HoldfastCommand) spec.root().userObject();
        return new Output(spec.commandLine().getOut(), spec.commandLine().getErr(), root.terminal(),
                root.streams(), isJson);
    }

    /** Returns the failure of a command line that is well formed and makes no sense. */
    protected final ParameterException usage(String problem) {
        return new ParameterException(spec.commandLine(), problem);
    }

    boolean isDebug() {
        return isDebug;
    }
}
