package dev.holdfast.tree;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.codec.LittleEndian;
import dev.holdfast.device.MemfdDevice;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A tree answers as a sorted map does, over many checkpoints")
class TreeModelTest {
    private static TreeFixture newVolume(long mebibytes) throws IOException {
        return new TreeFixture(MemfdDevice.create("tree", mebibytes << 20), Mutants.NONE);
    }

    @ParameterizedTest(name = "seed {0}: {1} checkpoints of {2} changes, {3} keys, {4} bytes")
    @CsvSource({
        "1, 40, 200, 2000, 40",
        "2, 40, 30, 400, 3584",
        "3, 30, 300, 0, 100",
        "4, 60, 5, 60, 3584",
        "5, 15, 3000, 20000, 12",
        "6, 80, 3, 100000, 0",
        "7, 25, 100, 1000, 1500",
    })
    void randomChangesLeaveWhatTheModelHolds(
            long seed, int checkpoints, int changes, int keySpace, int maxValueBytes)
            throws IOException {
        var random = new Random(seed);
        try (var volume = newVolume(16)) {
            for (int i = 0; i < checkpoints; i++) {
                var overlay = volume.randomChanges(random, changes, keySpace, maxValueBytes);
                var expected = new TreeMap<>(volume.model);
                overlay.changes().forEach((key, value) -> {
                    if (value == null) {
                        expected.remove(key);
                    } else {
                        expected.put(key, value);
                    }
                });
                checkQueries(overlay, expected, random, keySpace);
                volume.checkpoint(overlay);
                volume.checkItems();
                volume.checkShape();
                checkQueries(volume.tree, volume.model, random, keySpace);
            }
        }
    }

    private static void checkQueries(
            Items items, TreeMap<Key, byte[]> model, Random random, int keySpace)
            throws IOException {
        for (int i = 0; i < 20; i++) {
            Key key = random.nextBoolean() || model.isEmpty()
                    ? TreeFixture.randomKey(random, keySpace)
                    : model.ceilingKey(model.firstKey());
            assertThat(items.get(key)).as("get %s", key).isEqualTo(model.get(key));
            var floor = model.floorEntry(key);
            var found = items.floor(key);
            assertThat(found == null ? null : found.key()).as("floor %s", key)
                    .isEqualTo(floor == null ? null : floor.getKey());
            if (found != null) {
                assertThat(found.value()).isEqualTo(floor.getValue());
            }
        }
        Key from = TreeFixture.randomKey(random, keySpace);
        Key to = TreeFixture.randomKey(random, keySpace);
        var expected = from.compareTo(to) < 0
                ? new TreeMap<>(model.subMap(from, to)) : new TreeMap<Key, byte[]>();
        var scanned = new TreeMap<Key, byte[]>();
        items.scan(from, to, (key, value) -> scanned.put(key, value) == null);
        TreeFixture.assertSame(scanned, expected);
    }

    @Test
    @Tag("stress")
    void shapeAndWorstCaseHoldForManySeeds() throws IOException {
        for (long seed = 100; seed < 160; seed++) {
            var random = new Random(seed);
            int keySpace = random.nextInt(4) == 0 ? 0 : 1 << 4 + random.nextInt(14);
            int maxValueBytes = 1 << random.nextInt(12);
            try (var volume = newVolume(64)) {
                for (int i = 0; i < 40; i++) {
                    int changes = 1 << random.nextInt(12);
                    volume.checkpoint(
                            volume.randomChanges(random, changes, keySpace, maxValueBytes));
                    volume.checkShape();
                }
                volume.checkItems();
            } catch (IOException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    @Test
    void scanEndsWhenTheVisitorSaysSo() throws IOException {
        try (var volume = newVolume(1)) {
            var overlay = new Overlay(volume.tree);
            for (int i = 0; i < 1000; i++) {
                overlay.put(new Key(1, 5, i), new byte[8]);
            }
            volume.checkpoint(overlay);
            var changed = new Overlay(volume.tree);
            changed.put(new Key(1, 4, 0), new byte[1]);
            for (Items items : new Items[] {volume.tree, overlay, changed}) {
                int[] seen = {0};
                items.scan(Key.MIN, Key.MAX, (key, value) -> ++seen[0] < 300);
                assertThat(seen[0]).isEqualTo(300);
            }
        }
    }

    @Test
    void readersShareATree() throws IOException {
        try (var volume = newVolume(4)) {
            volume.checkpoint(volume.randomChanges(new Random(8), 3000, 0, 60));
            var wrong = volume.model.entrySet().parallelStream()
                    .filter(item -> !isRead(volume.tree, item.getKey(), item.getValue()))
                    .toList();
            assertThat(wrong).isEmpty();
        }
    }

    private static boolean isRead(Tree tree, Key key, byte[] value) {
        try {
            return Arrays.equals(tree.get(key), value)
                    && Arrays.equals(tree.floor(key).value(), value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @Tag("stress")
    void aMillionItemsAreFoundAgain() throws IOException {
        try (var volume = newVolume(256)) {
            for (int part = 0; part < 4; part++) {
                var overlay = new Overlay(volume.tree);
                for (int i = part; i < 1_000_000; i += 4) {
                    byte[] value = new byte[20];
                    LittleEndian.putInt(value, 0, i);
                    overlay.put(new Key(i / 1000, 5, i % 1000), value);
                }
                volume.checkpoint(overlay);
                volume.checkShape();
            }
            for (int i = 0; i < 1_000_000; i += 7) {
                byte[] value = volume.tree.get(new Key(i / 1000, 5, i % 1000));
                assertThat(LittleEndian.getInt(value, 0)).isEqualTo(i);
            }
            assertThat(volume.tree.root().items()).isEqualTo(1_000_000);
        }
    }
}
