package dev.holdfast.explore.medium;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.device.TracedDevice.Unit;
import dev.holdfast.explore.Operation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What happened on a device, event by event, over what it held before.
 *
 * <p>A <em>version</em> is the content of one 64-byte line after a store; versions are numbered
 * from 0 in the order of the stores. A <em>position</em> is a number of events: at position
 * {@code p} the events 0 to {@code p - 1} have happened. Stores that change nothing are no events.
 *
 * <p>Written by a {@link Recorder} under its lock; read when that has stopped.
 */
public final class Trace {
    /** What an event is. */
    public enum Event {
        /** Lines got new content. */
        STORE,
        /** Ranges became durable, with the content they had when the persist began. */
        PERSIST,
        /** The workload marked something. */
        MARK,
        /** The power was cut and is on again: some lines got other content, and all is durable. */
        CRASH
    }

    private static final Event[] EVENTS = Event.values();
    private static final int LINE = DaxDevice.LINE_BYTES;
    private static final int FIELDS = 3;

    private final Unit unit;
    private final byte[] base;

    private byte[] kinds = new byte[256];
    /** For each event: first index and count in versions or ranges; versions before it began. */
    private int[] fields = new int[FIELDS * 256];
    private int events;

    private int[] lines = new int[256];
    private byte[] contents = new byte[256 * LINE];
    private int versions;

    private long[] ranges = new long[64];
    private int rangeCount;

    private final List<Operation> operations = new ArrayList<>();
    private final List<Note> notes = new ArrayList<>();
    private final List<Stack> stacks = new ArrayList<>();

    /** A mark that is no operation's. */
    public record Note(String label, long position) {}

    /**
     * Who stored to, persisted or was handed a range.
     *
     * @param position of the trace, just before it happened
     * @param frames the innermost first, without those of the device
     */
    public record Stack(Kind kind, long position, long offset, long length,
            List<StackTraceElement> frames) {
        /** What was done. */
        public enum Kind {
            /** A store through the device. */
            STORE,
            /** A persist. */
            PERSIST,
            /** Memory was handed out, to load from. */
            READABLE,
            /** Memory was handed out, to store to. */
            WRITABLE
        }
    }

    Trace(Unit unit, byte[] base) {
        this.unit = unit;
        this.base = base;
    }

    // Written.

    int addVersion(int line, byte[] source, int at) {
        if (versions == lines.length) {
            lines = Arrays.copyOf(lines, versions * 2);
            contents = Arrays.copyOf(contents, Math.multiplyExact(contents.length, 2));
        }
        lines[versions] = line;
        System.arraycopy(source, at, contents, versions * LINE, LINE);
        return versions++;
    }

    int addRange(long offset, long length) {
        if (2 * rangeCount == ranges.length) {
            ranges = Arrays.copyOf(ranges, ranges.length * 2);
        }
        ranges[2 * rangeCount] = offset;
        ranges[2 * rangeCount + 1] = length;
        return rangeCount++;
    }

    void addEvent(Event kind, int first, int count, int versionsBefore) {
        if (events == kinds.length) {
            kinds = Arrays.copyOf(kinds, events * 2);
            fields = Arrays.copyOf(fields, fields.length * 2);
        }
        kinds[events] = (byte) kind.ordinal();
        fields[FIELDS * events] = first;
        fields[FIELDS * events + 1] = count;
        fields[FIELDS * events + 2] = versionsBefore;
        events++;
    }

    int begin(String label) {
        addEvent(Event.MARK, 0, 0, versions);
        operations.add(new Operation(operations.size(), label, events, Operation.NEVER));
        return operations.size() - 1;
    }

    void end(int number) {
        addEvent(Event.MARK, 0, 0, versions);
        Operation begun = operations.get(number);
        operations.set(number, new Operation(number, begun.label(), begun.begin(), events));
    }

    void note(String label) {
        addEvent(Event.MARK, 0, 0, versions);
        notes.add(new Note(label, events));
    }

    void copyOperation(Operation operation) {
        operations.add(operation);
    }

    void copyNote(Note note) {
        notes.add(note);
    }

    void addStack(Stack stack) {
        stacks.add(stack);
    }

    // Read.

    /** Returns what is written back together. */
    public Unit unit() {
        return unit;
    }

    /** Returns the size of the device in bytes. */
    public int sizeBytes() {
        return base.length;
    }

    /** Returns what the medium held before the first event; not to be changed. */
    public byte[] base() {
        return base;
    }

    /** Returns the number of events. */
    public int events() {
        return events;
    }

    /** Returns what an event is. */
    public Event event(int index) {
        return EVENTS[kinds[index]];
    }

    /** Returns the first version, or the first range, of an event. */
    public int first(int event) {
        return fields[FIELDS * event];
    }

    /** Returns how many versions, or ranges, an event has. */
    public int count(int event) {
        return fields[FIELDS * event + 1];
    }

    /** Returns how many versions there were when an event began; a persist covers only these. */
    public int versionsBefore(int event) {
        return fields[FIELDS * event + 2];
    }

    /** Returns the number of versions. */
    public int versions() {
        return versions;
    }

    /** Returns the line that a version is of. */
    public int line(int version) {
        return lines[version];
    }

    /** Returns the contents of all versions: version {@code v} is at 64 {@code v}. */
    public byte[] contents() {
        return contents;
    }

    /** Returns the offset of a range in bytes. */
    public long rangeOffset(int range) {
        return ranges[2 * range];
    }

    /** Returns the length of a range in bytes. */
    public long rangeLength(int range) {
        return ranges[2 * range + 1];
    }

    /** Returns the operations in the order of their begins. */
    public List<Operation> operations() {
        return List.copyOf(operations);
    }

    /** Returns the marks that are no operations'. */
    public List<Note> notes() {
        return List.copyOf(notes);
    }

    /** Returns who stored, persisted and was handed memory, if that was recorded. */
    public List<Stack> stacks() {
        return List.copyOf(stacks);
    }
}
