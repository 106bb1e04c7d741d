package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class WallClockTest {
    private static final long TOLERANCE_NANOS = 1_000_000_000;

    private static long systemNanos() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000 + now.getNano();
    }

    @Test
    void tellsTheTimeOfTheSystem() {
        WallClock clock = new WallClock();
        long before = systemNanos();
        assertThat(clock.getAsLong())
                .isBetween(before - TOLERANCE_NANOS, systemNanos() + TOLERANCE_NANOS);
    }

    @Test
    void goesOnBetweenLooksAtTheSystem() {
        WallClock clock = new WallClock();
        long first = clock.getAsLong();
        long later = first;
        while (later == first) {
            later = clock.getAsLong();
        }
        assertThat(later).isGreaterThan(first);
    }
}
