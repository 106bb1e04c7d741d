package dev.holdfast.explore.states;

import dev.holdfast.Volume;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.ImageDevice;
import dev.holdfast.explore.Bounds;
import dev.holdfast.explore.CrashPoint;
import dev.holdfast.explore.Judge;
import dev.holdfast.explore.Violation;
import dev.holdfast.explore.medium.Recorder;
import dev.holdfast.explore.medium.Trace;
import dev.holdfast.explore.states.StatePath.Phase;
import java.io.IOException;
import java.util.SplittableRandom;

/**
 * What follows a recovery, for some of the recovered states, on a device of its own:
 *
 * <ul>
 *   <li>the recovery is recorded, crashed at each of its barriers and recovered again: what was
 *       right once must be right again;
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

    private final ImageDevice device;
    private final VolumeOptions reopening;
    private final StateRunner first;
    private final StateRunner second;

    Nested(ImageDevice device, VolumeOptions reopening, Judge judge) {
        this.device = device;
        this.reopening = reopening;
        first = new StateRunner(device, reopening, judge, 1);
        second = new StateRunner(device, reopening, judge, 2);
    }

    /** Goes on from the {@code n}-th state that was recovered well; false to stop. */
    boolean after(Exploring exploring, long n, CrashPoint point, ImageState state,
            PointWalk.Path path) throws IOException {
        Bounds bounds = exploring.bounds();
        if (isNth(n, bounds.worksEvery())) {
            Throwable wrong = use(state);
            StatePath used = wrong == null ? null : path.line().then(StatePath.USE);
            if (wrong != null && !exploring.count(wrong, point, () -> used)) {
                return false;
            }
        }
        if (isNth(n, bounds.recoveryEvery())) {
            crash(exploring, recordRecovery(state), Phase.RECOVERY, second, point, path.line());
        }
        if (!exploring.isStopped() && isNth(n, bounds.appendEvery())) {
            append(exploring, point, state, path.line());
        }
        return !exploring.isStopped();
    }

    private static boolean isNth(long n, int every) {
        return every > 0 && n % every == 0;
    }

    private void show(ImageState state) {
        byte[] image = state.device().image();
        device.setImage(0, image, 0, image.length);
    }

    /** Uses what an image recovers to; returns what is wrong, or null. */
    Throwable use(ImageState state) {
        show(state);
        try {
            use();
            return null;
        } catch (IOException | RuntimeException | AssertionError wrong) {
            return new Violation(
                    "the recovered volume does not work: " + Exploring.message(wrong), wrong);
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

    private void append(Exploring exploring, CrashPoint point, ImageState state, StatePath path)
            throws IOException {
        Appended appended;
        try {
            appended = recordAppend(state);
        } catch (IOException | RuntimeException | AssertionError wrong) {
            exploring.count(wrong, point, () -> path.then(StatePath.USE));
            return;
        }
        crash(exploring, appended.trace, Phase.APPEND, judging(appended), null, path);
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
    private void crash(Exploring exploring, Trace trace, Phase phase, StateRunner judging,
            CrashPoint outer, StatePath before) throws IOException {
        Bounds bounds = exploring.bounds();
        ImageState state = new ImageState(
                device, trace, Pieces.bytes(trace.unit(), bounds.torn()));
        PointWalk walk = new PointWalk(state, SUBSET, IMAGES, phase);
        LongSet seen = new LongSet();
        while (!exploring.isStopped() && state.nextPoint()) {
            int marks = state.cursor().marks();
            CrashPoint point = point(state, outer);
            walk.explore(marks, before,
                    new SplittableRandom(bounds.seed() + state.cursor().position()), path -> {
                        if (!seen.add(Hashes.of(state.hash(), marks))) {
                            return true;
                        }
                        exploring.countNested(state.hash());
                        return exploring.count(judging.run(point), point, path);
                    });
        }
    }

    /** Returns the point of a crash after {@code outer}, or, if that is null, its own. */
    static CrashPoint point(ImageState state, CrashPoint outer) {
        MediumCursor cursor = state.cursor();
        return outer != null ? outer : Exploring.point(
                cursor.trace().operations(), cursor.position(), cursor.isAtEnd());
    }

    /** Returns who judges a recovery that was crashed. */
    StateRunner second() {
        return second;
    }

    ImageDevice device() {
        return device;
    }
}
