package dev.holdfast.cli.io;

import dev.holdfast.cli.text.Quoting;
import dev.holdfast.cli.text.Sizes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The words behind an operation's name, taken one by one in the order of its usage. Options may
 * stand anywhere; which of them take a value is read off the usage line.
 */
final class IoArguments {
    private final IoSyntax syntax;
    private final int line;
    private final int endColumn;
    private final List<IoToken> words = new ArrayList<>();
    private final Map<Character, IoToken> options = new LinkedHashMap<>();
    private final Map<Character, IoToken> values = new HashMap<>();
    private int next;

    IoArguments(IoSyntax syntax, List<IoToken> tokens, int line, int endColumn) {
        this.syntax = syntax;
        this.line = line;
        this.endColumn = endColumn;
        for (int i = 0; i < tokens.size(); i++) {
            IoToken token = tokens.get(i);
            if (!token.isOption()) {
                words.add(token);
                continue;
            }
            char letter = optionLetter(token);
            if (options.put(letter, token) != null) {
                throw problem(token.column(), "the option " + token.text() + " is given twice");
            }
            if (takesValue(letter)) {
                if (i + 1 == tokens.size()) {
                    throw problem(endColumn, "expected a value after " + token.text());
                }
                values.put(letter, tokens.get(++i));
            }
        }
    }

    String word(String what) {
        return take(what).text();
    }

    long size(String what) {
        IoToken token = take(what);
        return at(token, Sizes::parse);
    }

    <E extends Enum<E>> E choice(String what, Class<E> kind) {
        return choice(take(what), kind);
    }

    <E extends Enum<E>> E choiceOption(char letter, E fallback) {
        IoToken token = values.get(letter);
        return token == null ? fallback : choice(token, fallback.getDeclaringClass());
    }

    int byteOption(char letter, int fallback) {
        IoToken token = values.get(letter);
        if (token == null) {
            return fallback;
        }
        long value = number(token, "a byte from 0 to 255 (0xff)");
        if (value < 0 || value > 0xff) {
            throw expected(token, "a byte from 0 to 255 (0xff)");
        }
        return (int) value;
    }

    OptionalLong longOption(char letter) {
        IoToken token = values.get(letter);
        return token == null
                ? OptionalLong.empty()
                : OptionalLong.of(number(token, "a whole number of 64 bits"));
    }

    /** Returns what the one option given stands for; two that exclude each other are refused. */
    <E> E oneOf(E fallback, Map<Character, E> meanings) {
        if (options.size() > 1) {
            IoToken second = options.values().stream().skip(1).findFirst().orElseThrow();
            throw problem(second.column(), "only one of "
                    + options.values().stream()
                            .map(IoToken::text).collect(Collectors.joining(" and "))
                    + " can be given");
        }
        return options.isEmpty() ? fallback : meanings.get(options.keySet().iterator().next());
    }

    /** Refuses what is left over. */
    void end() {
        if (next < words.size()) {
            IoToken extra = words.get(next);
            throw problem(extra.column(), "unexpected " + Quoting.shown(extra.text()) + "; usage: "
                    + syntax.usage());
        }
    }

    private IoToken take(String what) {
        if (next == words.size()) {
            throw problem(endColumn, "expected " + what + "; usage: " + syntax.usage());
        }
        return words.get(next++);
    }

    private char optionLetter(IoToken token) {
        char letter = token.text().charAt(1);
        String usage = syntax.usage();
        boolean isKnown = usage.contains("[-" + letter) || usage.contains("|-" + letter);
        if (token.text().length() != 2 || !isKnown) {
            throw problem(token.column(), "unknown option " + Quoting.shown(token.text())
                    + "; usage: "
                    + syntax.usage() + " (quote a name that starts with -)");
        }
        return letter;
    }

    private boolean takesValue(char letter) {
        return syntax.usage().contains("[-" + letter + " ");
    }

    private <E extends Enum<E>> E choice(IoToken token, Class<E> kind) {
        for (E constant : kind.getEnumConstants()) {
            if (IoOps.lower(constant).equals(token.text())) {
                return constant;
            }
        }
        throw expected(token, Arrays.stream(kind.getEnumConstants())
                .map(IoOps::lower).collect(Collectors.joining(" or ")));
    }

    private long number(IoToken token, String what) {
        try {
            return token.text().startsWith("0x")
                    ? Long.parseUnsignedLong(token.text(), 2, token.text().length(), 16)
                    : Long.parseLong(token.text());
        } catch (NumberFormatException e) {
            throw expected(token, what);
        }
    }

    private <T> T at(IoToken token, Function<String, T> reader) {
        try {
            return reader.apply(token.text());
        } catch (IllegalArgumentException e) {
            throw problem(token.column(), e.getMessage());
        }
    }

    private IoSyntaxException expected(IoToken token, String what) {
        return problem(token.column(), "expected " + what + ", found "
                + Quoting.shown(token.text()));
    }

    private IoSyntaxException problem(int column, String what) {
        return new IoSyntaxException(line, column, what);
    }
}
