package dev.holdfast.nio;

import java.util.regex.PatternSyntaxException;

/** Translates glob patterns, as {@link java.nio.file.FileSystem#getPathMatcher} describes them. */
final class Glob {
    private static final String REGEX_META = ".^$+{[]|()";
    private static final String GLOB_META = "\\*?[{";

    private final String glob;
    private final StringBuilder regex = new StringBuilder("^");
    private int at;
    private boolean inGroup;

    private Glob(String glob) {
        this.glob = glob;
    }

    /** Returns the regular expression that matches what a glob does. */
    static String toRegex(String glob) {
        Glob translation = new Glob(glob);
        while (translation.at < glob.length()) {
            translation.next(glob.charAt(translation.at++));
        }
        if (translation.inGroup) {
            throw translation.wrong("Missing '}'");
        }
        return translation.regex.append('$').toString();
    }

    private void next(char c) {
        switch (c) {
            case '\\' -> escaped();
            case '/' -> regex.append(c);
            case '[' -> bracket();
            case '{' -> {
                if (inGroup) {
                    throw wrong("Cannot nest groups");
                }
                regex.append("(?:(?:");
                inGroup = true;
            }
            case '}' -> {
                regex.append(inGroup ? "))" : "}");
                inGroup = false;
            }
            case ',' -> regex.append(inGroup ? ")|(?:" : ",");
            case '*' -> {
                if (peek() == '*') {
                    regex.append(".*");
                    at++;
                } else {
                    regex.append("[^/]*");
                }
            }
            case '?' -> regex.append("[^/]");
            default -> literal(c);
        }
    }

    private void escaped() {
        if (at == glob.length()) {
            throw wrong("No character to escape");
        }
        char c = glob.charAt(at++);
        if (GLOB_META.indexOf(c) >= 0 || REGEX_META.indexOf(c) >= 0) {
            regex.append('\\');
        }
        regex.append(c);
    }

    private void literal(char c) {
        if (REGEX_META.indexOf(c) >= 0) {
            regex.append('\\');
        }
        regex.append(c);
    }

    /** A class of characters, of which '/' never is one. */
    private void bracket() {
        regex.append("[[^/]&&[");
        if (peek() == '^') {
            regex.append("\\^");
            at++;
        } else {
            if (peek() == '!') {
                regex.append('^');
                at++;
            }
            if (peek() == '-') {
                regex.append('-');
                at++;
            }
        }
        boolean rangeMayFollow = false;
        char last = 0;
        while (at < glob.length()) {
            char c = glob.charAt(at++);
            if (c == ']') {
                regex.append("]]");
                return;
            }
            if (c == '/') {
                throw wrong("Explicit 'name separator' in class");
            }
            if (c == '\\' || c == '[' || c == '&' && peek() == '&') {
                regex.append('\\');
            }
            regex.append(c);
            if (c != '-') {
                rangeMayFollow = true;
                last = c;
                continue;
            }
            if (!rangeMayFollow) {
                throw wrong("Invalid range");
            }
            char end = peek();
            if (end == 0 || end == ']') {
                continue;
            }
            if (end < last) {
                throw wrong("Invalid range");
            }
            at++;
            regex.append(end == '\\' || end == '[' ? "\\" : "").append(end);
            rangeMayFollow = false;
        }
        throw wrong("Missing ']'");
    }

    private char peek() {
        return at < glob.length() ? glob.charAt(at) : 0;
    }

    private PatternSyntaxException wrong(String what) {
        return new PatternSyntaxException(what, glob, at - 1);
    }
}
