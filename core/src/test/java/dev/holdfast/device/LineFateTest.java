package dev.holdfast.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LineFateTest {
    private static final int LINES = 4096;

    @Test
    void oneSeedIsOneFate() {
        LineFate first = LineFate.seeded(7);
        LineFate second = LineFate.seeded(7);
        assertThat(LongStream.range(0, LINES).map(first::keptWords).toArray())
                .isEqualTo(LongStream.range(0, LINES).map(second::keptWords).toArray());
    }

    @Test
    void differentSeedsDiffer() {
        Set<Integer> fates = new HashSet<>();
        for (long seed = 0; seed < 100; seed++) {
            fates.add(keptWhole(LineFate.seeded(seed)));
        }
        assertThat(fates).hasSizeGreaterThan(50);
    }

    @Test
    void seedsDrawNearlyAllNearlyNoneAndMixturesAndAllTear() {
        int few = 0;
        int most = 0;
        for (long seed = 0; seed < 200; seed++) {
            LineFate fate = LineFate.seeded(seed);
            int whole = keptWhole(fate);
            few += whole < LINES / 20 ? 1 : 0;
            most += whole > LINES * 9 / 10 ? 1 : 0;
            assertThat(torn(fate)).as("torn lines of seed %d", seed).isPositive();
        }
        assertThat(few).as("seeds that keep little").isBetween(2, 50);
        assertThat(most).as("seeds that keep nearly all").isBetween(2, 50);
    }

    @Test
    void onlyKeepsTheNamedLinesWhole() {
        LineFate fate = LineFate.only(9, 4);

        assertThat(fate.keptWords(4)).isEqualTo(LineFate.WHOLE);
        assertThat(fate.keptWords(9)).isEqualTo(LineFate.WHOLE);
        assertThat(fate.keptWords(5)).isZero();
    }

    @Test
    void wholeTearsNothingWithinAUnit() {
        LineFate fate = LineFate.whole(512, LineFate.seeded(3));
        for (long line = 0; line < LINES; line++) {
            assertThat(fate.keptWords(line)).isEqualTo(fate.keptWords(line & -8)).isIn(0, 255);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> LineFate.whole(500, LineFate.ALL));
        assertThatIllegalArgumentException().isThrownBy(() -> LineFate.whole(32, LineFate.ALL));
    }

    private static int keptWhole(LineFate fate) {
        int whole = 0;
        for (long line = 0; line < LINES; line++) {
            whole += fate.keptWords(line) == LineFate.WHOLE ? 1 : 0;
        }
        return whole;
    }

    private static int torn(LineFate fate) {
        int torn = 0;
        for (long line = 0; line < LINES; line++) {
            int words = fate.keptWords(line);
            if (words < 0 || words > LineFate.WHOLE) {
                throw new AssertionError("line " + line + " keeps words " + words);
            }
            torn += words != 0 && words != LineFate.WHOLE ? 1 : 0;
        }
        return torn;
    }
}
