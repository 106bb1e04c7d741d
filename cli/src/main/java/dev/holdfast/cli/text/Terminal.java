package dev.holdfast.cli.text;

import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * What the two output streams lead to. The launcher says so in system properties: the JDK only
 * knows of input and output together, and not of standard error.
 *
 * @param outIsTerminal standard output is a terminal
 * @param errIsTerminal standard error is a terminal
 * @param isDumb the terminal cannot move its cursor
 * @param noColour the user wants no colours (https://no-color.org)
 */
public record Terminal(boolean outIsTerminal, boolean errIsTerminal, boolean isDumb,
        boolean noColour) {
    /** No terminal: what a script or a test has. */
    public static final Terminal NONE = new Terminal(false, false, false, true);

    /** Returns what the launcher and the environment say. */
    public static Terminal ofProcess() {
        return of(System::getProperty, System.getenv());
    }

    static Terminal of(UnaryOperator<String> properties, Map<String, String> environment) {
        String noColour = environment.getOrDefault("NO_COLOR", "");
        return new Terminal(
                Boolean.parseBoolean(properties.apply("holdfast.terminal.out")),
                Boolean.parseBoolean(properties.apply("holdfast.terminal.err")),
                environment.getOrDefault("TERM", "dumb").equals("dumb"),
                !noColour.isEmpty());
    }

    /** Tells whether a line on standard error can be drawn over. */
    public boolean canRedraw() {
        return errIsTerminal && !isDumb;
    }

    /** Tells whether standard error takes colours. */
    public boolean isColoured() {
        return canRedraw() && !noColour;
    }

    /** Tells whether standard output takes colours. */
    public boolean isOutColoured() {
        return outIsTerminal && !isDumb && !noColour;
    }
}
