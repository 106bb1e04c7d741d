package dev.holdfast.tree;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/** A volume that is nothing but checkpoints, with a model of what each must hold. */
final class TreeFixture implements AutoCloseable {
    static final int CHUNK_BLOCKS = 64;
    private static final long FIRST_CHUNK = 8;

    final DaxDevice device;
    final NodeSpace space;
    final Slot.Geometry geometry;
    final TreeMap<Key, byte[]> model;
    Tree tree;
    long generation;

    /** Makes an empty volume whose every block past the log is a chunk. */
    TreeFixture(DaxDevice device, Mutants mutants) throws IOException {
        this.device = device;
        long blocks = device.sizeBytes() / Layout.BLOCK_BYTES;
        geometry = new Slot.Geometry(new UUID(1, 2), blocks, Layout.FIRST_LOG_BLOCK,
                FIRST_CHUNK - Layout.FIRST_LOG_BLOCK, CHUNK_BLOCKS, 3, 4, 5, "test");
        space = new NodeSpace(device, mutants);
        for (NodeSpace.Chunk chunk : chunks(device)) {
            space.addChunk(chunk.startBlock(), chunk.blocks());
        }
        tree = new Tree(device, Root.EMPTY);
        model = new TreeMap<>();
    }

    /** Mounts what is on the device by a slot. */
    TreeFixture(DaxDevice device, Slot slot) throws IOException {
        this.device = device;
        geometry = slot.geometry();
        space = new NodeSpace(device, Mutants.NONE);
        space.load(slot.generation(), chunks(device));
        tree = new Tree(device, slot.root());
        generation = slot.generation();
        model = itemsOf(tree);
    }

    private static List<NodeSpace.Chunk> chunks(DaxDevice device) {
        var chunks = new ArrayList<NodeSpace.Chunk>();
        long blocks = device.sizeBytes() / Layout.BLOCK_BYTES;
        for (long at = FIRST_CHUNK; at + CHUNK_BLOCKS <= blocks; at += CHUNK_BLOCKS) {
            chunks.add(new NodeSpace.Chunk(at, CHUNK_BLOCKS));
        }
        return chunks;
    }

    static TreeMap<Key, byte[]> itemsOf(Items items) throws IOException {
        var all = new TreeMap<Key, byte[]>();
        items.scan(Key.MIN, Key.MAX, (key, value) -> {
            assertThat(all.put(key, value)).isNull();
            return true;
        });
        return all;
    }

    Slot slot() {
        return new Slot(geometry, generation, tree.root(), generation, 1, false);
    }

    /** Writes the nodes of the next checkpoint, and no more. */
    MergeResult writeNodes(Overlay overlay) throws IOException {
        space.begin();
        return TreeMerge.merge(tree, overlay.changes(), space, generation + 1);
    }

    /** Takes the checkpoint whose nodes were written as the newest. */
    void adopt(MergeResult result, Overlay overlay) throws IOException {
        generation++;
        tree = new Tree(device, result.root());
        overlay.changes().forEach((key, value) -> {
            if (value == null) {
                model.remove(key);
            } else {
                model.put(key, value);
            }
        });
    }

    /** Writes a whole checkpoint, checking the promises a merge makes. */
    MergeResult checkpoint(Overlay overlay) throws IOException {
        Root before = tree.root();
        MergeResult result = writeNodes(overlay);
        assertThat(result.nodesWritten()).isLessThanOrEqualTo(TreeMerge.worstCaseNodes(
                before.height(), overlay.changedItems(), overlay.changedBytes(),
                before.itemBytes()));
        space.writeBitmaps(generation + 1);
        adopt(result, overlay);
        SlotStore.write(device, slot());
        long free = space.freeNodesAfterCommit();
        space.commit();
        // Never promises too many; a mutant that reuses live nodes has more than was promised.
        assertThat(space.freeNodes()).isGreaterThanOrEqualTo(free);
        return result;
    }

    /** Checks shape, counts and liveness of the newest tree. */
    void checkShape() throws IOException {
        Set<Long> seen = new HashSet<>();
        int[] lastUsed = new int[Layout.MAX_HEIGHT];
        long[] sums = new long[2];
        tree.walk((block, level, items, usedBytes) -> {
            assertThat(seen.add(block)).isTrue();
            assertThat(space.isLive(block)).as("block %d is live", block).isTrue();
            if (lastUsed[level] > 0) {
                assertThat(lastUsed[level] + usedBytes).as("neighbours at level %d", level)
                        .isGreaterThan(Layout.NODE_CAPACITY);
            }
            lastUsed[level] = usedBytes;
            if (level == 0) {
                sums[0] += items;
                sums[1] += usedBytes;
            }
        });
        assertThat(space.liveNodes()).isEqualTo(seen.size());
        assertThat(tree.root().items()).isEqualTo(sums[0]).isEqualTo(model.size());
        assertThat(tree.root().itemBytes()).isEqualTo(sums[1]);
    }

    void checkItems() throws IOException {
        assertSame(itemsOf(tree), model);
    }

    static void assertSame(TreeMap<Key, byte[]> actual, TreeMap<Key, byte[]> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        actual.forEach((key, value) ->
                assertThat(value).as("value of %s", key).isEqualTo(expected.get(key)));
    }

    /** Returns random changes, of which some hit keys of the model. */
    Overlay randomChanges(Random random, int count, int keySpace, int maxValueBytes) {
        var overlay = new Overlay(tree);
        int removals = random.nextInt(10);
        for (int i = 0; i < count; i++) {
            Key key = randomKey(random, keySpace);
            if (random.nextInt(10) < removals) {
                overlay.remove(key);
            } else {
                overlay.put(key, randomValue(random, maxValueBytes));
            }
        }
        return overlay;
    }

    /** Returns a key of about {@code keySpace} dense ones, or with a space of 0 any key. */
    static Key randomKey(Random random, int keySpace) {
        if (keySpace == 0) {
            return new Key(random.nextLong(), random.nextInt(), random.nextLong());
        }
        int n = random.nextInt(keySpace);
        return new Key(n / 100, 1 + n / 10 % 10, n % 10);
    }

    static byte[] randomValue(Random random, int maxValueBytes) {
        byte[] value = new byte[random.nextInt(maxValueBytes + 1)];
        random.nextBytes(value);
        return value;
    }

    @Override
    public void close() {
        device.close();
    }
}
