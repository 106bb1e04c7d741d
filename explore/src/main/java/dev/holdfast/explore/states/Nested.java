package dev.holdfast.explore.states;

import dev.holdfast.Volume;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.ImageDevice;
import dev.holdfast.explore.Bounds;
import dev.holdfast.explore.CrashPoint;
import dev.holdfast.explore.Judge;
import dev.holdfast.explore.Operation;
import dev.holdfast.explore.Violation;
import dev.holdfast.explore.medium.Recorder;
import dev.holdfast.explore.medium.Trace;
import dev.holdfast.explore.states.StatePath.Phase;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What follows a recovery, for some of the recovered states, on a device of its own:
 *
 * <ul>
 *   <li>the recovery is recorded, crashed at each of its barriers and recovered again: what was right
 *       once must be right again;
 *   <li>more is appended, recorded and crashed: what had been recovered stays, what was appended is
 *       there once it was durable, and nothing that the first crash had killed comes back;
 *   <li>the volume is used, closed, checked and mounted again.
 * </ul>
 *
 * <p>At each barrier of the first two a few images are looked at, and one level deep only.
 */
final class Nested {
    private static final int IMAGES = 8;
    private static final int SUBSET = 1;

    private final Exploring exploring;
    private final ImageDevice device;
    private final VolumeOptions reopening;
    private final StateRunner first;
    private final StateRunner second;

    Nested(Exploring exploring, ImageDevice device, VolumeOptions reopening, Judge judge) {
        this.exploring = exploring;
        this.device = device;
        this.reopening = reopening;
        first = new StateRunner(device, reopening, judge, 1);
        second = new StateRunner(device, reopening, judge, 2);
    }

    /** Goes on from the {@code n}-th state that was recovered well; false to stop. */
    boolean after(long n, CrashPoint point, ImageState state, PointWalk.Path path)
            throws IOException {
        Bounds bounds = exploring.bounds();
        return (!isNth(n, bounds.worksEvery()) || works(point, state, path))
                && (!isNth(n, bounds.recoveryEvery()) || crashRecovery(point, state, path))
                && (!isNth(n, bounds.appendEvery()) || crashAppend(state, path));
    }

    private static boolean isNth(long n, int every) {
        return every > 0 && n % every == 0;
    }

    private void show(ImageState state) {
        byte[] image = state.device().image();
        device.setImage(0, image, 0, image.length);
    }

    private boolean works(CrashPoint point, ImageState state, PointWalk.Path path) {
        show(state);
        try {
            use();
            return true;
        } catch (IOException | RuntimeException | AssertionError wrong) {
            return exploring.count(new Violation("the recovered volume does not work: "
                    + Exploring.message(wrong), wrong), point, path);
        } finally {
            device.undo();
        }
    }

    private void use() throws IOException {
        Continuation continuation;
        try (Volume volume = first.open()) {
            continuation = new Continuation(volume);
            continuation.run(volume, null);
            continuation.requireAll(volume);
        }
        second.check("the volume closed after its use");
        try (Volume volume = second.open()) {
            continuation.requireAll(volume);
        }
    }

    private boolean crashRecovery(CrashPoint point, ImageState state, PointWalk.Path path)
            throws IOException {
        return crash(recordRecovery(state), Phase.RECOVERY, second, point, path.line());
    }

    /** Records what a mount of the image does. */
    Trace recordRecovery(ImageState state) throws IOException {
        show(state);
        byte[] base = state.device().image().clone();
        Recorder recorder = Recorder.start(device, base, base.clone());
        try {
            first.open();
            return recorder.stop();
        } finally {
            recorder.stop();
            device.undo();
        }
    }

    private boolean crashAppend(ImageState state, PointWalk.Path path) throws IOException {
        Appended appended = recordAppend(state);
        StateRunner judging = judging(appended);
        return crash(appended.trace, Phase.APPEND, judging, null, path.line());
    }

    /** What was appended after a recovery, and what it did. */
    record Appended(Continuation continuation, Trace trace) {}

    Appended recordAppend(ImageState state) throws IOException {
        show(state);
        Recorder recorder = null;
        try {
            Volume volume = first.open();
            Continuation continuation = new Continuation(volume);
            recorder = Recorder.start(device);
            continuation.run(volume, recorder);
            return new Appended(continuation, recorder.stop());
        } finally {
            if (recorder != null) {
                recorder.stop();
            }
            device.undo();
        }
    }

    StateRunner judging(Appended appended) {
        return new StateRunner(device, reopening, appended.continuation::judge, 2);
    }

    /** Looks at crashes in what a trace holds; each is at {@code outer} or, if null, at its own. */
    private boolean crash(Trace trace, Phase phase, StateRunner judging, CrashPoint outer,
            StatePath before) throws IOException {
        ImageState state = new ImageState(device, trace,
                Pieces.bytes(trace.unit(), exploring.bounds().torn()));
        PointWalk walk = new PointWalk(state, SUBSET, IMAGES, phase);
        List<Operation> operations = trace.operations();
        LongSet seen = new LongSet();
        while (state.nextPoint()) {
            int position = state.cursor().position();
            CrashPoint point = outer != null ? outer
                    : Exploring.point(operations, position, state.cursor().isAtEnd());
            int marks = state.cursor().marks();
            walk.explore(marks, before, new SplittableRandom(exploring.bounds().seed() + position),
                    path -> {
                        if (!seen.add(Hashes.of(state.hash(), marks))) {
                            return true;
                        }
                        exploring.countNested(state.hash());
                        return exploring.count(judging.run(point), point, path);
                    });
            if (exploring.isStopped()) {
                return false;
            }
        }
        return true;
    }
}
