package dev.holdfast.explore.junit;

import dev.holdfast.explore.CrashPoint;
import dev.holdfast.explore.medium.Recorder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a workload said, and where in the recording.
 *
 * <p>Lock rule: one monitor, outside of the recorder's lock, so that the order here is that of the
 * recording.
 */
final class AckLog implements Acks {
    private final Recorder recorder;
    private final List<Said> acknowledged = new ArrayList<>();
    private final List<Begun> begun = new ArrayList<>();
    private Known last = new Known(List.of(), List.of());

    /** A thing that was acknowledged at a position. */
    private record Said(Object thing, long position) {}

    /** A thing that was begun; {@code end} is where it was acknowledged. */
    private static final class Begun {
        private final Object thing;
        private final int operation;
        private final long begin;
        private long end = Long.MAX_VALUE;

        Begun(Object thing, int operation, long begin) {
            this.thing = thing;
            this.operation = operation;
            this.begin = begin;
        }
    }

    AckLog(Recorder recorder) {
        this.recorder = recorder;
    }

    @Override
    public synchronized void ack(Object thing) {
        Begun ended = null;
        for (Begun candidate : begun) {
            if (ended == null && candidate.end == Long.MAX_VALUE && candidate.thing.equals(thing)) {
                ended = candidate;
            }
        }
        long position;
        if (ended == null) {
            position = recorder.mark(label(thing));
        } else {
            position = recorder.end(ended.operation);
            ended.end = position;
        }
        acknowledged.add(new Said(thing, position));
    }

    @Override
    public synchronized void begin(Object thing) {
        int operation = recorder.begin(String.valueOf(thing));
        begun.add(new Begun(thing, operation, recorder.position()));
    }

    @Override
    public void observe() {
        recorder.observe();
    }

    private static String label(Object thing) {
        return "ack " + thing;
    }

    /** Returns what was acknowledged when the power went at a point. */
    synchronized Acknowledged at(CrashPoint point) {
        int count = 0;
        while (count < acknowledged.size()
                && point.isAfter(acknowledged.get(count).position())) {
            count++;
        }
        List<Object> open = new ArrayList<>();
        for (Begun candidate : begun) {
            if (point.isAfter(candidate.begin) && !point.isAfter(candidate.end)) {
                open.add(candidate.thing);
            }
        }
        // Thousands of states share a crash point.
        if (last.all.size() != count || !last.inFlight.equals(open)) {
            last = new Known(acknowledged.subList(0, count).stream().map(Said::thing).toList(),
                    List.copyOf(open));
        }
        return last;
    }

    /** Returns the position of the last acknowledgement at a point, or 0 if there was none. */
    synchronized long lastPosition(CrashPoint point) {
        long position = 0;
        for (Said said : acknowledged) {
            if (point.isAfter(said.position())) {
                position = said.position();
            }
        }
        return position;
    }

    /** Returns the first thing acknowledged after a point, or null. */
    synchronized Object next(CrashPoint point) {
        for (Said said : acknowledged) {
            if (!point.isAfter(said.position())) {
                return said.thing();
            }
        }
        return null;
    }

    private record Known(List<Object> all, List<Object> inFlight) implements Acknowledged {
        @Override
        public Map<Object, Object> values() {
            Map<Object, Object> values = new LinkedHashMap<>();
            for (Entry entry : all(Entry.class)) {
                values.put(entry.key(), entry.value());
            }
            return values;
        }

        @Override
        public String toString() {
            return inFlight.isEmpty() ? all.toString() : all + ", in flight " + inFlight;
        }
    }
}
