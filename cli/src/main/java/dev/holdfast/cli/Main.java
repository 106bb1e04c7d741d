package dev.holdfast.cli;

import dev.holdfast.cli.text.Terminal;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** The process: runs one command line and exits with its code. */
public final class Main {
    private Main() {}

    /** Runs the command line {@code arguments}. */
    public static void main(String[] arguments) {
        PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        int code = run(arguments, out, err, Terminal.ofProcess());
        out.flush();
        // Exit even where a library left a thread behind.
        System.exit(code);
    }

    static int run(String[] arguments, PrintWriter out, PrintWriter err, Terminal terminal) {
        try {
            return CommandLines.of(out, err, terminal).execute(arguments);
        } catch (OutOfMemoryError e) {
            Failure failure = Failure.of(e);
            err.println("holdfast: " + failure.message());
            return failure.exit().number();
        }
    }
}
