package dev.holdfast.alloc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.alloc.RunSet.Metric;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunSetTest {
    private static final int BLOCKS = 6000;

    private final RunSet set = new RunSet();

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void equalsABitSetUnderRandomChanges(long seed) {
        var random = new Random(seed);
        var model = new BitSet();
        for (int step = 0; step < 3000; step++) {
            int from = random.nextInt(BLOCKS);
            int length = 1 + random.nextInt(random.nextInt(8) == 0 ? 1600 : 40);
            int to = Math.min(BLOCKS, from + length);
            boolean occupied = !model.get(from, to).isEmpty();
            assertThat(set.intersects(from, to - from)).isEqualTo(occupied);
            if (random.nextBoolean() && !occupied) {
                set.add(from, to - from);
                model.set(from, to);
            } else {
                assertThat(set.cut(from, to - from)).isEqualTo(model.get(from, to).cardinality());
                model.clear(from, to);
            }
            if (step % 10 == 0) {
                requireEqual(model, random.nextInt(BLOCKS), 1 + random.nextInt(700));
            }
        }
    }

    private void requireEqual(BitSet model, int from, int atLeast) {
        var copy = new BitSet();
        long[] largest = new long[Metric.values().length];
        long[] first = {-1, -1, -1};
        long[] huge = {0};
        set.forEach((block, count) -> {
            copy.set((int) block, (int) (block + count));
            long[] measures = measure(block, block + count);
            huge[0] += measures[Metric.HUGE.ordinal()];
            for (Metric metric : Metric.values()) {
                int i = metric.ordinal();
                largest[i] = Math.max(largest[i], measures[i]);
                if (first[i] < 0 && block >= from && measures[i] >= wanted(metric, atLeast)) {
                    first[i] = block;
                }
            }
        });
        assertThat(copy).isEqualTo(model);
        assertThat(set.blocks()).isEqualTo(model.cardinality());
        assertThat(set.hugeRanges()).isEqualTo(huge[0]);
        assertThat(set.lengthAt(from))
                .isEqualTo(model.get(from) ? model.nextClearBit(from) - from : 0);
        for (Metric metric : Metric.values()) {
            assertThat(set.largest(metric)).isEqualTo(largest[metric.ordinal()]);
            int found = set.first(metric, from, wanted(metric, atLeast));
            assertThat(found == RunSet.NONE ? -1 : set.start(found))
                    .isEqualTo(first[metric.ordinal()]);
        }
    }

    private static long wanted(Metric metric, int atLeast) {
        return metric == Metric.HUGE ? 1 + atLeast / 512 : atLeast;
    }

    /** Counts block by block what a metric measures. */
    private static long[] measure(long from, long to) {
        long huge = 0;
        for (long block = from; block < to; block++) {
            huge += block % 512 == 0 && block + 512 <= to ? 1 : 0;
        }
        long head = 0;
        while (from + head < to && (from + head) % 512 != 0) {
            head++;
        }
        return new long[] {to - from, huge, huge == 0 ? to - from : Math.max(head, to % 512)};
    }

    @Test
    void mergesWithBothNeighbours() {
        set.add(10, 10);
        set.add(30, 10);
        set.add(20, 10);

        assertThat(set.runs()).isEqualTo(1);
        assertThat(set.lengthAt(10)).isEqualTo(30);
    }

    @Test
    void refusesToHoldABlockTwice() {
        set.add(10, 10);

        assertThatThrownBy(() -> set.add(19, 5)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("19+5");
        assertThatThrownBy(() -> set.add(5, 30)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> set.remove(15, 10)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void holdsAMillionFragments() {
        int fragments = 1_000_000;
        for (int i = 0; i < fragments; i++) {
            set.add(i * 4L, 2);
        }
        set.add(fragments * 4L, 3);

        assertThat(set.runs()).isEqualTo(fragments + 1);
        assertThat(set.start(set.first(Metric.COUNT, 0, 3))).isEqualTo(fragments * 4L);
        assertThat(set.cut(0, fragments * 2L)).isEqualTo(fragments);
        assertThat(set.runs()).isEqualTo(fragments / 2 + 1);
    }
}
