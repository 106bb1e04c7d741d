package dev.holdfast.dax;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PageMarksTest {
    @Test
    void marksBehaveAsABitSet() {
        long seed = 4711;
        Random random = new Random(seed);
        PageMarks marks = new PageMarks();
        PageMarks other = new PageMarks();
        BitSet model = new BitSet(512);
        BitSet otherModel = new BitSet(512);
        for (int step = 0; step < 5000; step++) {
            int from = random.nextInt(512);
            int to = from + random.nextInt(513 - from);
            switch (random.nextInt(5)) {
                case 0 -> {
                    marks.set(from, to);
                    model.set(from, to);
                }
                case 1 -> {
                    marks.clear(from, to);
                    model.clear(from, to);
                }
                case 2 -> {
                    marks.add(other, from, to);
                    for (int i = from; i < to; i++) {
                        model.set(i, model.get(i) || otherModel.get(i));
                    }
                }
                case 3 -> {
                    other.clear(0, 512);
                    otherModel.clear();
                    other.set(from, to);
                    otherModel.set(from, to);
                }
                default -> { }
            }
            int expected = model.nextSetBit(from);
            assertThat(marks.next(from, to)).as("seed %d step %d", seed, step)
                    .isEqualTo(expected >= to || expected < 0 ? -1 : expected);
            assertThat(marks.get(from)).isEqualTo(model.get(from));
        }
    }
}
