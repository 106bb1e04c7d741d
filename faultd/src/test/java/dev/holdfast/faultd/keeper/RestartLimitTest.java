package dev.holdfast.faultd.keeper;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RestartLimitTest {
    @Test
    @DisplayName("as many deaths as the limit says are allowed in its time, and one more is not")
    void withinTheTime() {
        RestartLimit limit = new RestartLimit(new Keeper.Limits(2, 100));
        assertThat(limit.allowsAfterDeathAt(1_000)).isTrue();
        assertThat(limit.allowsAfterDeathAt(1_050)).isTrue();
        assertThat(limit.allowsAfterDeathAt(1_100)).isFalse();
    }

    @Test
    @DisplayName("deaths longer ago than the time do not count")
    void longAgo() {
        RestartLimit limit = new RestartLimit(new Keeper.Limits(2, 100));
        for (long now = 0; now < 10_000; now += 51) {
            assertThat(limit.allowsAfterDeathAt(now)).as("at " + now).isTrue();
        }
        assertThat(limit.allowsAfterDeathAt(10_000)).isFalse();
    }

    @Test
    @DisplayName("a limit of none allows no restart")
    void none() {
        assertThat(new RestartLimit(new Keeper.Limits(0, 100)).allowsAfterDeathAt(5)).isFalse();
    }
}
