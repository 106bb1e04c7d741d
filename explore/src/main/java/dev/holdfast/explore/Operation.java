package dev.holdfast.explore;

/**
 * A step of the workload, as it marked it.
 *
 * @param number counts from 0 in the order of begins
 * @param label what the workload calls it
 * @param begin position of the trace where it began
 * @param end position where it had returned; {@link #NEVER} if it did not
 */
public record Operation(int number, String label, long begin, long end) {
    /** The end of an operation that did not return. */
    public static final long NEVER = Long.MAX_VALUE;

    @Override
    public String toString() {
        return number + " " + label;
    }
}
