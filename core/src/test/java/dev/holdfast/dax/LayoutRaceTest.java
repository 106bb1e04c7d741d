package dev.holdfast.dax;

import static dev.holdfast.dax.Fixture.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.holdfast.mutant.Mutant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LayoutRaceTest {
    @Test
    @DisplayName("B12 mutant LOCKED_ENTRY_SKIPPED breaks layouts under a locked entry")
    void lockedEntrySkipped() throws Exception {
        try (Fixture f = Fixture.with(Mutant.LOCKED_ENTRY_SKIPPED)) {
            f.access(f.map(false), 3, true);
            f.space.lockEntry(3);
            assertThatCode(() -> Threads.join(Threads.start(() -> {
                f.layout.breakLayouts(0, 16L * PAGE);
                return true;
            }))).doesNotThrowAnyException();
            f.space.unlockEntry(3);
        }
    }

    @Test
    @DisplayName("Z5 B12 breaking layouts waits for a locked entry instead of skipping it")
    void waitsForLockedEntries() throws Exception {
        CountDownLatch waiting = new CountDownLatch(1);
        try (Fixture f = Fixture.traced(new FaultTracer() {
            @Override
            public void waitingForEntry(long page) {
                waiting.countDown();
            }
        })) {
            f.access(f.map(false), 3, true);
            f.space.lockEntry(3);
            FutureTask<Boolean> breaking = Threads.start(() -> {
                f.layout.breakLayouts(0, 16L * PAGE);
                return true;
            });
            Threads.await(waiting);
            assertThat(breaking.isDone()).isFalse();
            f.space.unlockEntry(3);
            assertThat(Threads.join(breaking)).isTrue();
        }
    }
}
