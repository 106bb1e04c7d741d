package dev.holdfast.explore.states;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.DaxFile;
import dev.holdfast.device.ImageDevice;
import dev.holdfast.explore.CrashPoint;
import dev.holdfast.explore.Judge;
import dev.holdfast.explore.Lab;
import dev.holdfast.explore.Violation;
import dev.holdfast.explore.medium.Recording;
import dev.holdfast.explore.medium.Trace;
import dev.holdfast.file.RenameMode;
import dev.holdfast.mutant.Mutant;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Varying only what is read finds what varying everything does. */
class PointWalkTest {
    private static final int MOST_IMAGES = 1 << 13;

    /** What came out at a point: each recovered state, or what was wrong. */
    private static final class Outcomes {
        private final ImageState state;
        private final StateRunner runner;
        private final Set<String> seen = new TreeSet<>();
        private int runs;

        Outcomes(ImageState state, Recording recording, Judge judge) {
            this.state = state;
            runner = new StateRunner(state.device(), recording.reopening(), judge, 1);
        }

        boolean look(CrashPoint point) {
            runs++;
            Throwable wrong = runner.run(point);
            seen.add(wrong == null ? Long.toHexString(runner.recoveredItems())
                    : Exploring.message(wrong));
            return true;
        }
    }

    private static final CrashPoint POINT =
            new CrashPoint(0, CrashPoint.Kind.BARRIER, List.of(), List.of());

    private static void compare(Recording recording, Judge judge) throws IOException {
        Trace trace = recording.trace();
        int compared = 0;
        int varied = 0;
        int everything = 0;
        try (ImageDevice first = ImageDevice.create(trace.sizeBytes(), trace.unit());
                ImageDevice second = ImageDevice.create(trace.sizeBytes(), trace.unit())) {
            ImageState restricted = new ImageState(first, trace, 64);
            ImageState whole = new ImageState(second, trace, 64);
            PointWalk walk = new PointWalk(restricted, 2, MOST_IMAGES, StatePath.Phase.RUN);
            int point = 0;
            while (restricted.nextPoint() && whole.nextPoint()) {
                int[] all = IntStream.range(0, whole.pieces().count()).toArray();
                if (Enumeration.combinations(whole.pieces(), all) > MOST_IMAGES) {
                    continue;
                }
                Outcomes ofAll = new Outcomes(whole, recording, judge);
                new Enumeration(whole, all, () -> ofAll.look(POINT)).all();
                Outcomes ofRead = new Outcomes(restricted, recording, judge);
                boolean exhaustive = walk.explore(point++, new StatePath("", List.of()),
                        new SplittableRandom(1), path -> ofRead.look(POINT));
                assertThat(exhaustive).isTrue();
                assertThat(ofRead.seen).as("at %s", whole.cursor().position())
                        .isEqualTo(ofAll.seen);
                compared++;
                varied += ofRead.runs;
                everything += ofAll.runs;
            }
        }
        assertThat(compared).isPositive();
        assertThat(everything).isGreaterThan(compared);
        assertThat(varied).isGreaterThan(compared);
    }

    private static Recording names(Mutant... mutants) throws IOException {
        return Lab.record((volume, recorder) -> {
            volume.createFile("/a").close();
            volume.createDirectory("/d");
            volume.rename("/a", "/d/b", RenameMode.REPLACE);
            volume.sync();
            try (DaxFile file = volume.openFile("/d/b")) {
                file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
                file.fdatasync();
            }
        }, mutants);
    }

    @Test
    @DisplayName("On a run of names and a write every recovered state is found")
    void sound() throws IOException {
        compare(names(), (volume, point) -> {
            if (volume.exists("/a") && volume.exists("/d/b")) {
                throw new Violation("two names");
            }
        });
    }

    @ParameterizedTest
    @EnumSource(names = {"RENAME_IN_TWO_RECORDS", "BARRIER_DROPPED", "FDATASYNC_SKIPPED"})
    @DisplayName("No violation of a broken protocol is lost")
    void broken(Mutant mutant) throws IOException {
        compare(names(mutant), (volume, point) -> {
            if (volume.exists("/a") && volume.exists("/d/b")) {
                throw new Violation("two names");
            }
            if (volume.exists("/d/b") && volume.stat("/d/b").sizeBytes() == 3) {
                try (DaxFile file = volume.openFile("/d/b")) {
                    ByteBuffer content = ByteBuffer.allocate(3);
                    file.read(content, 0);
                    if (content.get(0) != 1) {
                        throw new Violation("size without data");
                    }
                }
            }
        });
    }

    @Test
    @DisplayName("Lines that nobody reads are not varied: a checkpoint's unused nodes")
    void unreadLines() throws IOException {
        Recording recording = Lab.record((volume, recorder) -> {
            volume.createFile("/a").close();
            volume.checkpoint();
        });
        Trace trace = recording.trace();
        int most = 0;
        try (ImageDevice device = ImageDevice.create(trace.sizeBytes(), trace.unit())) {
            ImageState state = new ImageState(device, trace, 64);
            PointWalk walk = new PointWalk(state, 2, 1024, StatePath.Phase.RUN);
            int point = 0;
            while (state.nextPoint()) {
                Outcomes outcomes = new Outcomes(state, recording, (volume, at) -> { });
                boolean exhaustive = walk.explore(point++, new StatePath("", List.of()),
                        new SplittableRandom(1), path -> outcomes.look(POINT));
                assertThat(exhaustive).isTrue();
                most = Math.max(most, state.pieces().count());
            }
        }
        assertThat(most).as("lines in flight at once").isGreaterThan(5);
    }
}
