package dev.holdfast.cli.bench;

/**
 * The faults of one cell in one round.
 *
 * @param sortedNanos the time of each fault, in ascending order
 * @param barriers barriers of the volume's device during the timed part, those of others included;
 *     {@link #UNKNOWN} where nobody counts them
 * @param lines lines written back meanwhile, those of others included
 * @param kernelFaults minor faults of the timing thread that the kernel counted meanwhile
 * @param handlerNanos processor time a fault of the thread that answers; {@link #UNKNOWN} where
 *     there is none
 */
public record FaultSample(long[] sortedNanos, long barriers, long lines, long kernelFaults,
        long handlerNanos) {
    /** A count that nobody keeps. */
    public static final long UNKNOWN = -1;

    /** Creates the faults of a cell that the faulting thread itself served. */
    public FaultSample(long[] sortedNanos, long barriers, long lines, long kernelFaults) {
        this(sortedNanos, barriers, lines, kernelFaults, UNKNOWN);
    }

    /** Tells whether a thread of its own answered the faults. */
    public boolean hasHandler() {
        return handlerNanos != UNKNOWN;
    }

    /** Returns how many faults were timed. */
    public int faults() {
        return sortedNanos.length;
    }

    /** Returns the time that {@code percent} of the faults did not exceed. */
    public long percentileNanos(double percent) {
        int rank = (int) Math.ceil(percent / 100 * sortedNanos.length);
        return sortedNanos[Math.clamp(rank - 1, 0, sortedNanos.length - 1)];
    }

    /** Returns the shortest time. */
    public long minNanos() {
        return sortedNanos[0];
    }

    /** Returns the mean time. */
    public long avgNanos() {
        long sum = 0;
        for (long nanos : sortedNanos) {
            sum += nanos;
        }
        return sum / sortedNanos.length;
    }

    /** Returns the longest time. */
    public long maxNanos() {
        return sortedNanos[sortedNanos.length - 1];
    }

    /** Returns how many faults took from {@code fromNanos} to below {@code toNanos}. */
    public int countBetween(long fromNanos, long toNanos) {
        int count = 0;
        for (long nanos : sortedNanos) {
            count += nanos >= fromNanos && nanos < toNanos ? 1 : 0;
        }
        return count;
    }
}
