package dev.holdfast.explore.medium;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.explore.CrashPoint;
import dev.holdfast.explore.Judge;
import dev.holdfast.explore.Operation;
import dev.holdfast.explore.medium.Trace.Event;
import java.util.Arrays;

/**
 * A recording as it would have been with one persist more: to see whether it would have helped.
 *
 * <p>The persist comes right after the stores to its ranges of one event, and before what else that
 * event stored: of what one event stored the order is not known, and this would have made one.
 */
public final class AddedPersist {
    private static final int LINE = DaxDevice.LINE_BYTES;

    private final Trace from;
    private final int at;
    private final long[] ranges;
    private final Trace trace;
    private int addedEvents;

    private AddedPersist(Trace from, int at, long[] ranges) {
        this.from = from;
        this.at = at;
        this.ranges = ranges;
        trace = new Trace(from.unit(), from.base());
        copyEvents();
        copyMarks();
    }

    /**
     * Adds a persist.
     *
     * @param event the event after whose stores to the ranges it comes
     * @param ranges offset and length pairs; rounded out to the medium's unit
     */
    public static AddedPersist after(Recording recording, int event, long... ranges) {
        return new AddedPersist(recording.trace(), event, ranges.clone());
    }

    /** Returns the recording with the persist. */
    public Recording recording(Recording original) {
        return new Recording(trace, original.reopening());
    }

    /** Returns a judge that is asked as if there were no persist more. */
    public Judge judge(Judge original) {
        return (volume, point) -> original.judge(volume, new CrashPoint(
                originalPosition(point.position()), point.kind(), point.completed(),
                point.inProgress()));
    }

    private long originalPosition(long position) {
        if (position <= at) {
            return position;
        }
        return Math.max(at + 1, position - addedEvents);
    }

    private long position(long originalPosition) {
        return originalPosition <= at || originalPosition == Operation.NEVER
                ? originalPosition : originalPosition + addedEvents;
    }

    private void copyEvents() {
        for (int event = 0; event < from.events(); event++) {
            int before = trace.events();
            if (event == at && from.event(event) == Event.STORE) {
                copyVersions(event, true);
                persist();
                copyVersions(event, false);
            } else {
                copy(event);
                if (event == at) {
                    persist();
                }
            }
            if (event == at) {
                addedEvents = trace.events() - before - 1;
            }
        }
    }

    private void copy(int event) {
        if (from.event(event) == Event.PERSIST) {
            copyPersist(event);
            return;
        }
        int first = trace.versions();
        for (int i = 0; i < from.count(event); i++) {
            copyVersion(from.first(event) + i);
        }
        trace.addEvent(from.event(event), first, trace.versions() - first, first);
    }

    private void copyVersions(int event, boolean inRanges) {
        int first = trace.versions();
        for (int i = 0; i < from.count(event); i++) {
            int version = from.first(event) + i;
            if (covers((long) from.line(version) * LINE) == inRanges) {
                copyVersion(version);
            }
        }
        if (trace.versions() > first) {
            trace.addEvent(from.event(event), first, trace.versions() - first, first);
        }
    }

    private void copyVersion(int version) {
        trace.addVersion(from.line(version), from.contents(), version * LINE);
    }

    private void copyPersist(int event) {
        int first = trace.addRange(from.rangeOffset(from.first(event)),
                from.rangeLength(from.first(event)));
        for (int i = 1; i < from.count(event); i++) {
            trace.addRange(from.rangeOffset(from.first(event) + i),
                    from.rangeLength(from.first(event) + i));
        }
        // Versions keep their order; those of a store that was split are before any persist later.
        trace.addEvent(Event.PERSIST, first, from.count(event), from.versionsBefore(event));
    }

    private void persist() {
        long unit = from.unit().bytes();
        int first = -1;
        for (int i = 0; i < ranges.length; i += 2) {
            long start = ranges[i] & -unit;
            long end = Math.min(ranges[i] + ranges[i + 1] + unit - 1 & -unit, from.sizeBytes());
            int index = trace.addRange(start, end - start);
            first = first < 0 ? index : first;
        }
        trace.addEvent(Event.PERSIST, first, ranges.length / 2, trace.versions());
    }

    private boolean covers(long offset) {
        for (int i = 0; i < ranges.length; i += 2) {
            if (offset >= (ranges[i] & -LINE) && offset < ranges[i] + ranges[i + 1]) {
                return true;
            }
        }
        return false;
    }

    private void copyMarks() {
        for (Operation operation : from.operations()) {
            trace.copyOperation(new Operation(operation.number(), operation.label(),
                    position(operation.begin()), position(operation.end())));
        }
        from.notes().forEach(note ->
                trace.copyNote(new Trace.Note(note.label(), position(note.position()))));
        from.stacks().forEach(stack -> trace.addStack(new Trace.Stack(stack.kind(),
                position(stack.position()), stack.offset(), stack.length(), stack.frames())));
    }

    @Override
    public String toString() {
        return "persist of " + Arrays.toString(ranges) + " after event " + at;
    }
}
