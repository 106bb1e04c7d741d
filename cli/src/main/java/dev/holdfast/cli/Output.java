package dev.holdfast.cli;

import dev.holdfast.cli.text.Progress;
import dev.holdfast.cli.text.Report;
import dev.holdfast.cli.text.Table;
import dev.holdfast.cli.text.Terminal;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;

/**
 * Where a command says what it has to say. Standard output carries the answer, as text or, with
 * {@code --json}, as one JSON object; standard error carries what is said on the way.
 */
public final class Output {
    private final PrintWriter out;
    private final PrintWriter err;
    private final Terminal terminal;
    private final Streams streams;
    private final boolean isJson;

    Output(PrintWriter out, PrintWriter err, Terminal terminal, Streams streams, boolean isJson) {
        this.out = out;
        this.err = err;
        this.terminal = terminal;
        this.streams = streams;
        this.isJson = isJson;
    }

    /** Tells whether the answer is wanted as JSON. */
    public boolean isJson() {
        return isJson;
    }

    /** Prints the answer, in the form wanted. Called once a command. */
    public void report(Report report) {
        if (isJson) {
            out.println(report.toJson());
        } else {
            out.print(report.toText());
        }
        out.flush();
    }

    /** Prints a line of the text form; JSON leaves it out. */
    public void line(String line) {
        if (!isJson) {
            out.println(line);
            out.flush();
        }
    }

    /** Prints a table of the text form; JSON leaves it out. */
    public void table(Table table) {
        if (!isJson) {
            out.print(table.toText());
            out.flush();
        }
    }

    /** Says something on the way, on standard error, in both forms. */
    public void note(String line) {
        err.println("holdfast: " + line);
        err.flush();
    }

    /** Returns standard input. */
    public InputStream input() {
        return streams.in();
    }

    /** Returns standard output for content; nothing else may then be said there. */
    public OutputStream content() {
        out.flush();
        return streams.out();
    }

    /** Opens a bar that shows how far {@code total} steps have come; unseen off a terminal. */
    public Progress progress(String label, long total) {
        return new Progress(err, terminal, label, total);
    }
}
