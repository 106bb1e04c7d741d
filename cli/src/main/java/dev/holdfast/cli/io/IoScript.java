package dev.holdfast.cli.io;

import dev.holdfast.cli.text.Quoting;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Reads {@code io} scripts: an operation a line, blank lines, and comments from {@code #}. */
public final class IoScript {
    private IoScript() {}

    /**
     * Returns the operations of a script in order.
     *
     * @throws IoSyntaxException at the first line that cannot be read
     */
    public static List<IoOp> parse(String script) {
        List<IoOp> ops = new ArrayList<>();
        int number = 0;
        for (String line : script.split("\n", -1)) {
            parseLine(line, ++number).ifPresent(ops::add);
        }
        return List.copyOf(ops);
    }

    /**
     * Returns the operation of one line, or nothing for a blank line or a comment.
     *
     * @param lineNumber the number that messages name, from 1
     * @throws IoSyntaxException when the line cannot be read
     */
    public static Optional<IoOp> parseLine(String line, int lineNumber) {
        List<IoToken> tokens = IoTokenizer.split(line, lineNumber);
        if (tokens.isEmpty()) {
            return Optional.empty();
        }
        IoToken name = tokens.getFirst();
        IoSyntax syntax = IoSyntax.named(name.text());
        if (syntax == null) {
            throw new IoSyntaxException(lineNumber, name.column(), "unknown operation "
                    + Quoting.shown(name.text()) + "; expected one of " + names());
        }
        IoArguments arguments = new IoArguments(
                syntax,
                tokens.subList(1, tokens.size()),
                lineNumber,
                line.stripTrailing().length() + 1);
        try {
            IoOp op = syntax.read(arguments);
            arguments.end();
            return Optional.of(op);
        } catch (IoSyntaxException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            // The words are well formed one by one but not together: blame the operation.
            throw new IoSyntaxException(lineNumber, name.column(), syntax.opName() + ": "
                    + e.getMessage());
        }
    }

    /** Returns the script that reads back as {@code ops}. */
    public static String format(Collection<? extends IoOp> ops) {
        return ops.stream().map(op -> op + "\n").collect(Collectors.joining());
    }

    /** Returns the usage lines of all operations. */
    public static List<String> usages() {
        return Arrays.stream(IoSyntax.values()).map(IoSyntax::usage).toList();
    }

    private static String names() {
        return Arrays.stream(IoSyntax.values())
                .map(IoSyntax::opName).collect(Collectors.joining(", "));
    }
}
