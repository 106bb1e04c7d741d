package dev.holdfast.cli.io;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits a line into words, and writes a word so that splitting gives it back.
 *
 * <p>Words are separated by blanks. A word in double quotes may hold anything, with the escapes
 * {@code \\ \" \n \t \r} and {@code \}{@code uHHHH}. A {@code #} at the start of a word begins a
 * comment.
 */
final class IoTokenizer {
    private static final String BARE = "/._-+,:=@%~#";

    private final String line;
    private final int lineNumber;
    private int at;

    private IoTokenizer(String line, int lineNumber) {
        this.line = line;
        this.lineNumber = lineNumber;
    }

    static List<IoToken> split(String line, int lineNumber) {
        IoTokenizer tokenizer = new IoTokenizer(line, lineNumber);
        List<IoToken> tokens = new ArrayList<>();
        while (tokenizer.skipBlanks()) {
            tokens.add(tokenizer.next());
        }
        return tokens;
    }

    /** Returns {@code word} as it is written in a script. */
    static String written(String word) {
        if (isBare(word)) {
            return word;
        }
        StringBuilder quoted = new StringBuilder("\"");
        word.chars().forEach(c -> {
            switch (c) {
                case '"', '\\' -> quoted.append('\\').append((char) c);
                case '\n' -> quoted.append("\\n");
                case '\t' -> quoted.append("\\t");
                case '\r' -> quoted.append("\\r");
                default -> {
                    // Other line ends, controls and halves of pairs would not survive a text file.
                    if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029'
                            || Character.isSurrogate((char) c)) {
                        quoted.append(String.format("\\u%04x", c));
                    } else {
                        quoted.append((char) c);
                    }
                }
            }
        });
        return quoted.append('"').toString();
    }

    private static boolean isBare(String word) {
        return !word.isEmpty() && word.charAt(0) != '-' && word.charAt(0) != '#'
                && word.codePoints().allMatch(c -> Character.isLetterOrDigit(c) && c < 0x10000
                        || BARE.indexOf(c) >= 0);
    }

    /** Moves to the next word; false at the end of the line or at a comment. */
    private boolean skipBlanks() {
        while (at < line.length() && isBlank(line.charAt(at))) {
            at++;
        }
        return at < line.length() && line.charAt(at) != '#';
    }

    private IoToken next() {
        int start = at;
        if (line.charAt(at) == '"') {
            return new IoToken(quoted(), start + 1, true);
        }
        while (at < line.length() && !isBlank(line.charAt(at))) {
            char c = line.charAt(at);
            if (c == '"') {
                throw problem(at, "a quote may only open a word; quote the whole name");
            }
            if (c == '\\') {
                throw problem(at, "a backslash is an escape and needs a word in double quotes");
            }
            at++;
        }
        return new IoToken(line.substring(start, at), start + 1, false);
    }

    private String quoted() {
        int start = at++;
        StringBuilder word = new StringBuilder();
        while (at < line.length()) {
            char c = line.charAt(at++);
            if (c == '"') {
                if (at < line.length() && !isBlank(line.charAt(at))) {
                    throw problem(at, "expected a blank after the closing quote");
                }
                return word.toString();
            }
            word.append(c == '\\' ? escape() : c);
        }
        throw problem(start, "this quote is not closed; expected \" before the end of the line");
    }

    private char escape() {
        int start = at - 1;
        char kind = at < line.length() ? line.charAt(at++) : ' ';
        return switch (kind) {
            case '"', '\\' -> kind;
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'u' -> unicode(start);
            default -> throw problem(start,
                    "unknown escape; expected \\\\, \\\", \\n, \\t, \\r or \\uHHHH");
        };
    }

    private char unicode(int start) {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int digit = at < line.length() ? Character.digit(line.charAt(at), 16) : -1;
            if (digit < 0) {
                throw problem(start, "\\u needs four hexadecimal digits");
            }
            value = value << 4 | digit;
            at++;
        }
        return (char) value;
    }

    private IoSyntaxException problem(int index, String what) {
        return new IoSyntaxException(lineNumber, index + 1, what);
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\r';
    }
}
