package dev.holdfast.cli.bench;

import dev.holdfast.cli.text.Report;
import dev.holdfast.cli.text.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Shows rows: as the table of the original measurement, as figures of our own, and as reports. */
public final class FaultTables {
    /** A column of the histogram: the times from one bound to below another. */
    private record Bucket(String label, long fromNanos, long toNanos) {}

    /** Columns below 8 us are ours; from there on they are those of the original table. */
    private static final List<Bucket> BUCKETS = List.of(
            bucket("0-1", 0, 1), bucket("1-2", 1, 2), bucket("2-4", 2, 4), bucket("4-8", 4, 8),
            bucket("8-15", 8, 16), bucket("16-31", 16, 32), bucket("32-63", 32, 64),
            bucket("64-127", 64, 128), bucket("128-255", 128, 256),
            new Bucket("256+", 256_000, Long.MAX_VALUE));

    private FaultTables() {}

    private static Bucket bucket(String label, long fromMicros, long toMicros) {
        return new Bucket(label, fromMicros * 1000, toMicros * 1000);
    }

    /** Returns the table of the original measurement, in microseconds. */
    public static Table original(List<FaultRow> rows) {
        Table table = new Table().left("case").right("min").right("avg").right("max");
        BUCKETS.forEach(bucket -> table.right(bucket.label));
        for (FaultRow row : rows) {
            FaultSample sample = row.median();
            List<String> cells = new ArrayList<>(List.of(row.cell().label(),
                    micros(sample.minNanos()), micros(sample.avgNanos()),
                    micros(sample.maxNanos())));
            for (Bucket bucket : BUCKETS) {
                int count = sample.countBetween(bucket.fromNanos, bucket.toNanos);
                cells.add(count == 0 ? "-" : Integer.toString(count));
            }
            table.row(cells.toArray(String[]::new));
        }
        return table;
    }

    /**
     * Returns the table of medians, spreads and counters, and of what a fault costs the thread that
     * answers, where there is one.
     */
    public static Table figures(List<FaultRow> rows) {
        Table table = new Table().left("case").right("p50 us").right("rounds' p50").right("p99 us")
                .right("barriers/fault").right("lines/fault").right("kernel faults");
        boolean hasHandler = rows.stream().anyMatch(row -> row.median().hasHandler());
        if (hasHandler) {
            table.right("handler us/fault");
        }
        for (FaultRow row : rows) {
            List<String> cells = new ArrayList<>(List.of(row.cell().label(), micros(row.p50Nanos()),
                    micros(row.lowestP50Nanos()) + ".." + micros(row.highestP50Nanos()),
                    micros(row.median().percentileNanos(99)), perFault(row.barriersPerFault()),
                    perFault(row.linesPerFault()), Long.toString(row.median().kernelFaults())));
            if (hasHandler) {
                cells.add(row.median().hasHandler() ? micros(row.median().handlerNanos()) : "-");
            }
            table.row(cells.toArray(String[]::new));
        }
        return table;
    }

    /**
     * Returns, for each pair of a plain and a sync row, what sync costs: the difference of the
     * medians and their ratio.
     */
    public static Table ratios(List<FaultRow> rows) {
        Table table = new Table().left("case").right("plain us").right("sync us")
                .right("sync - plain").right("sync / plain");
        for (FaultRow plain : rows) {
            FaultCell cell = plain.cell();
            for (FaultRow sync : rows) {
                if (!cell.sync() && sync.cell().equals(new FaultCell(
                        cell.state(), cell.load(), true, cell.pageBytes()))) {
                    table.row(cell.state().label() + ", " + cell.load().label(),
                            micros(plain.p50Nanos()), micros(sync.p50Nanos()),
                            micros(sync.p50Nanos() - plain.p50Nanos()),
                            number((double) sync.p50Nanos() / plain.p50Nanos()));
                }
            }
        }
        return table;
    }

    /** Returns one report a row, for JSON. */
    public static List<Report> reports(List<FaultRow> rows) {
        return rows.stream().map(FaultTables::report).toList();
    }

    private static Report report(FaultRow row) {
        FaultSample sample = row.median();
        Report histogram = new Report();
        for (Bucket bucket : BUCKETS) {
            histogram.count(bucket.label, sample.countBetween(bucket.fromNanos, bucket.toNanos));
        }
        Report report = new Report()
                .text("engine", row.key().engine())
                .text("case", row.cell().state().label())
                .text("load", row.cell().load().label())
                .flag("sync", row.cell().sync())
                .size("pageBytes", row.cell().pageBytes())
                .count("faults", sample.faults())
                .duration("minNanos", sample.minNanos())
                .duration("avgNanos", sample.avgNanos())
                .duration("p50Nanos", row.p50Nanos())
                .duration("p50LowestRoundNanos", row.lowestP50Nanos())
                .duration("p50HighestRoundNanos", row.highestP50Nanos())
                .duration("p99Nanos", sample.percentileNanos(99))
                .duration("maxNanos", sample.maxNanos())
                .decimal("fencesPerFault", row.barriersPerFault())
                .decimal("linesPerFault", row.linesPerFault())
                .count("kernelFaults", sample.kernelFaults());
        if (sample.hasHandler()) {
            report.duration("handlerNanosPerFault", sample.handlerNanos());
        }
        return report.group("histogramMicros", histogram);
    }

    private static String micros(long nanos) {
        return number(nanos / 1e3);
    }

    private static String perFault(double count) {
        return Double.isNaN(count) ? "-" : number(count);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, Math.abs(value) < 100 ? "%.2f" : "%.0f", value);
    }
}
