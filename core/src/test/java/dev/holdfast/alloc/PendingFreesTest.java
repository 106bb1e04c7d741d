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
        assertThat(pending.lowestLsn()).isEqualTo(Long.MAX_VALUE);
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
        }
        model.stream().sorted().forEach(lsn -> {
            assertThat(pending.lowestLsn()).isEqualTo(lsn);
            pending.pop();
        });
        assertThat(pending.lowestLsn()).isEqualTo(Long.MAX_VALUE);
    }
}
