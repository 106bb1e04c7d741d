package dev.holdfast.explore.states;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.device.TracedDevice.Unit;
import dev.holdfast.explore.medium.Trace;
import java.util.Arrays;

/**
 * What can survive by itself at a point of a trace, and in which versions.
 *
 * <p>The medium holds of each <em>piece</em>, independently of all others, either what is durable
 * or what the piece held after some store since its lines were last persisted: a cache may write a
 * line back at any time, a kernel a page. Pieces are
 *
 * <table>
 * <caption>Pieces</caption>
 * <tr><th>medium</th><th>whole</th><th>torn</th></tr>
 * <tr><td>lines</td><td>64 bytes</td><td>8 aligned bytes</td></tr>
 * <tr><td>sectors</td><td>512 bytes</td><td>the same: a sector is written whole</td></tr>
 * <tr><td>pages</td><td>4096 bytes</td><td>512 bytes</td></tr>
 * </table>
 *
 * <p>A version of a piece is named by a <em>cutoff</em>, a version number of the trace: each line
 * of the piece is as it was after its newest version not above. A piece that a store changed in
 * several lines has one version of it, not one for each line. Versions that equal what is durable,
 * or an earlier one, are left out.
 */
final class Pieces {
    static final int NONE = MediumCursor.NONE;
    private static final int LINE = DaxDevice.LINE_BYTES;

    private final MediumCursor cursor;
    private final int bytes;
    private int count;
    private int[] offsets = new int[64];
    private int[][] cutoffs = new int[64][];
    private int[] scratch = new int[64];
    private final byte[] left;
    private final byte[] right;

    Pieces(MediumCursor cursor, int bytes) {
        this.cursor = cursor;
        this.bytes = bytes;
        left = new byte[Math.max(bytes, LINE)];
        right = new byte[left.length];
    }

    /** Returns the size of what survives by itself. */
    static int bytes(Unit unit, boolean torn) {
        return switch (unit) {
            case LINE -> torn ? Long.BYTES : LINE;
            case SECTOR -> Unit.SECTOR.bytes();
            case PAGE -> torn ? Unit.SECTOR.bytes() : Unit.PAGE.bytes();
        };
    }

    /** Finds the pieces in flight where the cursor stands, by offset. */
    void find() {
        count = 0;
        int[] lines = new int[cursor.inFlightLines()];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = cursor.inFlightLine(i);
        }
        Arrays.sort(lines);
        int end = 0;
        for (int line : lines) {
            int offset = line * LINE;
            if (bytes < LINE) {
                for (int word = 0; word < LINE; word += bytes) {
                    add(offset + word);
                }
            } else if (offset >= end) {
                add(offset & -bytes);
                end = (offset & -bytes) + bytes;
            }
        }
    }

    private void add(int offset) {
        int versions = collect(offset);
        int kept = 0;
        for (int i = 0; i < versions; i++) {
            boolean endsEvent = i + 1 == versions
                    || cursor.eventOf(scratch[i]) != cursor.eventOf(scratch[i + 1]);
            if (endsEvent && isNew(offset, scratch[i], kept)) {
                scratch[kept++] = scratch[i];
            }
        }
        if (kept == 0) {
            return;
        }
        if (count == offsets.length) {
            offsets = Arrays.copyOf(offsets, count * 2);
            cutoffs = Arrays.copyOf(cutoffs, count * 2);
        }
        offsets[count] = offset;
        cutoffs[count++] = Arrays.copyOf(scratch, kept);
    }

    /** Collects the versions in flight of all lines of a piece, in order. */
    private int collect(int offset) {
        int found = 0;
        int lastLine = (offset + bytes - 1) / LINE;
        for (int line = offset / LINE; line <= lastLine; line++) {
            for (int version = cursor.newest(line); version != NONE;
                    version = cursor.older(version)) {
                if (found == scratch.length) {
                    scratch = Arrays.copyOf(scratch, found * 2);
                }
                scratch[found++] = version;
            }
        }
        Arrays.sort(scratch, 0, found);
        return found;
    }

    private boolean isNew(int offset, int cutoff, int kept) {
        content(offset, cutoff, left);
        content(offset, NONE, right);
        if (Arrays.equals(left, 0, bytes, right, 0, bytes)) {
            return false;
        }
        for (int i = 0; i < kept; i++) {
            content(offset, scratch[i], right);
            if (Arrays.equals(left, 0, bytes, right, 0, bytes)) {
                return false;
            }
        }
        return true;
    }

    private void content(int offset, int cutoff, byte[] target) {
        Trace trace = cursor.trace();
        int step = Math.min(bytes, LINE);
        for (int at = 0; at < bytes; at += step) {
            int line = (offset + at) / LINE;
            int version = cutoff == NONE ? NONE : cursor.newestUpTo(line, cutoff);
            if (version == NONE) {
                System.arraycopy(cursor.durable(), offset + at, target, at, step);
            } else {
                System.arraycopy(trace.contents(), version * LINE + (offset + at) % LINE, target,
                        at, step);
            }
        }
    }

    int count() {
        return count;
    }

    /** Returns the size of a piece. */
    int bytes() {
        return bytes;
    }

    int offset(int piece) {
        return offsets[piece];
    }

    /** Returns how many ways a piece can be: 0 is durable, the last is newest. */
    int options(int piece) {
        return cutoffs[piece].length + 1;
    }

    int newest(int piece) {
        return cutoffs[piece].length;
    }

    /** Returns the cutoff of an option. */
    int cutoff(int piece, int option) {
        return option == 0 ? NONE : cutoffs[piece][option - 1];
    }

    /** Returns the option that a cutoff names, or NONE. */
    int option(int piece, int cutoff) {
        if (cutoff == NONE) {
            return 0;
        }
        int found = Arrays.binarySearch(cutoffs[piece], cutoff);
        return found < 0 ? NONE : found + 1;
    }

    /** Returns the piece at an offset, or NONE. */
    int at(int offset) {
        int found = Arrays.binarySearch(offsets, 0, count, offset);
        return found < 0 ? NONE : found;
    }

    /** Copies what a piece holds under an option. */
    void copy(int piece, int option, byte[] target) {
        content(offsets[piece], cutoff(piece, option), target);
    }
}
