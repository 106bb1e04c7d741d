package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cli.text.Terminal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Runs commands in this process, as the launcher would, and keeps what they said. */
final class Cli {
    private Cli() {}

    /**
     * What a command did.
     *
     * @param exit its exit code
     * @param bytes its standard output
     * @param err its standard error
     */
    record Result(int exit, byte[] bytes, String err) {
        String out() {
            return new String(bytes, StandardCharsets.UTF_8);
        }

        /** Asserts that the command worked, and returns what it said. */
        String ok() {
            assertThat(exit).as(err).isZero();
            assertThat(err).isEmpty();
            return out();
        }

        /** Asserts that the command failed with one line, and returns that line. */
        String fails(int expectedExit) {
            assertThat(exit).as("exit code; out: %s err: %s", out(), err).isEqualTo(expectedExit);
            assertThat(err).startsWith("holdfast: ").endsWith("\n");
            assertThat(err.lines()).as(err).hasSize(1);
            return err;
        }
    }

    static Result run(Object... arguments) {
        return runWith(new byte[0], arguments);
    }

    /** Runs a command whose standard input is {@code input}. */
    static Result runWith(byte[] input, Object... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintWriter outText = new PrintWriter(out, false, StandardCharsets.UTF_8);
        PrintWriter errText = new PrintWriter(err, false, StandardCharsets.UTF_8);
        String[] words = Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
        int exit = CommandLines.of(outText, errText, Terminal.NONE,
                new Streams(new ByteArrayInputStream(input), out)).execute(words);
        outText.flush();
        errText.flush();
        return new Result(exit, out.toByteArray(), err.toString(StandardCharsets.UTF_8));
    }

    /** Runs commands that must work, on one volume: {@code on(v, "mkdir", "/a")}. */
    static String on(Object volume, String command, Object... arguments) {
        Object[] words = new Object[arguments.length + 2];
        words[0] = command;
        words[1] = volume;
        System.arraycopy(arguments, 0, words, 2, arguments.length);
        return run(words).ok();
    }
}
