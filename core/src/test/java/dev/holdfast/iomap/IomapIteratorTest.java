package dev.holdfast.iomap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.HoldfastException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class IomapIteratorTest {
    private final List<String> ended = new ArrayList<>();
    private long runBytes = 8192;

    private final IomapOps ops = new IomapOps() {
        @Override
        public void begin(long offset, long length, int flags, Iomap iomap) {
            long start = offset & -8192;
            iomap.set(Iomap.Type.MAPPED, start, runBytes, 1 << 20 | start, 0);
        }

        @Override
        public void end(long offset, long length, long written, int flags, Iomap iomap) {
            ended.add(offset + "+" + length + ": " + written);
        }
    };

    @Test
    void walksTheRangeRunByRun() throws Exception {
        try (IomapIterator steps = new IomapIterator(ops, 5000, 10000, 0)) {
            assertThat(steps.next()).isTrue();
            assertThat(steps.stepBytes()).isEqualTo(3192);
            assertThat(steps.deviceOffset()).isEqualTo((1 << 20) + 5000);
            steps.advance(3192);
            assertThat(steps.next()).isTrue();
            assertThat(steps.position()).isEqualTo(8192);
            assertThat(steps.stepBytes()).isEqualTo(6808);
            steps.advance(6808);
            assertThat(steps.next()).isFalse();
        }
        assertThat(ended).containsExactly("5000+3192: 3192", "8192+6808: 6808");
    }

    @Test
    void stopsWhenABodyHandlesNothing() throws Exception {
        try (IomapIterator steps = new IomapIterator(ops, 0, 10000, 0)) {
            assertThat(steps.next()).isTrue();
            assertThat(steps.next()).isFalse();
        }
        assertThat(ended).containsExactly("0+8192: 0");
    }

    @Test
    void endsTheStepOfABodyThatThrew() {
        assertThatThrownBy(() -> {
            try (IomapIterator steps = new IomapIterator(ops, 0, 10000, 0)) {
                steps.next();
                steps.advance(100);
                throw new IllegalStateException("body");
            }
        }).hasMessage("body");
        assertThat(ended).containsExactly("0+8192: 100");
    }

    @Test
    void refusesAnEmptyAnswerAndAWrongStep() throws Exception {
        runBytes = 0;
        assertThatThrownBy(() -> {
            try (IomapIterator steps = new IomapIterator(ops, 0, 1, 0)) {
                steps.next();
            }
        }).isInstanceOf(HoldfastException.class);
        runBytes = 8192;
        try (IomapIterator steps = new IomapIterator(ops, 0, 10, 0)) {
            assertThatThrownBy(() -> steps.advance(1)).isInstanceOf(IllegalStateException.class);
            steps.next();
            assertThatThrownBy(() -> steps.advance(11)).isInstanceOf(IllegalStateException.class);
        }
        assertThatThrownBy(() -> new IomapIterator(ops, -1, 1, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
