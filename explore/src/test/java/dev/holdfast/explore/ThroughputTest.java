package dev.holdfast.explore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.DaxFile;
import dev.holdfast.MapMode;
import dev.holdfast.Mapping;
import dev.holdfast.explore.medium.Recording;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How many states a second are mounted, checked and judged: printed, not asserted. */
class ThroughputTest {
    private static final int PAGES = 10;
    private static final int ROUNDS = 5;

    @Test
    @Tag("stress")
    @DisplayName("States a second on a volume of 1 MiB")
    void statesPerSecond() throws IOException {
        Recording recording = Lab.record((volume, recorder) -> {
            try (DaxFile file = volume.createFile("/f"); Arena arena = Arena.ofConfined()) {
                file.truncate(PAGES * 4096L);
                Mapping mapping = file.map(MapMode.SYNC, 0, PAGES * 4096L);
                for (int page = 0; page < PAGES; page++) {
                    mapping.writable(page * 4096L, 4096, arena).fill((byte) (page + 1));
                    mapping.persist(page * 4096L, 4096);
                }
            }
        });
        byte[] content = new byte[PAGES * 4096];
        Judge judge = (volume, point) -> {
            if (volume.exists("/f")) {
                try (DaxFile file = volume.openFile("/f")) {
                    file.read(java.nio.ByteBuffer.wrap(content), 0);
                }
            }
        };
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        for (int round = 0; round < ROUNDS; round++) {
            long before = threads.getCurrentThreadCpuTime();
            Exploration found =
                    Explorer.explore(recording, judge, Bounds.defaults(), Progress.NONE);
            long cpuNanos = threads.getCurrentThreadCpuTime() - before;
            assertThat(found.violations()).isEmpty();
            System.out.printf("round %d: %d states, %.0f a second, %.0f a second of one core%n",
                    round, found.states(), found.statesPerSecond(),
                    found.states() * 1e9 / cpuNanos);
        }
    }
}
