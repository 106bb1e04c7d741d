package dev.holdfast.cli.text;

import dev.holdfast.file.NameText;

/** Shows text from outside in a message: quoted, on one line, not too long. */
public final class Quoting {
    private static final int SHOWN_MAX = 60;

    private Quoting() {}

    /** Returns {@code text} in quotes, control characters escaped, cut where it gets long. */
    public static String shown(String text) {
        String head = text.length() > SHOWN_MAX ? text.substring(0, SHOWN_MAX) + "…" : text;
        return "'" + oneLine(head) + "'";
    }

    /** Returns {@code text} with line ends, other control characters and stray bytes escaped. */
    public static String oneLine(String text) {
        StringBuilder line = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\n' -> line.append("\\n");
                case '\t' -> line.append("\\t");
                case '\r' -> line.append("\\r");
                default -> {
                    if (NameText.isEscape(text, i)) {
                        line.append(String.format("\\x%02x", c & 0xFF));
                    } else if (Character.isISOControl(c)) {
                        line.append(String.format("\\x%02x", (int) c));
                    } else {
                        line.append(c);
                    }
                }
            }
        }
        return line.toString();
    }
}
