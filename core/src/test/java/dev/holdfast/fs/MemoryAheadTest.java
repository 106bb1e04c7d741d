package dev.holdfast.fs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.fs.MemoryAhead.Range;
import org.junit.jupiter.api.Test;

class MemoryAheadTest {
    private static final long WINDOW = MemoryAhead.WINDOW_PAGES;

    private final MemoryAhead memory = new MemoryAhead(100);

    @Test
    void theStartOfAMappingIsWantedOnce() {
        assertThat(memory.take()).isEqualTo(new Range(100, 100 + WINDOW));
        assertThat(memory.take()).isEqualTo(new Range(100 + WINDOW, 100 + WINDOW));
    }

    @Test
    void accessesInOrderWantTheNextHalfOfAWindowWhenOneIsUsedUp() {
        memory.take();
        assertThat(memory.reached(100, 100 + WINDOW / 2 - 1)).isFalse();
        assertThat(memory.reached(100, 100 + WINDOW / 2)).isTrue();
        assertThat(memory.take())
                .isEqualTo(new Range(100 + WINDOW, 100 + WINDOW / 2 + WINDOW));
    }

    @Test
    void whatNobodyTookIsStillWanted() {
        assertThat(memory.reached(100, 100 + WINDOW / 2)).isTrue();
        assertThat(memory.take()).isEqualTo(new Range(100, 100 + WINDOW / 2 + WINDOW));
    }

    @Test
    void accessesInOrderElsewhereWantTheWindowAfterThem() {
        memory.take();
        assertThat(memory.reached(1 << 20, (1 << 20) + 64)).isTrue();
        assertThat(memory.take())
                .isEqualTo(new Range((1 << 20) + 64, (1 << 20) + 64 + WINDOW));
        assertThat(memory.reached(5000, 5064)).isTrue();
        assertThat(memory.take()).isEqualTo(new Range(5064, 5064 + WINDOW));
    }

    @Test
    void accessesInNoOrderWantNothing() {
        memory.take();
        assertThat(memory.reached(1 << 20, (1 << 20) + 1)).isFalse();
        assertThat(memory.reached(1 << 21, (1 << 21) + 16)).isFalse();
        assertThat(memory.take()).isEqualTo(new Range(100 + WINDOW, 100 + WINDOW));
    }
}
