package dev.holdfast.cli.text;

import java.util.ArrayList;
import java.util.List;

/**
 * Lays rows out in columns, words to the left and numbers to the right, two spaces apart. Widths
 * count code points: names in wide scripts may look ragged, but nothing is cut. Not thread-safe.
 */
public final class Table {
    private static final String GAP = "  ";

    private final List<String> heads = new ArrayList<>();
    private final List<Boolean> right = new ArrayList<>();
    private final List<String[]> rows = new ArrayList<>();

    /** Adds a column of words. */
    public Table left(String head) {
        return column(head, false);
    }

    /** Adds a column of numbers. */
    public Table right(String head) {
        return column(head, true);
    }

    /** Adds a row: one cell a column. */
    public Table row(String... cells) {
        if (cells.length != heads.size()) {
            throw new IllegalArgumentException(
                    "a row of " + cells.length + " cells in a table of " + heads.size()
                            + " columns");
        }
        rows.add(cells.clone());
        return this;
    }

    /** Returns the table, every line ended and none with spaces at its end. */
    public String toText() {
        int[] widths = new int[heads.size()];
        String[] top = heads.toArray(String[]::new);
        widen(widths, top);
        rows.forEach(row -> widen(widths, row));
        StringBuilder text = new StringBuilder();
        append(text, widths, top);
        rows.forEach(row -> append(text, widths, row));
        return text.toString();
    }

    private Table column(String head, boolean toTheRight) {
        if (!rows.isEmpty()) {
            throw new IllegalStateException("columns come before rows");
        }
        heads.add(head);
        right.add(toTheRight);
        return this;
    }

    private static void widen(int[] widths, String[] cells) {
        for (int i = 0; i < cells.length; i++) {
            widths[i] = Math.max(widths[i], length(cells[i]));
        }
    }

    private void append(StringBuilder text, int[] widths, String[] cells) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.length; i++) {
            String pad = " ".repeat(widths[i] - length(cells[i]));
            line.append(i == 0 ? "" : GAP).append(right.get(i) ? pad + cells[i] : cells[i] + pad);
        }
        text.append(line.toString().stripTrailing()).append('\n');
    }

    private static int length(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
