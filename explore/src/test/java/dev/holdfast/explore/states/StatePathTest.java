package dev.holdfast.explore.states;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.explore.states.StatePath.Crash;
import dev.holdfast.explore.states.StatePath.Phase;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The one line that leads to a state. */
class StatePathTest {
    @Test
    @DisplayName("A line is read back as it was written")
    void roundTrip() {
        StatePath path = new StatePath("9ab3c2d1", List.of(
                new Crash(Phase.RUN, 412, 64, true, Map.of(83264, 57)),
                new Crash(Phase.RECOVERY, 3, 8, false, Map.of(8192, -1))));
        String line = path.toString();
        assertThat(line)
                .isEqualTo("hf1/9ab3c2d1/run,412,64,newest,83264:57/recovery,3,8,durable,8192:-")
                .doesNotContain(" ");
        assertThat(StatePath.parse(line)).isEqualTo(path);
        StatePath used = new StatePath("0", List.of(
                new Crash(Phase.RUN, 1, 4096, false, Map.of()))).then(StatePath.USE);
        assertThat(StatePath.parse(used.toString())).isEqualTo(used);
    }

    @Test
    @DisplayName("What is no such line is refused")
    void refused() {
        for (String line : List.of("", "hf1", "hf2/0/run,1,64,newest", "hf1/0/ran,1,64,newest",
                "hf1/0/run,x,64,newest", "hf1/0/run,1", "hf1/0/run,1,64,newest,7")) {
            assertThatThrownBy(() -> StatePath.parse(line))
                    .as(line).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
