package dev.holdfast.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.codec.LittleEndian;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.device.MemfdDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A damaged tree is an exception, never an answer")
class TreeCorruptionTest {
    private TreeFixture volume;
    private final List<Long> blocks = new ArrayList<>();

    @BeforeEach
    void create() throws IOException {
        volume = new TreeFixture(MemfdDevice.create("tree", 2 << 20), Mutants.NONE);
        volume.checkpoint(volume.randomChanges(new Random(1), 300, 0, 30));
        volume.checkpoint(volume.randomChanges(new Random(2), 300, 0, 30));
        volume.tree.walk((block, level, items, usedBytes) -> blocks.add(block));
        assertThat(volume.tree.root().height()).isEqualTo(2);
    }

    @AfterEach
    void close() {
        volume.close();
    }

    private static void assertCorrupt(Throwable failure) {
        assertThat(failure).isInstanceOfSatisfying(HoldfastException.class, e ->
                assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT));
    }

    @Test
    void everyFlippedByteOfANodeIsFoundAndItsBlockNamed() {
        DaxDevice device = volume.device;
        var random = new Random(3);
        for (long block : List.of(blocks.getFirst(), blocks.getLast())) {
            for (int i = 0; i < Layout.BLOCK_BYTES; i++) {
                long at = block * Layout.BLOCK_BYTES + i;
                byte was = device.getByte(at);
                device.putByte(at, (byte) (was ^ 1 << random.nextInt(8)));
                assertThatThrownBy(() -> volume.tree.walk((b, level, items, usedBytes) -> {}))
                        .satisfies(TreeCorruptionTest::assertCorrupt)
                        .hasMessageContaining("block " + block + " ");
                device.putByte(at, was);
            }
        }
    }

    @Test
    void anotherNodesContentOrAnOlderVersionIsFound() throws IOException {
        byte[] leaf = new byte[Layout.BLOCK_BYTES];
        long place = blocks.get(1) * Layout.BLOCK_BYTES;
        volume.device.get(blocks.get(2) * Layout.BLOCK_BYTES, leaf, 0, leaf.length);
        volume.device.put(place, leaf, 0, leaf.length);
        assertThatThrownBy(() -> TreeFixture.itemsOf(volume.tree))
                .satisfies(TreeCorruptionTest::assertCorrupt)
                .hasMessageContaining("own block number");

        LittleEndian.putLong(leaf, Layout.NODE_BLOCK_AT, blocks.get(1));
        LittleEndian.putLong(leaf, Layout.NODE_GENERATION_AT, 1);
        store(place, leaf);
        assertThatThrownBy(() -> TreeFixture.itemsOf(volume.tree))
                .satisfies(TreeCorruptionTest::assertCorrupt).hasMessageContaining("generation");
    }

    @Test
    void aCyclicImageEndsInAnException() {
        long root = volume.tree.root().block();
        byte[] node = new byte[Layout.BLOCK_BYTES];
        volume.device.get(root * Layout.BLOCK_BYTES, node, 0, node.length);
        int firstValue = LittleEndian.getShort(node,
                Layout.NODE_HEADER_BYTES + Layout.ITEM_VALUE_AT);
        LittleEndian.putLong(node, firstValue, root);
        store(root * Layout.BLOCK_BYTES, node);
        assertThatThrownBy(() -> volume.tree.walk((b, level, items, usedBytes) -> {}))
                .satisfies(TreeCorruptionTest::assertCorrupt);
        assertThatThrownBy(() -> volume.tree.get(Key.MIN.equals(volume.model.firstKey())
                ? Key.MAX : volume.model.firstKey()))
                .satisfies(TreeCorruptionTest::assertCorrupt).hasMessageContaining("level");
    }

    private void store(long offset, byte[] node) {
        LittleEndian.putInt(node, Layout.NODE_CRC_AT,
                Checksum.crc32c(node, Layout.NODE_MAGIC_AT, Layout.BLOCK_BYTES));
        volume.device.put(offset, node, 0, node.length);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void fieldsChangedUnderRightChecksumsGiveNothingButCorrupt(long seed) {
        var random = new Random(seed);
        byte[] good = new byte[Layout.BLOCK_BYTES];
        for (int i = 0; i < 1500; i++) {
            long offset = blocks.get(random.nextInt(blocks.size())) * Layout.BLOCK_BYTES;
            volume.device.get(offset, good, 0, good.length);
            byte[] bad = good.clone();
            for (int n = random.nextInt(3); n >= 0; n--) {
                mutate(bad, random);
            }
            store(offset, bad);
            try {
                readAll(random);
            } catch (IOException failure) {
                assertCorrupt(failure);
            }
            volume.device.put(offset, good, 0, good.length);
        }
    }

    private static void mutate(byte[] node, Random random) {
        int at = switch (random.nextInt(3)) {
            case 0 -> random.nextInt(Layout.NODE_HEADER_BYTES);
            case 1 -> Layout.NODE_HEADER_BYTES + random.nextInt(Layout.ITEM_SLOT_BYTES * 40);
            default -> random.nextInt(Layout.BLOCK_BYTES - 8);
        };
        if (random.nextBoolean()) {
            node[at] = (byte) random.nextInt();
        } else {
            long[] edges = {0, -1, 1, Long.MIN_VALUE, Long.MAX_VALUE, 0xFFFF, 0x7FFF_FFFFL};
            LittleEndian.putLong(node, at & ~3, edges[random.nextInt(edges.length)]);
        }
    }

    private void readAll(Random random) throws IOException {
        volume.tree.walk(new NodeVisitor() {
            @Override
            public void node(long block, int level, int items, int usedBytes) {}

            @Override
            public void damaged(long block, int level, HoldfastException problem) {
                assertCorrupt(problem);
            }
        });
        for (int n = 0; n < 3; n++) {
            Key key = TreeFixture.randomKey(random, 0);
            volume.tree.floor(key);
            volume.tree.get(key);
        }
        TreeFixture.itemsOf(volume.tree);
        volume.space.begin();
        try {
            TreeMerge.merge(volume.tree, volume.randomChanges(random, 20, 0, 30).changes(),
                    volume.space, volume.generation + 1);
        } finally {
            volume.space.abort();
        }
    }

    @Test
    void aRootThatCannotBeIsRefused() {
        for (Root root : List.of(new Root(0, 1, 1, 1, 24), new Root(9, 0, 1, 1, 24),
                new Root(9, 17, 1, 1, 24), new Root(9, -1, 1, 1, 24))) {
            assertThatThrownBy(() -> new Tree(volume.device, root))
                    .satisfies(TreeCorruptionTest::assertCorrupt);
        }
        for (long block : new long[] {-1, Long.MIN_VALUE, 512, Long.MAX_VALUE}) {
            assertThatThrownBy(() -> new Tree(volume.device, new Root(block, 1, 1, 1, 24))
                    .get(Key.MIN)).satisfies(TreeCorruptionTest::assertCorrupt);
        }
    }
}
