package dev.holdfast.device;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The crash model: what a power cut keeps. */
class TracedDeviceTest {
    private static final long SIZE = 1 << 20;

    private TracedDevice device;

    @BeforeEach
    void create() throws IOException {
        device = TracedDevice.create(SIZE);
    }

    @AfterEach
    void close() {
        device.close();
    }

    @Test
    void whatIsNotPersistedIsListedByLine() throws IOException {
        assertThat(device.unpersistedLines()).isEmpty();

        device.putLong(100, 1);
        device.putLong(4092, -1);
        device.putByte(SIZE - 1, (byte) 1);

        assertThat(device.unpersistedLines()).containsExactly(1, 63, 64, SIZE / 64 - 1);
    }

    @Test
    void persistingTakesWholeLinesOffTheList() throws IOException {
        device.putLong(64, 1);
        device.putLong(120, 2);
        device.putLong(128, 3);

        device.persist(64, 1);

        assertThat(device.unpersistedLines()).containsExactly(2);
    }

    @Test
    void aLineStoredBackToItsPersistedValueIsNotListed() throws IOException {
        device.putLong(64, 1);
        device.putLong(64, 0);

        assertThat(device.unpersistedLines()).isEmpty();
    }

    @Test
    void aCrashThatKeepsNothingLeavesWhatWasPersisted() throws IOException {
        device.putLong(0, 1);
        device.persist(0, 8);
        device.putLong(0, 2);
        device.putLong(640, 3);

        device.crash(LineFate.NONE);

        assertThat(device.getLong(0)).isEqualTo(1);
        assertThat(device.getLong(640)).isZero();
        assertThat(device.unpersistedLines()).isEmpty();
    }

    @Test
    void aCrashThatKeepsEverythingLeavesWhatWasStored() throws IOException {
        device.putLong(0, 2);
        device.putLong(640, 3);

        device.crash(LineFate.ALL);

        assertThat(device.getLong(0)).isEqualTo(2);
        assertThat(device.getLong(640)).isEqualTo(3);
        device.crash(LineFate.NONE);
        assertThat(device.getLong(640)).as("the result is on the medium").isEqualTo(3);
    }

    @Test
    void anySubsetOfLinesCanBeKept() throws IOException {
        for (long line = 0; line < 5; line++) {
            device.putLong(line * 64, line + 1);
        }

        device.crash(LineFate.only(3, 1));

        for (long line = 0; line < 5; line++) {
            assertThat(device.getLong(line * 64)).isEqualTo(line == 1 || line == 3 ? line + 1 : 0);
        }
    }

    @Test
    void aLineCanTearAtWordsOfEightBytes() throws IOException {
        for (int word = 0; word < 8; word++) {
            device.putLong(word * 8L, 10 + word);
        }

        device.crash(line -> 0b1000_0101);

        assertThat(device.memory().asSlice(0, 64).toArray(JAVA_LONG))
                .containsExactly(10, 0, 12, 0, 0, 0, 0, 17);
    }

    @Test
    void onlyUnpersistedLinesAreAskedAbout() throws IOException {
        device.putLong(0, 1);
        device.persist(0, 8);
        device.putLong(128, 1);

        device.crash(line -> {
            assertThat(line).isEqualTo(2);
            return LineFate.WHOLE;
        });
        assertThat(device.getLong(128)).isEqualTo(1);
    }

    @Test
    void storesThroughMemoryAreSubjectToTheCrashToo() throws IOException {
        device.memory().set(JAVA_LONG, 256, 5);

        assertThat(device.unpersistedLines()).containsExactly(4);
        device.crash(LineFate.NONE);

        assertThat(device.memory().get(JAVA_LONG, 256)).isZero();
    }

    @Test
    void aCrashImageLeavesTheOriginalUntouched() throws IOException {
        device.putLong(0, 1);
        device.persist(0, 8);
        device.putLong(0, 2);
        device.putLong(64, 3);

        try (TracedDevice image = device.crashImage(LineFate.only(1))) {
            assertThat(image.getLong(0)).isEqualTo(1);
            assertThat(image.getLong(64)).isEqualTo(3);
            assertThat(image.unpersistedLines()).isEmpty();
            image.putLong(64, 4);
        }
        assertThat(device.getLong(0)).isEqualTo(2);
        assertThat(device.getLong(64)).isEqualTo(3);
        assertThat(device.unpersistedLines()).containsExactly(0, 1);
    }

    @Test
    void aCopyHasTheSameLiveMemoryAndTheSameMedium() throws IOException {
        device.putLong(0, 1);
        device.persist(0, 8);
        device.putLong(64, 2);

        try (TracedDevice copy = device.copy()) {
            assertThat(copy.memory().mismatch(device.memory())).isEqualTo(-1);
            assertThat(copy.unpersistedLines()).containsExactly(1);
            copy.crash(LineFate.NONE);
            assertThat(copy.getLong(0)).isEqualTo(1);
            assertThat(copy.getLong(64)).isZero();
        }
        assertThat(device.getLong(64)).isEqualTo(2);
    }

    @Test
    void onPageMediaAPersistTakesTheWholePage() throws IOException {
        try (TracedDevice pages = TracedDevice.create(SIZE, TracedDevice.Unit.PAGE)) {
            pages.putLong(4096, 1);
            pages.putLong(8184, 2);
            pages.putLong(8192, 3);

            pages.persist(5000, 1);

            assertThat(pages.unpersistedLines()).containsExactly(128);
            assertThat(pages.counters().lines()).isEqualTo(64);
            assertThat(pages.medium().granularity()).isEqualTo(Medium.Granularity.PAGE);
        }
    }

    @Test
    void onSectorMediaAPersistTakesTheWholeSector() throws IOException {
        try (TracedDevice sectors = TracedDevice.create(SIZE, TracedDevice.Unit.SECTOR)) {
            sectors.putLong(0, 1);
            sectors.putLong(504, 2);
            sectors.putLong(512, 3);

            sectors.persist(8, 1);

            assertThat(sectors.unpersistedLines()).containsExactly(8);
            assertThat(sectors.counters().lines()).isEqualTo(8);
            try (TracedDevice image = sectors.crashImage(LineFate.ALL)) {
                assertThat(image.unit()).isEqualTo(TracedDevice.Unit.SECTOR);
            }
        }
    }

    @Test
    void everyWordOfARandomHistoryIsPersistedOrStoredAndPersistedWordsAreNeverLost()
            throws IOException {
        for (long seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            long[] persisted = new long[64];
            long[] stored = new long[64];
            try (TracedDevice traced = TracedDevice.create(4096)) {
                for (int step = 0; step < 200; step++) {
                    int word = random.nextInt(64);
                    traced.putLong(word * 8L, step + 1);
                    stored[word] = step + 1;
                    if (random.nextInt(4) == 0) {
                        int line = random.nextInt(8);
                        traced.persist(line * 64L, 64);
                        System.arraycopy(stored, line * 8, persisted, line * 8, 8);
                    }
                }
                traced.crash(LineFate.seeded(seed));
                for (int word = 0; word < 64; word++) {
                    assertThat(traced.getLong(word * 8L)).as("seed %d, word %d", seed, word)
                            .isIn(persisted[word], stored[word]);
                }
            }
        }
    }

    @Test
    void aHugeSparseDeviceIsCrashedInTheTimeOfItsTouchedPages() throws IOException {
        long hugeBytes = 16L << 40;
        try (TracedDevice huge = TracedDevice.create(hugeBytes)) {
            huge.putLong(hugeBytes - 8, 1);
            huge.putLong(hugeBytes / 2, 2);
            huge.persist(hugeBytes / 2, 8);

            assertThat(huge.unpersistedLines()).containsExactly(hugeBytes / 64 - 1);
            try (TracedDevice image = huge.crashImage(LineFate.NONE)) {
                assertThat(image.getLong(hugeBytes / 2)).isEqualTo(2);
                assertThat(image.getLong(hugeBytes - 8)).isZero();
            }
        }
    }

    @Test
    void aClosedDeviceCannotCrash() throws IOException {
        device.close();

        assertThatIllegalStateException().isThrownBy(() -> device.crash(LineFate.ALL));
        assertThatIllegalStateException().isThrownBy(() -> device.crashImage(LineFate.ALL));
        assertThatIllegalStateException().isThrownBy(() -> device.copy());
        assertThatIllegalStateException().isThrownBy(() -> device.unpersistedLines());
    }

    @Test
    void aFateCannotCloseTheDeviceItDecidesOver() {
        device.putLong(0, 1);

        assertThatIllegalStateException().isThrownBy(() -> device.crash(line -> {
            device.close();
            return 0;
        }));
        assertThat(device.getLong(0)).as("still open").isEqualTo(1);
    }

    @Test
    void theMediumSaysThatItIsAModel() {
        assertThat(device.medium().writeBack()).isEqualTo(Medium.WriteBack.SIMULATED);
        assertThat(device.medium().survives()).isEqualTo(Medium.Survives.SIMULATED_POWER_CUT);
    }
}
