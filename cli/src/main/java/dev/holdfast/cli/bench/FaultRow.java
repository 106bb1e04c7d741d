package dev.holdfast.cli.bench;

import java.util.Comparator;
import java.util.List;

/**
 * What became of one cell.
 *
 * @param median the round with the median p50
 * @param lowestP50Nanos the p50 of the fastest round
 * @param highestP50Nanos the p50 of the slowest round
 */
public record FaultRow(
        Key key, FaultSample median, long lowestP50Nanos, long highestP50Nanos) {
    /** Which engine served which cell. */
    public record Key(String engine, FaultCell cell) {}

    static FaultRow of(Key key, List<FaultSample> rounds) {
        List<FaultSample> sorted = rounds.stream()
                .sorted(Comparator.comparingLong(FaultRow::p50)).toList();
        return new FaultRow(key, sorted.get(sorted.size() / 2), p50(sorted.getFirst()),
                p50(sorted.getLast()));
    }

    private static long p50(FaultSample sample) {
        return sample.percentileNanos(50);
    }

    /** Returns the cell. */
    public FaultCell cell() {
        return key.cell;
    }

    /** Returns the median round's p50. */
    public long p50Nanos() {
        return p50(median);
    }

    /** Returns barriers a fault. NaN where nobody counts them. */
    public double barriersPerFault() {
        return perFault(median.barriers());
    }

    /** Returns lines written back a fault. NaN where nobody counts them. */
    public double linesPerFault() {
        return perFault(median.lines());
    }

    private double perFault(long count) {
        return count == FaultSample.UNKNOWN ? Double.NaN : (double) count / median.faults();
    }
}
