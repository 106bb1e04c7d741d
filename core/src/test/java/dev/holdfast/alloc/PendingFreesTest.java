package dev.holdfast.alloc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PendingFreesTest {
    private final PendingFrees pending = new PendingFrees();

    @Test
    void waitsForNothingWhenEmpty() {
        assertThat(pending.isEmpty()).isTrue();
        assertThat(pending.lowestLsn()).isEqualTo(Long.MAX_VALUE);
        assertThat(pending.blocks()).isZero();
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2})
    void givesRunsBackLowestLsnFirst(long seed) {
        var random = new Random(seed);
        var model = new PriorityQueue<Long>();
        for (int step = 0; step < 2000; step++) {
            if (model.isEmpty() || random.nextInt(5) < 3) {
                long lsn = random.nextInt(1000);
                pending.push(lsn, lsn * 10, 1 + lsn);
                model.add(lsn);
            } else {
                long lsn = model.remove();
                assertThat(pending.lowestLsn()).isEqualTo(lsn);
                assertThat(pending.lowestBlock()).isEqualTo(lsn * 10);
                assertThat(pending.lowestCount()).isEqualTo(1 + lsn);
                pending.pop();
            }
            assertThat(pending.blocks())
                    .isEqualTo(model.stream().mapToLong(lsn -> 1 + lsn).sum());
        }
        long[] seen = {0};
        pending.forEach((block, count) -> seen[0] += count);
        assertThat(seen[0]).isEqualTo(pending.blocks());
    }
}
