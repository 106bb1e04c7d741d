package dev.holdfast.explore.states;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.device.ImageDevice;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.device.TracedDevice.Unit;
import dev.holdfast.explore.medium.Recorder;
import dev.holdfast.explore.medium.Trace;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How many images a crash can leave, and that each is shown. */
class EnumerationTest {
    private static final int SIZE = 16 * 4096;

    private interface Stores {
        void run(TracedDevice device) throws IOException;
    }

    private static Trace trace(Unit unit, Stores stores) throws IOException {
        try (TracedDevice device = TracedDevice.create(SIZE, unit)) {
            Recorder recorder = Recorder.start(device);
            stores.run(device);
            return recorder.stop();
        }
    }

    /** Visits all images at the end of a trace; returns the distinct ones, by content. */
    private static Set<String> images(Trace trace, boolean torn) throws IOException {
        Set<String> images = new HashSet<>();
        Set<Long> hashes = new HashSet<>();
        int[] visits = new int[1];
        try (ImageDevice device = ImageDevice.create(SIZE, trace.unit())) {
            ImageState state =
                    new ImageState(device, trace, Pieces.bytes(trace.unit(), torn));
            state.goTo(trace.events());
            int[] all = IntStream.range(0, state.pieces().count()).toArray();
            new Enumeration(state, all, () -> {
                visits[0]++;
                hashes.add(state.hash());
                return images.add(content(device));
            }).all();
            assertThat(visits[0]).isEqualTo(images.size())
                    .isEqualTo((int) Enumeration.combinations(state.pieces(), all));
            assertThat(hashes).hasSameSizeAs(images);
        }
        return images;
    }

    private static String content(ImageDevice device) {
        byte[] image = device.image();
        StringBuilder content = new StringBuilder();
        for (int at = 0; at < SIZE; at += 8) {
            long word = device.getLong(at);
            if (word != 0) {
                content.append(at).append('=').append(word).append(' ');
            }
            assertThat(image[at]).isEqualTo((byte) word);
        }
        return content.toString();
    }

    @Test
    @DisplayName("n lines in flight leave 2^n images")
    void everySubsetOfLines() throws IOException {
        for (int n = 0; n <= 8; n++) {
            int lines = n;
            Set<String> images = images(trace(Unit.LINE, device -> {
                for (int line = 0; line < lines; line++) {
                    device.putLong(line * 192L, line + 1);
                }
            }), false);
            assertThat(images).hasSize(1 << n);
        }
    }

    @Test
    @DisplayName("A line stored several times may hold any of its values, or what was durable")
    void everyVersion() throws IOException {
        Set<String> images = images(trace(Unit.LINE, device -> {
            device.putLong(0, 9);
            device.persist(0, 8);
            device.putLong(0, 1);
            device.putLong(0, 2);
            device.putLong(64, 5);
            device.putLong(0, 3);
        }), false);
        assertThat(images).containsExactlyInAnyOrder("0=9 ", "0=1 ", "0=2 ", "0=3 ",
                "0=9 64=5 ", "0=1 64=5 ", "0=2 64=5 ", "0=3 64=5 ");
    }

    @Test
    @DisplayName("A value that comes back is one image, not two")
    void valuesThatComeBack() throws IOException {
        assertThat(images(trace(Unit.LINE, device -> {
            device.putLong(0, 1);
            device.putLong(0, 0);
            device.putLong(0, 1);
        }), false)).containsExactlyInAnyOrder("", "0=1 ");
    }

    @Test
    @DisplayName("What was persisted is in every image, also when stored to again")
    void persistedStays() throws IOException {
        Set<String> images = images(trace(Unit.LINE, device -> {
            device.putLong(0, 1);
            device.putLong(64, 2);
            device.persist(0, 128);
            device.putLong(64, 3);
        }), false);
        assertThat(images).containsExactlyInAnyOrder("0=1 64=2 ", "0=1 64=3 ");
    }

    @Test
    @DisplayName("Torn lines hold words of different stores")
    void tornLines() throws IOException {
        Stores stores = device -> {
            device.putLong(0, 1);
            device.putLong(8, 2);
            device.putLong(0, 3);
        };
        assertThat(images(trace(Unit.LINE, stores), false)).containsExactlyInAnyOrder(
                "", "0=1 ", "0=1 8=2 ", "0=3 8=2 ");
        assertThat(images(trace(Unit.LINE, stores), true)).containsExactlyInAnyOrder(
                "", "0=1 ", "0=3 ", "8=2 ", "0=1 8=2 ", "0=3 8=2 ");
    }

    @Test
    @DisplayName("Pages are kept or lost whole, or by sectors when torn; sectors always whole")
    void pagesAndSectors() throws IOException {
        Stores stores = device -> {
            device.putLong(0, 1);
            device.putLong(64, 2);
            device.putLong(512, 3);
            device.putLong(4096, 4);
        };
        assertThat(images(trace(Unit.PAGE, stores), false)).hasSize(4 * 2);
        assertThat(images(trace(Unit.PAGE, stores), true)).hasSize(3 * 2 * 2);
        assertThat(images(trace(Unit.SECTOR, stores), false)).hasSize(3 * 2 * 2);
        assertThat(images(trace(Unit.SECTOR, stores), true)).hasSize(3 * 2 * 2);
        assertThat(images(trace(Unit.PAGE, stores), false)).containsExactlyInAnyOrder(
                "", "0=1 ", "0=1 64=2 ", "0=1 64=2 512=3 ",
                "4096=4 ", "0=1 4096=4 ", "0=1 64=2 4096=4 ", "0=1 64=2 512=3 4096=4 ");
    }

    @Test
    @DisplayName("One store over many lines is one version of a page, and a choice for each line")
    void wideStores() throws IOException {
        Stores stores = device -> device.put(0, filled(256), 0, 256);
        assertThat(images(trace(Unit.PAGE, stores), false)).hasSize(2);
        assertThat(images(trace(Unit.LINE, stores), false)).hasSize(16);
    }

    @Test
    @DisplayName("A persist of one line of a page settles the page")
    void pagesPersistTogether() throws IOException {
        assertThat(images(trace(Unit.PAGE, device -> {
            device.putLong(0, 1);
            device.putLong(2048, 2);
            device.persist(0, 8);
        }), false)).containsExactly("0=1 2048=2 ");
    }

    @Test
    @DisplayName("A selection has each piece alone and each lost, pairs of both, and nothing twice")
    void selections() throws IOException {
        int lines = 12;
        Trace trace = trace(Unit.LINE, device -> {
            for (int line = 0; line < lines; line++) {
                device.putLong(line * 64L, 1L << line);
            }
        });
        Set<Long> sums = new HashSet<>();
        try (ImageDevice device = ImageDevice.create(SIZE, Unit.LINE)) {
            ImageState state = new ImageState(device, trace, 64);
            state.goTo(trace.events());
            int[] all = IntStream.range(0, lines).toArray();
            boolean done = new Enumeration(state, all, () -> {
                long kept = 0;
                for (int line = 0; line < lines; line++) {
                    kept |= device.getLong(line * 64L);
                }
                sums.add(kept);
                return true;
            }).selection(2, 1000, new SplittableRandom(1));
            assertThat(done).isTrue();
        }
        long every = (1L << lines) - 1;
        for (int i = 0; i < lines; i++) {
            assertThat(sums).contains(1L << i, every & ~(1L << i), (1L << i + 1) - 1);
            for (int j = 0; j < i; j++) {
                long pair = 1L << i | 1L << j;
                assertThat(sums).contains(pair, every & ~pair);
            }
        }
    }

    @Test
    @DisplayName("Going from point to point leaves the image and its hash as if made anew")
    void movingOn() throws IOException {
        SplittableRandom random = new SplittableRandom(7);
        Trace trace = trace(Unit.LINE, device -> {
            for (int i = 0; i < 400; i++) {
                device.putLong(random.nextInt(SIZE / 8) * 8L % 2048, random.nextLong());
                if (random.nextInt(9) == 0) {
                    device.persist(random.nextInt(16) * 128L, 128);
                }
            }
        });
        try (ImageDevice device = ImageDevice.create(SIZE, Unit.LINE);
                ImageDevice fresh = ImageDevice.create(SIZE, Unit.LINE)) {
            ImageState moving = new ImageState(device, trace, 64);
            while (moving.nextPoint()) {
                for (int piece = 0; piece < moving.pieces().count(); piece++) {
                    moving.choose(piece, random.nextInt(moving.pieces().options(piece)));
                }
                ImageState anew = new ImageState(fresh, trace, 64);
                anew.goTo(moving.cursor().position());
                for (int piece = 0; piece < anew.pieces().count(); piece++) {
                    anew.choose(piece, moving.choice(piece));
                }
                assertThat(device.image()).isEqualTo(fresh.image());
                assertThat(moving.hash()).isEqualTo(anew.hash());
                assertThat(device.memory().mismatch(fresh.memory())).isEqualTo(-1);
            }
        }
    }

    private static byte[] filled(int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) 1);
        return bytes;
    }
}
