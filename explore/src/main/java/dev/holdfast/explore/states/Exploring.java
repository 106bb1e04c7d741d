package dev.holdfast.explore.states;

import dev.holdfast.device.ImageDevice;
import dev.holdfast.explore.Bounds;
import dev.holdfast.explore.CrashPoint;
import dev.holdfast.explore.Exploration;
import dev.holdfast.explore.Exploration.Found;
import dev.holdfast.explore.Judge;
import dev.holdfast.explore.Operation;
import dev.holdfast.explore.Progress;
import dev.holdfast.explore.Violation;
import dev.holdfast.explore.medium.Recording;
import dev.holdfast.explore.medium.Trace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One exploration: walks the crash points of a recording, looks at images of each, and counts.
 *
 * <p>Crash points are the moments before a persist or a crash, and the end. No others are needed:
 * between two of them stores only add to what the medium may hold, versions of a line included, so
 * every image that a cut at an earlier moment can leave is one that a cut at the later point can
 * leave; and there it is judged with everything acknowledged by then. What is lost is only this: a
 * judge that allows a prefix of the operations begun allows at the later point operations that had
 * not begun at the earlier moment; but no image of that moment has any of their stores.
 *
 * <p>An image is looked at once for every number of marks passed: with the same marks a judge must
 * say the same.
 */
public final class Exploring {
    private static final long PROGRESS_NANOS = 250_000_000;

    private final Recording recording;
    private final Bounds bounds;
    private final Progress progress;
    private final ImageDevice device;
    private final StateRunner runner;
    private final StatePath root;
    private final List<Operation> operations;
    private final Nested nested;
    private final LongSet images = new LongSet();
    private final LongSet seen = new LongSet();
    private final LongSet recovered = new LongSet();
    private final LongSet recoveredItems = new LongSet();
    private final List<Found> violations = new ArrayList<>();
    private final long begin = System.nanoTime();

    private long crashPoints;
    private long pointsSelected;
    private long states;
    private long nestedStates;
    private long nextProgress = begin + PROGRESS_NANOS;
    private long totalPoints;
    private String stoppedBy;

    private Exploring(Recording recording, Judge judge, Bounds bounds, Progress progress,
            ImageDevice device, ImageDevice second) throws IOException {
        this.recording = recording;
        this.bounds = bounds;
        this.progress = progress;
        this.device = device;
        runner = new StateRunner(device, recording.reopening(), judge, 1);
        root = new StatePath(StatePath.fingerprint(recording.trace()), List.of());
        operations = recording.trace().operations();
        nested = new Nested(second, recording.reopening(), judge);
    }

    /** Explores a recording on two devices of its size and unit, which it leaves as they come. */
    public static Exploration explore(Recording recording, Judge judge, Bounds bounds,
            Progress progress, ImageDevice first, ImageDevice second) throws IOException {
        Exploring exploring = new Exploring(recording, judge, bounds, progress, first, second);
        exploring.run();
        return exploring.result();
    }

    private void run() throws IOException {
        Trace trace = recording.trace();
        totalPoints = countPoints(trace, bounds.fromPosition());
        ImageState state = new ImageState(device, trace,
                Pieces.bytes(trace.unit(), bounds.torn()));
        PointWalk walk = new PointWalk(state, bounds.subset(), bounds.exhaustiveImages(),
                StatePath.Phase.RUN);
        boolean goesOn = true;
        while (goesOn && state.nextPoint()) {
            goesOn = state.cursor().position() < bounds.fromPosition()
                    || explorePoint(walk, state);
        }
    }

    private boolean explorePoint(PointWalk walk, ImageState state) throws IOException {
        int position = state.cursor().position();
        CrashPoint point = point(position, state.cursor().isAtEnd());
        int marks = state.cursor().marks();
        SplittableRandom random = new SplittableRandom(bounds.seed() * 31 + position);
        boolean whole = walk.explore(marks, root, random, path -> look(point, marks, state, path));
        crashPoints++;
        if (!whole && stoppedBy == null) {
            pointsSelected++;
        }
        return stoppedBy == null;
    }

    /** Runs the state that is shown; false to stop. */
    private boolean look(CrashPoint point, int marks, ImageState state, PointWalk.Path path)
            throws IOException {
        if (!seen.add(Hashes.of(state.hash(), marks))) {
            return true;
        }
        images.add(state.hash());
        Throwable wrong = runner.run(point);
        if (!count(wrong, point, path)) {
            return false;
        }
        if (wrong != null) {
            return true;
        }
        recovered.add(runner.recovered(state));
        return !recoveredItems.add(runner.recoveredItems())
                || nested.after(this, recoveredItems.size() - 1, point, state, path);
    }

    /** Counts a state; false to stop. */
    boolean count(Throwable wrong, CrashPoint point, PointWalk.Path path) {
        states++;
        if (wrong != null) {
            violations.add(found(point, wrong, path.line(), states));
            if (violations.size() >= bounds.maxViolations()) {
                stoppedBy = violations.size() + " violations";
            }
        }
        if (states >= bounds.maxStates()) {
            stoppedBy = "the bound of " + bounds.maxStates() + " states";
        }
        long now = System.nanoTime();
        if (now - begin >= bounds.budget().toNanos()) {
            stoppedBy = "the budget of " + bounds.budget().toMillis() + " ms";
        }
        if (now >= nextProgress) {
            nextProgress = now + PROGRESS_NANOS;
            progress.at(crashPoints, totalPoints, states, violations.size());
        }
        return stoppedBy == null;
    }

    /** Says what was found, before anybody looked at what was lost. */
    static Found found(CrashPoint point, Throwable wrong, StatePath path, long states) {
        return new Found(point, message(wrong), List.of(), false, path.toString(), states);
    }

    void countNested(long imageHash) {
        images.add(imageHash);
        nestedStates++;
    }

    boolean isStopped() {
        return stoppedBy != null;
    }

    Bounds bounds() {
        return bounds;
    }

    static String message(Throwable wrong) {
        String message = wrong.getMessage();
        return wrong instanceof Violation && message != null ? message
                : wrong.toString();
    }

    private static long countPoints(Trace trace, long from) {
        long points = 1;
        for (int event = (int) Math.min(from, trace.events()); event < trace.events(); event++) {
            points += trace.event(event) == Trace.Event.PERSIST
                    || trace.event(event) == Trace.Event.CRASH ? 1 : 0;
        }
        return points;
    }

    private CrashPoint point(int position, boolean end) {
        return point(operations, position, end);
    }

    /** Describes a position of a trace. */
    static CrashPoint point(List<Operation> operations, int position, boolean end) {
        List<Operation> completed = new ArrayList<>();
        List<Operation> inProgress = new ArrayList<>();
        for (Operation operation : operations) {
            if (operation.end() <= position) {
                completed.add(operation);
            } else if (operation.begin() <= position) {
                inProgress.add(operation);
            }
        }
        return new CrashPoint(position, end ? CrashPoint.Kind.END : CrashPoint.Kind.BARRIER,
                completed, inProgress);
    }

    private Exploration result() {
        StringBuilder left = new StringBuilder();
        if (stoppedBy != null) {
            left.append("stopped by ").append(stoppedBy).append(" after ").append(crashPoints)
                    .append(" of ").append(totalPoints).append(" crash points");
        }
        if (pointsSelected > 0) {
            left.append(left.isEmpty() ? "" : "; ").append("of ").append(pointsSelected)
                    .append(" crash points with more than ").append(bounds.exhaustiveImages())
                    .append(" images a selection");
        }
        progress.at(crashPoints, totalPoints, states, violations.size());
        return new Exploration(crashPoints, images.size(), states, recovered.size(), nestedStates,
                left.isEmpty(), left.toString(), List.copyOf(violations),
                System.nanoTime() - begin, bounds.seed());
    }
}
