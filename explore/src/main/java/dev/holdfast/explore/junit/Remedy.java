package dev.holdfast.explore.junit;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.explore.Bounds;
import dev.holdfast.explore.Exploration;
import dev.holdfast.explore.Exploration.Found;
import dev.holdfast.explore.Exploration.InFlight;
import dev.holdfast.explore.Exploration.Loss;
import dev.holdfast.explore.Explorer;
import dev.holdfast.explore.Judge;
import dev.holdfast.explore.Progress;
import dev.holdfast.explore.medium.AddedPersist;
import dev.holdfast.explore.medium.Recording;
import dev.holdfast.explore.medium.Trace;
import dev.holdfast.explore.medium.Trace.Event;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Looks for the call that would have helped: adds a persist of what was lost, right after it was
 * stored, and explores again; and so on with what is found then, for a program that forgets one
 * persist forgets it each time.
 */
final class Remedy {
    private static final int MAX_ADDED = 24;
    private static final int LINE = DaxDevice.LINE_BYTES;
    private static final Duration EACH = Duration.ofSeconds(2);
    private static final long ALL_NANOS = 5_000_000_000L;

    private final Bounds bounds;
    private final long deadlineNanos = System.nanoTime() + ALL_NANOS;
    private final List<Added> added = new ArrayList<>();
    private Recording recording;
    private Judge judge;

    /**
     * A persist that was added.
     *
     * @param what file data, or metadata, which an fsync makes durable
     * @param site where it had been stored, or null
     * @param before what would have come only after the persist, in words
     */
    record Added(LostRange what, CallSites.Site site, String before) {}

    /**
     * What came of it.
     *
     * @param added the persists, in the order found
     * @param states with all of them so many states are as they must be
     * @param exhaustive whether these are all
     */
    record Helped(List<Added> added, long states, boolean exhaustive) {}

    private Remedy(Recording recording, Judge judge, Bounds bounds) {
        this.recording = recording;
        this.judge = judge;
        this.bounds = bounds.nested(0, 0).worksEvery(0).maxViolations(1).budget(EACH);
    }

    /** Looks for persists after which nothing is wrong; null if some time does not find them. */
    static Helped find(Recording recording, Judge judge, Bounds bounds, Found found)
            throws IOException {
        return new Remedy(recording, judge, bounds).find(found);
    }

    private Helped find(Found first) throws IOException {
        Found found = first;
        while (added.size() < MAX_ADDED && System.nanoTime() < deadlineNanos && add(found)) {
            Exploration again = Explorer.explore(recording, judge, bounds, Progress.NONE);
            if (again.violations().isEmpty()) {
                return new Helped(List.copyOf(added), again.states(), again.exhaustive());
            }
            found = Explorer.smallestLoss(
                    recording, judge, again.violations().getFirst().replay());
            if (found == null) {
                return null;
            }
        }
        return null;
    }

    /** Adds a persist of what was lost; false if nothing that one could persist was. */
    private boolean add(Found found) throws IOException {
        InFlight inFlight = Explorer.inFlight(recording, found.replay());
        if (inFlight.lost().isEmpty()) {
            return false;
        }
        List<LostRange> ranges = LostRange.of(inFlight.lost());
        List<LostRange> data = ranges.stream().filter(LostRange::isFileData).toList();
        int position = (int) found.point().position();
        if (data.isEmpty()) {
            return addSync(inFlight, ranges.getFirst(), position);
        }
        Trace trace = recording.trace();
        // What was stored before the last mark is what was promised by then.
        int event = lastStore(trace, data, lastMark(trace, position));
        if (event < 0) {
            event = lastStore(trace, data, position);
        }
        if (event < 0) {
            return false;
        }
        CallSites sites = new CallSites(trace);
        String before = whatFollows(trace, event, data, inFlight.kept());
        List<Added> more = data.stream().map(range -> new Added(range,
                sites.storing(range.deviceOffset(), range.lengthBytes(), position),
                before)).toList();
        if (added.containsAll(more)) {
            return false;
        }
        added.addAll(more);
        persistAfter(event, data.stream().flatMapToLong(range -> LongStream.of(
                range.deviceOffset(), range.lengthBytes())).toArray());
        return true;
    }

    /** An fsync: all metadata in flight becomes durable before the last acknowledgement. */
    private boolean addSync(InFlight inFlight, LostRange lost, int position) {
        Trace trace = recording.trace();
        int mark = lastMark(trace, position);
        if (mark <= 0) {
            return false;
        }
        long[] metadata = Stream.concat(inFlight.lost().stream(), inFlight.kept().stream())
                .filter(piece -> !piece.place().startsWith("/"))
                .flatMapToLong(piece -> LongStream.of(
                        piece.deviceOffset(), piece.lengthBytes())).toArray();
        CallSites.Site site = new CallSites(trace).storing(
                lost.deviceOffset(), lost.lengthBytes(), position);
        Added more = new Added(lost, site, label(trace, mark + 1));
        if (added.contains(more)) {
            return false;
        }
        added.add(more);
        persistAfter(mark - 1, metadata);
        return true;
    }

    private void persistAfter(int event, long[] ranges) {
        AddedPersist more = AddedPersist.after(recording, event, ranges);
        recording = more.recording(recording);
        judge = more.judge(judge);
    }

    private static int lastStore(Trace trace, List<LostRange> ranges, int position) {
        for (int event = position - 1; event >= 0; event--) {
            if (trace.event(event) == Event.STORE && countIn(trace, event, ranges) > 0) {
                return event;
            }
        }
        return -1;
    }

    /** Counts the lines of a store that lie in some ranges. */
    private static int countIn(Trace trace, int event, List<LostRange> ranges) {
        int count = 0;
        for (int i = 0; i < trace.count(event); i++) {
            long offset = (long) trace.line(trace.first(event) + i) * LINE;
            count += ranges.stream().anyMatch(range -> offset + LINE > range.deviceOffset()
                    && offset < range.deviceOffset() + range.lengthBytes()) ? 1 : 0;
        }
        return count;
    }

    private static int lastMark(Trace trace, int position) {
        for (int event = position - 1; event >= 0; event--) {
            if (trace.event(event) == Event.MARK) {
                return event;
            }
        }
        return -1;
    }

    /** Says what happens after the persist: other stores of the same moment, or the next mark. */
    private static String whatFollows(
            Trace trace, int event, List<LostRange> ranges, List<Loss> keptPieces) {
        if (countIn(trace, event, ranges) < trace.count(event)) {
            for (LostRange kept : LostRange.of(keptPieces)) {
                if (kept.isFileData() && countIn(trace, event, List.of(kept)) > 0) {
                    return "storing " + kept;
                }
            }
        }
        for (int next = event + 1; next < trace.events(); next++) {
            if (trace.event(next) == Event.MARK) {
                return label(trace, next + 1);
            }
        }
        return null;
    }

    /** Returns what was marked at a position. */
    static String label(Trace trace, long position) {
        return trace.notes().stream().filter(note -> note.position() == position)
                .map(Trace.Note::label).findFirst()
                .or(() -> trace.operations().stream()
                        .filter(operation -> operation.end() == position)
                        .map(operation -> "ack " + operation.label()).findFirst())
                .or(() -> trace.operations().stream()
                        .filter(operation -> operation.begin() == position)
                        .map(operation -> "begin " + operation.label()).findFirst())
                .orElse(null);
    }

    /** Tells whether all of some persists have to do with one place of the user's code. */
    static boolean atOneSite(List<Added> added) {
        return added.stream().map(Added::site).map(Objects::toString).distinct().count() == 1;
    }
}
