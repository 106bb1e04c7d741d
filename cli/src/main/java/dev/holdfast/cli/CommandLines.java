package dev.holdfast.cli;

import dev.holdfast.cli.text.Quoting;
import dev.holdfast.cli.text.Terminal;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Puts the command line together: streams, colours, the size converter, and what becomes of
 * failures.
 */
final class CommandLines {
    private CommandLines() {}

    /** Returns a command line that writes to {@code out} and {@code err}; it is used once. */
    static CommandLine of(PrintWriter out, PrintWriter err, Terminal terminal) {
        return of(out, err, terminal, Streams.ofProcess());
    }

    /** Returns a command line whose content comes from and goes to {@code streams}. */
    static CommandLine of(PrintWriter out, PrintWriter err, Terminal terminal, Streams streams) {
        CommandLine line = new CommandLine(new HoldfastCommand(terminal, streams));
        return configure(line, out, err, terminal);
    }

    /** Configures {@code line} and every subcommand it has by now. */
    static CommandLine configure(CommandLine line, PrintWriter out, PrintWriter err,
            Terminal terminal) {
        Help.Ansi ansi = terminal.isOutColoured() ? Help.Ansi.ON : Help.Ansi.OFF;
        return line.setOut(out)
                .setErr(err)
                .setColorScheme(Help.defaultColorScheme(ansi))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setAbbreviatedOptionsAllowed(false)
                .registerConverter(ByteSize.class, new ByteSize.Converter())
                .registerConverter(Owner.class, new Owner.Converter())
                .setParameterExceptionHandler(usageHandler())
                .setExecutionExceptionHandler(CommandLines::onFailure);
    }

    private static IParameterExceptionHandler usageHandler() {
        return (problem, _) -> {
            CommandLine line = problem.getCommandLine();
            PrintWriter err = line.getErr();
            err.println("holdfast: " + Quoting.oneLine(withoutStop(problem)) + ": see '"
                    + line.getCommandSpec().qualifiedName() + " --help'");
            UnmatchedArgumentException.printSuggestions(problem, err);
            err.flush();
            return line.getCommandSpec().exitCodeOnInvalidInput();
        };
    }

    private static String withoutStop(ParameterException problem) {
        return problem.getMessage().replaceFirst("\\.$", "");
    }

    private static int onFailure(Exception thrown, CommandLine line, ParseResult result) {
        boolean isDebug = false;
        Failure failure = Failure.of(thrown);
        if (line.getCommand() instanceof Subcommand command) {
            isDebug = command.isDebug();
            failure = command.failureOf(thrown);
            if (command.output().isJson()) {
                command.output().report(failure.report());
            }
        }
        line.getErr().println("holdfast: " + failure.message());
        if (isDebug) {
            thrown.printStackTrace(line.getErr());
        }
        line.getErr().flush();
        return failure.exit().number();
    }
}
