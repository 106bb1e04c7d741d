package dev.holdfast.cli.run;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Content that was read: runs of equal bytes, the first of them kept, and a checksum of all.
 *
 * @param lengthBytes bytes read
 * @param runs the first runs, at most {@link #RUNS_KEPT}
 * @param runCount runs there are
 * @param crc32c CRC-32C of the bytes
 */
public record Content(long lengthBytes, List<Run> runs, long runCount, int crc32c) {
    /** Runs that are kept. */
    public static final int RUNS_KEPT = 16;

    /**
     * Bytes of equal value.
     *
     * @param offset first byte, in the file
     * @param lengthBytes how many
     * @param value 0 to 255
     */
    public record Run(long offset, long lengthBytes, int value) {}

    /** Takes content in, piece by piece. One thread. */
    static final class Builder {
        private final CRC32C crc = new CRC32C();
        private final List<Run> runs = new ArrayList<>();
        private final long start;
        private long at;
        private long runStart;
        private long runCount;
        private int value = -1;

        Builder(long offset) {
            start = offset;
            at = offset;
            runStart = offset;
        }

        void add(MemorySegment piece) {
            crc.update(piece.asByteBuffer());
            for (long i = 0; i < piece.byteSize(); i++) {
                int next = Byte.toUnsignedInt(piece.get(ValueLayout.JAVA_BYTE, i));
                if (next != value) {
                    endRun(at + i);
                    value = next;
                }
            }
            at += piece.byteSize();
        }

        private void endRun(long end) {
            if (end > runStart) {
                runCount++;
                if (runs.size() < RUNS_KEPT) {
                    runs.add(new Run(runStart, end - runStart, value));
                }
            }
            runStart = end;
        }

        Content build() {
            endRun(at);
            return new Content(at - start, List.copyOf(runs), runCount, (int) crc.getValue());
        }
    }
}
