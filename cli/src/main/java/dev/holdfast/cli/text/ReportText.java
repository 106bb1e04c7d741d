package dev.holdfast.cli.text;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Lays a {@link Report} out for people: labels in one column, groups indented, rows as a table. */
final class ReportText {
    private static final String INDENT = "  ";

    private ReportText() {}

    static String of(Report report) {
        StringBuilder text = new StringBuilder();
        append(report, "", text);
        return text.toString();
    }

    private static void append(Report report, String indent, StringBuilder text) {
        int width = 0;
        for (Map.Entry<String, Value> entry : report.entries().entrySet()) {
            if (!isBlock(entry.getValue())) {
                width = Math.max(width, label(entry.getKey()).length());
            }
        }
        for (Map.Entry<String, Value> entry : report.entries().entrySet()) {
            String label = label(entry.getKey());
            text.append(indent).append(label);
            switch (entry.getValue()) {
                case Value.Group(Report group) -> {
                    text.append('\n');
                    append(group, indent + INDENT, text);
                }
                case Value.Rows(List<Report> rows) when rows.isEmpty() -> text.append(": none\n");
                case Value.Rows(List<Report> rows) -> {
                    text.append('\n');
                    table(rows).toText().lines().forEach(
                            line -> text.append(indent).append(INDENT).append(line).append('\n'));
                }
                case Value value -> text.append(" ".repeat(width - label.length() + 2))
                        .append(shown(value)).append('\n');
            }
        }
    }

    private static boolean isBlock(Value value) {
        return value instanceof Value.Group || value instanceof Value.Rows;
    }

    private static Table table(List<Report> rows) {
        Table table = new Table();
        rows.getFirst().entries().forEach((key, value) -> {
            if (value.isNumber()) {
                table.right(label(key));
            } else {
                table.left(label(key));
            }
        });
        for (Report row : rows) {
            table.row(row.entries().values().stream()
                    .map(ReportText::shown).toArray(String[]::new));
        }
        return table;
    }

    /** {@code freeBytes} becomes {@code free}: the value brings its unit along. */
    static String label(String key) {
        String bare = key.replaceFirst("(?<=.)(Bytes|Nanos)$", "");
        return bare.replaceAll("(?<=[a-z0-9])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    }

    static String shown(Value value) {
        return switch (value) {
            case Value.Text(String words) -> Quoting.oneLine(words);
            case Value.Count(long count) -> Long.toString(count);
            case Value.Size(long bytes) -> Sizes.human(bytes);
            case Value.Duration(long nanos) -> duration(nanos);
            case Value.Decimal(double number) -> String.format(Locale.ROOT, "%.2f", number);
            case Value.Flag(boolean flag) -> flag ? "yes" : "no";
            case Value.Absent() -> "-";
            case Value.Group(Report group) -> group.toJson();
            case Value.Rows(List<Report> rows) -> rows.size() + " rows";
        };
    }

    private static String duration(long nanos) {
        if (nanos < 1_000) {
            return nanos + " ns";
        }
        if (nanos < 1_000_000) {
            return String.format(Locale.ROOT, "%.2f us", nanos / 1e3);
        }
        if (nanos < 1_000_000_000) {
            return String.format(Locale.ROOT, "%.2f ms", nanos / 1e6);
        }
        return String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
    }
}
