package dev.holdfast.cli.text;

import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Writes a {@link Report} as JSON (RFC 8259), indented by two spaces. */
final class Json {
    private final StringBuilder text = new StringBuilder();

    private Json() {}

    /** Returns the report as one JSON object. */
    static String of(Report report) {
        Json json = new Json();
        json.object(report, 0);
        return json.text.toString();
    }

    private void object(Report report, int depth) {
        Iterator<Map.Entry<String, Value>> entries = report.entries().entrySet().iterator();
        text.append('{');
        while (entries.hasNext()) {
            Map.Entry<String, Value> entry = entries.next();
            newLine(depth + 1);
            string(entry.getKey());
            text.append(": ");
            value(entry.getValue(), depth + 1);
            text.append(entries.hasNext() ? "," : "");
        }
        close('}', !report.entries().isEmpty(), depth);
    }

    private void array(List<Report> rows, int depth) {
        text.append('[');
        for (int i = 0; i < rows.size(); i++) {
            newLine(depth + 1);
            object(rows.get(i), depth + 1);
            text.append(i + 1 < rows.size() ? "," : "");
        }
        close(']', !rows.isEmpty(), depth);
    }

    private void value(Value value, int depth) {
        switch (value) {
            case Value.Text(String words) -> string(words);
            case Value.Count(long count) -> text.append(count);
            case Value.Size(long bytes) -> text.append(bytes);
            case Value.Duration(long nanos) -> text.append(nanos);
            case Value.Decimal(double number) ->
                    text.append(Double.isFinite(number) ? Double.toString(number) : "null");
            case Value.Flag(boolean flag) -> text.append(flag);
            case Value.Absent() -> text.append("null");
            case Value.Group(Report group) -> object(group, depth);
            case Value.Rows(List<Report> rows) -> array(rows, depth);
        }
    }

    private void string(String words) {
        text.append('"');
        for (int i = 0; i < words.length(); i++) {
            char c = words.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    // A lone surrogate has no UTF-8 form; escaped, it survives the way out.
                    if (c < 0x20 || c == 0x7f || Character.isSurrogate(c) && !isPaired(words, i)) {
                        text.append(String.format("\\u%04x", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }

    private static boolean isPaired(String words, int at) {
        return Character.isHighSurrogate(words.charAt(at))
                ? at + 1 < words.length() && Character.isLowSurrogate(words.charAt(at + 1))
                : at > 0 && Character.isHighSurrogate(words.charAt(at - 1));
    }

    private void newLine(int depth) {
        text.append('\n').append("  ".repeat(depth));
    }

    private void close(char bracket, boolean filled, int depth) {
        if (filled) {
            newLine(depth);
        }
        text.append(bracket);
    }
}
