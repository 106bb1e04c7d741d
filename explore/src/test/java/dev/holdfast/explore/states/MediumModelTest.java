package dev.holdfast.explore.states;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.device.ImageDevice;
import dev.holdfast.device.LineFate;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.device.TracedDevice.Unit;
import dev.holdfast.explore.medium.Recorder;
import dev.holdfast.explore.medium.Trace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The images of random traces against a model that knows nothing of traces: for each line, the set
 * of values that a medium may hold, kept up to date store by store.
 */
class MediumModelTest {
    private static final int LINES = 5;
    private static final int SIZE = 4096;

    /** What the medium may hold of each line: its first 8 bytes. */
    private static final class Model {
        private final List<Set<Long>> possible = new ArrayList<>();
        private final long[] live = new long[LINES];

        Model() {
            for (int line = 0; line < LINES; line++) {
                possible.add(new TreeSet<>(Set.of(0L)));
            }
        }

        void store(int line, long value) {
            live[line] = value;
            possible.get(line).add(value);
        }

        void persist(int line) {
            possible.set(line, new TreeSet<>(Set.of(live[line])));
        }

        Set<List<Long>> images() {
            Set<List<Long>> images = new HashSet<>(Set.of(List.of()));
            for (Set<Long> values : possible) {
                Set<List<Long>> longer = new HashSet<>();
                for (List<Long> image : images) {
                    for (long value : values) {
                        List<Long> next = new ArrayList<>(image);
                        next.add(value);
                        longer.add(next);
                    }
                }
                images = longer;
            }
            return images;
        }
    }

    @Test
    @DisplayName("Every image that the model allows at a barrier is enumerated, and no other")
    void againstTheModel() throws IOException {
        for (long seed = 0; seed < 60; seed++) {
            againstTheModel(seed);
        }
    }

    private static void againstTheModel(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        Model model = new Model();
        List<Set<List<Long>>> expected = new ArrayList<>();
        Trace trace;
        try (TracedDevice device = TracedDevice.create(SIZE)) {
            Recorder recorder = Recorder.start(device);
            for (int step = 0; step < 30; step++) {
                int line = random.nextInt(LINES);
                switch (random.nextInt(12)) {
                    case 0, 1, 2, 3 -> {
                        expected.add(model.images());
                        device.persist(line * 64L, 64);
                        model.persist(line);
                    }
                    case 4 -> {
                        expected.add(model.images());
                        device.persist(0, LINES * 64L);
                        IntStream.range(0, LINES).forEach(model::persist);
                    }
                    case 5 -> {
                        expected.add(model.images());
                        crash(device, model, random.nextInt(1 << LINES));
                    }
                    default -> {
                        long value = 1 + random.nextInt(3);
                        device.putLong(line * 64L, value);
                        model.store(line, value);
                    }
                }
            }
            expected.add(model.images());
            trace = recorder.stop();
        }
        assertThat(images(trace)).as("seed %s", seed).isEqualTo(expected);
    }

    /** Cuts the power, keeping some lines, and goes on. */
    private static void crash(TracedDevice device, Model model, int kept) throws IOException {
        device.crash(LineFate.only(
                IntStream.range(0, LINES).filter(line -> (kept & 1 << line) != 0)
                        .asLongStream().toArray()));
        for (int line = 0; line < LINES; line++) {
            model.live[line] = device.getLong(line * 64L);
            model.persist(line);
        }
    }

    private static List<Set<List<Long>>> images(Trace trace) throws IOException {
        List<Set<List<Long>>> found = new ArrayList<>();
        try (ImageDevice device = ImageDevice.create(SIZE, Unit.LINE)) {
            ImageState state = new ImageState(device, trace, 64);
            while (state.nextPoint()) {
                Set<List<Long>> images = new HashSet<>();
                int[] all = IntStream.range(0, state.pieces().count()).toArray();
                new Enumeration(state, all, () -> {
                    images.add(IntStream.range(0, LINES)
                            .mapToObj(line -> device.getLong(line * 64L)).toList());
                    return true;
                }).all();
                found.add(images);
            }
        }
        return found;
    }
}
