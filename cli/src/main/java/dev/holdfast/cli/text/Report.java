package dev.holdfast.cli.text;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a command found out: keys and values in order, said once and shown as aligned text or as
 * JSON. Keys are lower camel case with the unit last ({@code sizeBytes}, {@code p50Nanos}); the
 * text drops the unit and spaces the words. Not thread-safe.
 */
public final class Report {
    private final Map<String, Value> entries = new LinkedHashMap<>();

    /** Adds words; null is shown as absent. */
    public Report text(String key, String words) {
        return add(key, words == null ? new Value.Absent() : new Value.Text(words));
    }

    /** Adds a number of things. */
    public Report count(String key, long count) {
        return add(key, new Value.Count(count));
    }

    /** Adds a number of bytes; the key ends in {@code Bytes}. */
    public Report size(String key, long bytes) {
        return add(key, new Value.Size(bytes));
    }

    /** Adds a time; the key ends in {@code Nanos}. */
    public Report duration(String key, long nanos) {
        return add(key, new Value.Duration(nanos));
    }

    /** Adds a ratio or mean. */
    public Report decimal(String key, double number) {
        return add(key, new Value.Decimal(number));
    }

    /** Adds a yes or no. */
    public Report flag(String key, boolean flag) {
        return add(key, new Value.Flag(flag));
    }

    /** Adds a key without a value. */
    public Report absent(String key) {
        return add(key, new Value.Absent());
    }

    /** Adds a report under a heading. */
    public Report group(String key, Report report) {
        return add(key, new Value.Group(report));
    }

    /** Adds a table, one report a row. */
    public Report rows(String key, List<Report> rows) {
        return add(key, new Value.Rows(rows));
    }

    /** Returns the report as aligned text, every line ended. */
    public String toText() {
        return ReportText.of(this);
    }

    /** Returns the report as one JSON object, without a line end. */
    public String toJson() {
        return Json.of(this);
    }

    Map<String, Value> entries() {
        return Collections.unmodifiableMap(entries);
    }

    private Report add(String key, Value value) {
        if (entries.putIfAbsent(key, value) != null) {
            throw new IllegalArgumentException("the key " + key + " is in the report already");
        }
        return this;
    }
}
