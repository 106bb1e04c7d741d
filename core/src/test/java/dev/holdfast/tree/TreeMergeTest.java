package dev.holdfast.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.device.MemfdDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TreeMergeTest {
    private TreeFixture volume;

    @BeforeEach
    void create() throws IOException {
        volume = new TreeFixture(MemfdDevice.create("tree", 8 << 20), Mutants.NONE);
    }

    @AfterEach
    void close() {
        volume.close();
    }

    private static Key key(long n) {
        return new Key(n, 5, 0);
    }

    private MergeResult fill(int items, int valueBytes) throws IOException {
        var overlay = new Overlay(volume.tree);
        for (int i = 0; i < items; i++) {
            overlay.put(key(10L * i), new byte[valueBytes]);
        }
        return volume.checkpoint(overlay);
    }

    @Test
    void noChangesKeepTheTree() throws IOException {
        fill(100, 20);
        Root root = volume.tree.root();
        assertThat(volume.checkpoint(new Overlay(volume.tree)))
                .isEqualTo(new MergeResult(root, 0, 0));
    }

    @Test
    void changesWithoutEffectKeepTheTree() throws IOException {
        fill(100, 20);
        Root root = volume.tree.root();
        var overlay = new Overlay(volume.tree);
        overlay.remove(key(5));
        overlay.put(key(10), new byte[20]);
        assertThat(volume.checkpoint(overlay)).isEqualTo(new MergeResult(root, 0, 0));
    }

    @Test
    void removingEverythingLeavesTheEmptyTree() throws IOException {
        fill(20_000, 20);
        assertThat(volume.tree.root().height()).isGreaterThan(2);
        var overlay = new Overlay(volume.tree);
        volume.model.keySet().forEach(overlay::remove);
        var result = volume.checkpoint(overlay);
        assertThat(result.root()).isEqualTo(Root.EMPTY);
        assertThat(result.nodesWritten()).isZero();
        assertThat(volume.space.liveNodes()).isZero();
    }

    @Test
    void theTreeGetsLowerWhenItShrinks() throws IOException {
        fill(20_000, 20);
        var overlay = new Overlay(volume.tree);
        volume.model.keySet().stream().skip(1).forEach(overlay::remove);
        var result = volume.checkpoint(overlay);
        assertThat(result.root().height()).isEqualTo(1);
        assertThat(result.root().items()).isEqualTo(1);
        volume.checkShape();
        volume.checkItems();
    }

    @Test
    void oneChangeRewritesOnePath() throws IOException {
        fill(20_000, 20);
        int height = volume.tree.root().height();
        var overlay = new Overlay(volume.tree);
        overlay.put(key(100_000), new byte[] {1, 2, 3});
        var result = volume.checkpoint(overlay);
        assertThat(result.nodesWritten()).isEqualTo(height);
        assertThat(result.nodesFreed()).isEqualTo(height);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3583, 3584})
    void valuesOfEveryPermittedSizeAreKept(int valueBytes) throws IOException {
        fill(50, valueBytes);
        volume.checkItems();
        volume.checkShape();
        assertThat(volume.tree.root().itemBytes()).isEqualTo(50L * (24 + valueBytes));
    }

    @Test
    void aLongerValueIsRefused() {
        byte[] tooLong = new byte[Layout.MAX_VALUE_BYTES + 1];
        var overlay = new Overlay(volume.tree);
        assertThatThrownBy(() -> overlay.put(key(1), tooLong))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("3585");
    }

    @Test
    void theLeastAndGreatestKeysAreKeysLikeOthers() throws IOException {
        fill(500, 100);
        var overlay = new Overlay(volume.tree);
        overlay.put(Key.MIN, new byte[3584]);
        overlay.put(Key.MAX, new byte[3584]);
        volume.checkpoint(overlay);
        volume.checkShape();
        assertThat(volume.tree.get(Key.MIN)).hasSize(3584);
        assertThat(volume.tree.floor(Key.MAX).key()).isEqualTo(Key.MAX);
        overlay = new Overlay(volume.tree);
        overlay.remove(Key.MIN);
        assertThat(overlay.floor(Key.MIN)).isNull();
        overlay.remove(key(0));
        volume.checkpoint(overlay);
        volume.checkShape();
        assertThat(volume.tree.floor(key(9))).isNull();
    }

    @Test
    void nodesAreDurableByOneBarrier() throws IOException {
        fill(1000, 20);
        var overlay = volume.randomChanges(new Random(1), 500, 0, 50);
        long before = volume.device.counters().bytes();
        var result = volume.writeNodes(overlay);
        assertThat(volume.device.counters().bytes() - before)
                .isEqualTo(result.nodesWritten() * Layout.BLOCK_BYTES);
    }

    @Test
    void withoutSpaceTheMergeFailsAndTheBaseStays() throws IOException {
        fill(1000, 20);
        var expected = new TreeMap<>(volume.model);
        var overlay = new Overlay(volume.tree);
        for (int i = 0; i < 3000; i++) {
            overlay.put(key(10L * i + 1), new byte[Layout.MAX_VALUE_BYTES]);
        }
        long free = volume.space.freeNodes();
        assertThatThrownBy(() -> volume.writeNodes(overlay))
                .isInstanceOfSatisfying(HoldfastException.class, failure ->
                        assertThat(failure.code()).isEqualTo(ErrorCode.NO_SPACE));
        volume.space.abort();
        assertThat(volume.space.freeNodes()).isEqualTo(free);
        TreeFixture.assertSame(TreeFixture.itemsOf(volume.tree), expected);
        volume.checkShape();
    }

    @Test
    void theBaseAnswersWhileTheNextIsWritten() throws IOException {
        var random = new Random(9);
        for (int i = 0; i < 20; i++) {
            Tree older = volume.tree;
            var olderItems = new TreeMap<>(volume.model);
            volume.checkpoint(volume.randomChanges(random, 100, 1000, 200));
            var newerItems = new TreeMap<>(volume.model);
            volume.writeNodes(volume.randomChanges(random, 300, 1000, 200));
            TreeFixture.assertSame(TreeFixture.itemsOf(older), olderItems);
            TreeFixture.assertSame(TreeFixture.itemsOf(volume.tree), newerItems);
            volume.space.abort();
        }
    }

    @Test
    void theWorstCaseGrowsWithEveryArgumentAndIsSmallForSmallTrees() {
        assertThat(TreeMerge.worstCaseNodes(3, 0, 0, 1 << 20)).isZero();
        assertThat(TreeMerge.worstCaseNodes(0, 1, 24, 0)).isEqualTo(1);
        assertThat(TreeMerge.worstCaseNodes(1, 20, 1000, 2000)).isLessThanOrEqualTo(3);
        var random = new Random(4);
        for (int i = 0; i < 1000; i++) {
            long items = random.nextInt(1000);
            long bytes = items * (24 + random.nextInt(100));
            long inTree = random.nextLong(1L << 30);
            long worst = TreeMerge.worstCaseNodes(3, items, bytes, inTree);
            assertThat(TreeMerge.worstCaseNodes(3, items + 1, bytes + 24, inTree))
                    .isGreaterThanOrEqualTo(worst);
        }
    }

    @Test
    void adversarialChangesStayWithinTheWorstCase() throws IOException {
        // Wide values between full leaves split them in three, then go again.
        fill(2000, 100);
        for (int round = 0; round < 10; round++) {
            var wide = new Overlay(volume.tree);
            for (int i = 0; i < 10; i++) {
                wide.put(key(10L * (200 * i + 7 * round) + 5), new byte[3584]);
            }
            volume.checkpoint(wide);
            volume.checkShape();
            var gone = new Overlay(volume.tree);
            wide.changes().keySet().forEach(gone::remove);
            volume.checkpoint(gone);
            volume.checkShape();
        }
    }
}
