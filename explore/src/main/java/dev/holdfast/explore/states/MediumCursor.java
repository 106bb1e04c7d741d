package dev.holdfast.explore.states;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.explore.medium.Trace;
import dev.holdfast.explore.medium.Trace.Event;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * What is durable at a position of a trace, and what is in flight: the versions of each line since
 * it was last persisted, each of which the medium may hold.
 *
 * <ol>
 *   <li>made at position 0;
 *   <li>{@link #step} over one event after another.
 * </ol>
 *
 * <p>A persist makes durable, line by line, the newest version that there was when it began; what
 * was stored while it ran stays in flight.
 */
final class MediumCursor {
    static final int NONE = -1;
    private static final int LINE = DaxDevice.LINE_BYTES;

    private final Trace trace;
    private final byte[] durable;
    /** For each line the newest version in flight, or NONE. */
    private final int[] newest;
    /** For each version in flight the one before it of the same line, or NONE. */
    private final int[] older;
    /** For each version the event that made it. */
    private final int[] eventOf;
    private int[] inFlight = new int[64];
    private int inFlightCount;
    /** Where a line stands in {@code inFlight}. */
    private final int[] placeOf;
    private int position;
    private int marks;

    MediumCursor(Trace trace) {
        this.trace = trace;
        durable = trace.base().clone();
        newest = new int[trace.sizeBytes() / LINE];
        Arrays.fill(newest, NONE);
        placeOf = new int[newest.length];
        older = new int[trace.versions()];
        eventOf = new int[trace.versions()];
    }

    int position() {
        return position;
    }

    /** Returns the marks passed. */
    int marks() {
        return marks;
    }

    /** Passes one event; tells {@code settled} each line whose durable content may have changed. */
    void step(IntConsumer settled) {
        int event = position++;
        switch (trace.event(event)) {
            case STORE -> {
                for (int i = 0; i < trace.count(event); i++) {
                    store(trace.first(event) + i, event);
                }
            }
            case PERSIST -> persist(event, settled);
            case CRASH -> crash(event, settled);
            case MARK -> marks++;
        }
    }

    private void store(int version, int event) {
        int line = trace.line(version);
        eventOf[version] = event;
        older[version] = newest[line];
        if (newest[line] == NONE) {
            if (inFlightCount == inFlight.length) {
                inFlight = Arrays.copyOf(inFlight, inFlightCount * 2);
            }
            placeOf[line] = inFlightCount;
            inFlight[inFlightCount++] = line;
        }
        newest[line] = version;
    }

    private void persist(int event, IntConsumer settled) {
        int before = trace.versionsBefore(event);
        for (int i = inFlightCount - 1; i >= 0; i--) {
            int line = inFlight[i];
            if (covers(event, (long) line * LINE)) {
                settle(line, before, settled);
            }
        }
    }

    private boolean covers(int event, long offset) {
        for (int i = 0; i < trace.count(event); i++) {
            long into = offset - trace.rangeOffset(trace.first(event) + i);
            if (into >= 0 && into < trace.rangeLength(trace.first(event) + i)) {
                return true;
            }
        }
        return false;
    }

    private void settle(int line, int before, IntConsumer settled) {
        int kept = NONE;
        int version = newest[line];
        while (version >= before) {
            kept = version;
            version = older[version];
        }
        if (version != NONE) {
            System.arraycopy(
                    trace.contents(), version * LINE, durable, line * LINE, LINE);
            settled.accept(line);
        }
        if (kept == NONE) {
            forget(line);
        } else {
            older[kept] = NONE;
        }
    }

    private void forget(int line) {
        newest[line] = NONE;
        int place = placeOf[line];
        int last = inFlight[--inFlightCount];
        inFlight[place] = last;
        placeOf[last] = place;
    }

    private void crash(int event, IntConsumer settled) {
        while (inFlightCount > 0) {
            settle(inFlight[inFlightCount - 1], Integer.MAX_VALUE, settled);
        }
        for (int i = 0; i < trace.count(event); i++) {
            int version = trace.first(event) + i;
            int line = trace.line(version);
            System.arraycopy(
                    trace.contents(), version * LINE, durable, line * LINE, LINE);
            settled.accept(line);
        }
    }

    /** Tells whether the next event ends the present set of possible images. */
    boolean isAtBarrier() {
        if (position == trace.events()) {
            return false;
        }
        Event next = trace.event(position);
        return next == Event.PERSIST || next == Event.CRASH;
    }

    boolean isAtEnd() {
        return position == trace.events();
    }

    int inFlightLines() {
        return inFlightCount;
    }

    int inFlightLine(int index) {
        return inFlight[index];
    }

    /** Returns the durable content of everything; not to be changed. */
    byte[] durable() {
        return durable;
    }

    /** Returns the newest version of a line in flight, or NONE. */
    int newest(int line) {
        return newest[line];
    }

    /** Returns the newest version in flight of a line that is not above {@code cutoff}, or NONE. */
    int newestUpTo(int line, int cutoff) {
        int version = newest[line];
        while (version > cutoff) {
            version = older[version];
        }
        return version;
    }

    int older(int version) {
        return older[version];
    }

    int eventOf(int version) {
        return eventOf[version];
    }

    Trace trace() {
        return trace;
    }
}
