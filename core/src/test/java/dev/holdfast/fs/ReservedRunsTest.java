package dev.holdfast.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Reserved runs and a plain array of blocks do the same. */
class ReservedRunsTest {
    private static final int BLOCKS = 48;

    private final ReservedRuns runs = new ReservedRuns();
    /** Device block of each file block, 0 for none. */
    private final long[] model = new long[BLOCKS];
    private final boolean[] zeroed = new boolean[BLOCKS];

    @Test
    void runsAndAnArrayDoTheSame() {
        for (long seed = 0; seed < 50; seed++) {
            new ReservedRunsTest().run(seed);
        }
    }

    private void run(long seed) {
        Random random = new Random(seed);
        for (int step = 0; step < 200; step++) {
            int from = random.nextInt(BLOCKS);
            int end = from;
            switch (random.nextInt(3)) {
                case 0 -> {
                    int limit = from + 1 + random.nextInt(8);
                    while (end < Math.min(BLOCKS, limit) && model[end] == 0) {
                        end++;
                    }
                    add(from, end, from > 0 && model[from - 1] != 0 && random.nextBoolean()
                            ? model[from - 1] + 1
                            : 1000 + random.nextInt(1000), random.nextBoolean());
                }
                case 1 -> {
                    end = endOfRun(from, from + 1 + random.nextInt(8));
                    if (end > from) {
                        runs.remove(from, end - from);
                        java.util.Arrays.fill(model, from, end, 0);
                    }
                }
                default -> {
                    end = endOfRun(from, from + 1 + random.nextInt(8));
                    if (end > from) {
                        runs.setZeroed(from, end - from);
                        java.util.Arrays.fill(zeroed, from, end, true);
                    }
                }
            }
            compare("seed " + seed + " step " + step);
        }
    }

    private void add(int from, int end, long device, boolean zero) {
        if (end > from) {
            runs.add(from, device, end - from, zero);
            for (int i = from; i < end; i++) {
                model[i] = device + i - from;
                zeroed[i] = zero;
            }
        }
    }

    private int endOfRun(int from, int limit) {
        int end = from;
        while (end < Math.min(BLOCKS, limit) && model[end] != 0 && zeroed[end] == zeroed[from]
                && model[end] == model[from] + end - from) {
            end++;
        }
        return end;
    }

    private void compare(String when) {
        long count = 0;
        for (int i = 0; i < BLOCKS; i++) {
            assertThat(runs.deviceBlockOf(i)).as(when).isEqualTo(model[i] == 0 ? -1 : model[i]);
            if (model[i] != 0) {
                count++;
                assertThat(runs.zeroed(runs.firstEndingAfter(i))).as(when).isEqualTo(zeroed[i]);
                assertThat(runs.next(i)).as(when).isEqualTo(i);
            }
        }
        assertThat(runs.countWithin(0, BLOCKS)).as(when).isEqualTo(count);
        for (int i = 1; i < runs.size(); i++) {
            boolean joined = runs.fileEnd(i - 1) == runs.fileBlock(i)
                    && runs.deviceBlock(i - 1) + runs.count(i - 1) == runs.deviceBlock(i)
                    && runs.zeroed(i - 1) == runs.zeroed(i);
            assertThat(joined).as(when + ": neighbours are joined").isFalse();
        }
    }

    @Test
    void whatIsThereIsNotAddedAgainAndWhatIsNotIsNotRemoved() {
        runs.add(4, 100, 4, true);
        assertThatIllegalStateException().isThrownBy(() -> runs.add(7, 200, 1, true));
        assertThatIllegalStateException().isThrownBy(() -> runs.remove(7, 2));
    }
}
