package dev.holdfast.cli.text;

import java.util.List;

/**
 * One value of a {@link Report}: a number with its unit, so that each form can show it its own way.
 */
public sealed interface Value {
    /** Words. */
    record Text(String words) implements Value {}

    /** A number of things. */
    record Count(long count) implements Value {}

    /** A number of bytes: {@code 4 KiB} for people, 4096 in JSON. */
    record Size(long bytes) implements Value {}

    /** A time: {@code 1.5 us} for people, 1500 in JSON. */
    record Duration(long nanos) implements Value {}

    /** A ratio or mean; JSON has null for one that is no number. */
    record Decimal(double number) implements Value {}

    /** Yes or no. */
    record Flag(boolean flag) implements Value {}

    /** Nothing: a dash for people, null in JSON. */
    record Absent() implements Value {}

    /** A report inside a report. */
    record Group(Report report) implements Value {}

    /** A table: every row has the same keys in the same order. */
    record Rows(List<Report> rows) implements Value {
        /** Copies the rows. */
        public Rows {
            rows = List.copyOf(rows);
        }
    }

    /** Tells whether columns of this kind are aligned to the right. */
    default boolean isNumber() {
        return this instanceof Count || this instanceof Size || this instanceof Duration
                || this instanceof Decimal;
    }
}
