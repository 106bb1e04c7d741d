package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cli.io.IoScript;
import dev.holdfast.cli.text.Report;
import dev.holdfast.cli.text.Terminal;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What becomes of a command that fails, from the thrown object to the line and the exit code. */
class FailureTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @FunctionalInterface
    interface Work {
        ExitCode run(Output output) throws Exception;
    }

    @Command(name = "try")
    static final class TryCommand extends Subcommand {
        private final Work work;

        @Option(names = "--size")
        ByteSize size;

        TryCommand(Work work) {
            this.work = work;
        }

        @Override
        protected ExitCode run(Output output) throws Exception {
            return work.run(output);
        }
    }

    @Command(name = "try", exitCodeOnInvalidInput = 16)
    static final class TryCheckCommand extends Subcommand {
        private final Work work;

        TryCheckCommand(Work work) {
            this.work = work;
        }

        @Override
        protected ExitCode run(Output output) throws Exception {
            return work.run(output);
        }

        @Override
        Failure failureOf(Throwable thrown) {
            return super.failureOf(thrown).whileChecking();
        }
    }

    private int execute(Subcommand command, String... options) {
        CommandLine line = new CommandLine(
                new HoldfastCommand(Terminal.NONE)).addSubcommand(command);
        CommandLines.configure(line, new PrintWriter(out, true), new PrintWriter(err, true),
                Terminal.NONE);
        String[] arguments = new String[options.length + 1];
        arguments[0] = "try";
        System.arraycopy(options, 0, arguments, 1, options.length);
        return line.execute(arguments);
    }

    private static Work fail(Exception failure) {
        return _ -> {
            throw failure;
        };
    }

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void everyErrorCodeBecomesOneLineAndAnExitCode(ErrorCode code) {
        int exit = execute(new TryCommand(fail(new HoldfastException(code,
                "no: /a\nat 4096: do this"))));

        assertThat(err).hasToString("holdfast: no: /a\\nat 4096: do this\n");
        assertThat(out.toString()).isEmpty();
        assertThat(exit).isEqualTo(switch (code) {
            case CORRUPT -> 4;
            case INTERRUPTED -> 130;
            default -> 1;
        });
    }

    @Test
    void checkHasTheExitCodesOfFsck() {
        var damaged = new HoldfastException(ErrorCode.CORRUPT, "bad");
        var busy = new HoldfastException(ErrorCode.BUSY, "busy");

        assertThat(execute(new TryCheckCommand(_ -> ExitCode.OK))).isZero();
        assertThat(execute(new TryCheckCommand(fail(damaged)))).isEqualTo(4);
        assertThat(execute(new TryCheckCommand(fail(busy)))).isEqualTo(8);
        assertThat(execute(new TryCheckCommand(_ -> ExitCode.OK), "--bogus")).isEqualTo(16);
    }

    @Test
    void namesTheFileThatIsMissing() {
        Failure failure = Failure.of(new UncheckedIOException(new NoSuchFileException("/v.hf")));

        assertThat(failure).isEqualTo(
                new Failure(ExitCode.FAILED, "NOT_FOUND", "no such file: /v.hf: check the path"));
    }

    @Test
    void aScriptThatCannotBeReadIsAUsageError() {
        int exit = execute(new TryCommand(_ -> {
            IoScript.parse("pread /a");
            return ExitCode.OK;
        }));

        assertThat(exit).isEqualTo(2);
        assertThat(err.toString()).startsWith("holdfast: line 1, column 9: expected OFF");
    }

    @Test
    void aFaultOfTheProgramIsCalledOneAndHidesItsStackTrace() {
        int exit = execute(new TryCommand(fail(new IllegalStateException("latch"))));

        assertThat(exit).isEqualTo(70);
        assertThat(err.toString()).startsWith("holdfast: internal error: ").contains("latch")
                .contains("--debug");
        assertThat(err.toString().lines()).hasSize(1);
    }

    @Test
    void debugShowsTheStackTrace() {
        execute(new TryCommand(fail(new IOException("disk"))), "--debug");

        assertThat(err.toString()).contains("holdfast: input or output failed: disk")
                .contains("\tat dev.holdfast.cli");
    }

    @Test
    void jsonCarriesTheFailureToo() {
        execute(new TryCommand(fail(new HoldfastException(ErrorCode.NO_SPACE,
                "full: v.hf: delete"))), "--json");

        assertThat(out).hasToString("""
                {
                  "error": {
                    "code": "NO_SPACE",
                    "message": "full: v.hf: delete",
                    "exitCode": 1
                  }
                }
                """);
        assertThat(err).hasToString("holdfast: full: v.hf: delete\n");
    }

    @Test
    void reportsAsTextOrAsJson() {
        Work work = output -> {
            output.line("for people");
            output.report(new Report().size("sizeBytes", 4096));
            return ExitCode.OK;
        };

        execute(new TryCommand(work));
        assertThat(out).hasToString("for people\nsize  4 KiB\n");
        out.getBuffer().setLength(0);
        execute(new TryCommand(work), "--json");
        assertThat(out).hasToString("{\n  \"sizeBytes\": 4096\n}\n");
    }

    @Test
    void refusesAbsurdSizesOnTheCommandLine() {
        TryCommand command = new TryCommand(_ -> ExitCode.OK);

        assertThat(execute(command, "--size", "32MiB")).isZero();
        assertThat(command.size).isEqualTo(new ByteSize(32 << 20));
        assertThat(execute(command, "--size", "65T")).isEqualTo(2);
        assertThat(err.toString()).contains("65T is out of range; expected 0 to 64t")
                .contains("--size");
    }

    @Test
    void unknownCommandsAndOptionsAreUsageErrorsOfOneLine() {
        StringWriter text = new StringWriter();
        PrintWriter writer = new PrintWriter(text, true);

        assertThat(Main.run(new String[] {"--bogus"}, writer, writer, Terminal.NONE)).isEqualTo(2);
        assertThat(text.toString()).startsWith("holdfast: ").contains("--bogus")
                .contains("holdfast --help");
        assertThat(text.toString().lines()).hasSize(1);
    }

    @Test
    void showsVersionAndHelp() {
        StringWriter text = new StringWriter();
        PrintWriter writer = new PrintWriter(text, true);

        assertThat(Main.run(new String[] {"--version"}, writer, writer, Terminal.NONE)).isZero();
        assertThat(text.toString()).matches("(?s)holdfast \\d+\\.\\d+.*Java .*");
        assertThat(Main.run(new String[] {"--help"}, writer, writer, Terminal.NONE)).isZero();
        assertThat(text.toString()).contains("Usage: holdfast").contains("Exit codes:");
    }
}
