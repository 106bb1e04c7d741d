package dev.holdfast.explore.states;

import dev.holdfast.device.ImageDevice;
import dev.holdfast.explore.CrashPoint;
import dev.holdfast.explore.Exploration.Found;
import dev.holdfast.explore.Exploration.InFlight;
import dev.holdfast.explore.Exploration.Loss;
import dev.holdfast.explore.Judge;
import dev.holdfast.explore.medium.Recording;
import dev.holdfast.explore.medium.Trace;
import dev.holdfast.explore.states.StatePath.Crash;
import dev.holdfast.explore.states.StatePath.Phase;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Goes to single states of a recording, by their {@link StatePath}, and runs them again. */
public final class Replayer implements AutoCloseable {
    private final Recording recording;
    private final ImageDevice device;
    private final Nested nested;
    private final StateRunner runner;
    private final String fingerprint;
    /** Stands at the first crash replayed last. */
    private ImageState outer;

    /** Creates a replayer, which holds memory until it is closed. */
    public Replayer(Recording recording, Judge judge) throws IOException {
        this.recording = recording;
        Trace trace = recording.trace();
        fingerprint = StatePath.fingerprint(trace);
        device = ImageDevice.create(trace.sizeBytes(), trace.unit());
        ImageDevice second = null;
        try {
            second = ImageDevice.create(trace.sizeBytes(), trace.unit());
        } finally {
            if (second == null) {
                device.close();
            }
        }
        nested = new Nested(second, recording.reopening(), judge);
        runner = new StateRunner(device, recording.reopening(), judge, 1);
    }

    /** Runs the state of a line; returns what is wrong with it, or null. */
    public Found found(String line) throws IOException {
        StatePath path = parse(line);
        Throwable wrong = run(path);
        return wrong == null ? null : found(path, wrong);
    }

    StatePath parse(String line) {
        StatePath path = StatePath.parse(line);
        if (!path.recording().equals(fingerprint)) {
            throw new IllegalArgumentException("the replay line is of recording "
                    + path.recording() + ", this one is " + fingerprint
                    + ": the workload does not store the same as then");
        }
        return path;
    }

    /** Runs a state; returns what is wrong with it, or null. */
    Throwable run(StatePath path) throws IOException {
        ImageState first = outer(path.crashes().getFirst());
        CrashPoint point = Nested.point(first, null);
        if (path.crashes().size() == 1) {
            return runner.run(point);
        }
        Crash then = path.crashes().get(1);
        return switch (then.phase()) {
            case USE -> nested.use(first);
            case RECOVERY -> {
                at(then, nested.recordRecovery(first));
                yield nested.second().run(point);
            }
            case APPEND -> {
                Nested.Appended appended = nested.recordAppend(first);
                ImageState state = at(then, appended.trace());
                yield nested.judging(appended).run(Nested.point(state, null));
            }
            case RUN -> throw new IllegalArgumentException("a second run in " + path);
        };
    }

    /** Shows the state of a path up to and with the crash of an index, and returns it. */
    ImageState show(StatePath path, int index) throws IOException {
        ImageState first = outer(path.crashes().getFirst());
        if (index == 0) {
            return first;
        }
        Crash then = path.crashes().get(index);
        return at(then, then.phase() == Phase.APPEND ? nested.recordAppend(first).trace()
                : nested.recordRecovery(first));
    }

    private ImageState at(Crash crash, Trace trace) {
        ImageState state = new ImageState(nested.device(), trace, crash.pieceBytes());
        state.goTo(crash.position());
        StatePath.choose(state, crash);
        return state;
    }

    private ImageState outer(Crash crash) {
        if (outer == null || outer.cursor().position() > crash.position()
                || outer.pieces().bytes() != crash.pieceBytes()) {
            outer = new ImageState(device, recording.trace(), crash.pieceBytes());
        }
        if (outer.cursor().position() < crash.position()) {
            outer.goTo(crash.position());
        }
        StatePath.choose(outer, crash);
        return outer;
    }

    /** Describes what is wrong with a state, and what was lost to get there. */
    Found found(StatePath path, Throwable wrong) throws IOException {
        CrashPoint point = Nested.point(outer(path.crashes().getFirst()), null);
        int last = lastCrash(path);
        Crash crash = path.crashes().get(last);
        ImageState state = show(path, last);
        Places places = Places.of(state, recording.reopening());
        List<Loss> losses = crash.others().entrySet().stream()
                .map(other -> new Loss(other.getKey(), crash.pieceBytes(), other.getValue(),
                        places.at(other.getKey())))
                .toList();
        String phase = switch (path.last().phase()) {
            case RUN, USE -> "";
            case RECOVERY -> "after a crash in the recovery: ";
            case APPEND -> "after a crash in what was appended after the recovery: ";
        };
        return new Found(point, phase + Exploring.message(wrong), losses, !crash.newest(),
                path.toString(), 0);
    }

    private static int lastCrash(StatePath path) {
        int last = path.crashes().size() - 1;
        return path.last().phase() == Phase.USE ? last - 1 : last;
    }

    /** Returns what became of every piece that was in flight at the last crash of a line. */
    public InFlight inFlight(String line) throws IOException {
        StatePath path = parse(line);
        ImageState state = show(path, lastCrash(path));
        Pieces pieces = state.pieces();
        int[] options = IntStream.range(0, pieces.count()).map(state::choice).toArray();
        // Changes the choices.
        Places places = Places.of(state, recording.reopening());
        List<Loss> lost = new ArrayList<>();
        List<Loss> kept = new ArrayList<>();
        for (int piece = 0; piece < options.length; piece++) {
            (options[piece] == pieces.newest(piece) ? kept : lost).add(
                    new Loss(pieces.offset(piece), pieces.bytes(),
                            pieces.cutoff(piece, options[piece]), places.at(pieces.offset(piece))));
        }
        return new InFlight(lost, kept);
    }

    @Override
    public void close() {
        nested.device().close();
        device.close();
    }
}
