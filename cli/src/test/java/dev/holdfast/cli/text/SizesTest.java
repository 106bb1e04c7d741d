package dev.holdfast.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SizesTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0", "4096, 4096", "512B, 512", "4k, 4096", "4K, 4096", "4KiB, 4096", "32MiB, 33554432",
        "1m, 1048576", "2G, 2147483648", "64TiB, 70368744177664",
        "9223372036854775807, 9223372036854775807"
    })
    void readsSizes(String text, long bytes) {
        assertThat(Sizes.parse(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "k", "-1", "+4", "four", " 4k"})
    void refusesWhatIsNoSize(String text) {
        assertThatThrownBy(() -> Sizes.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "' is not a size; expected digits and a unit");
    }

    @ParameterizedTest
    @ValueSource(strings = {"4kB", "4MB", "1.5G", "4 k", "4x", "4kib5", "4Bk"})
    void refusesUnitsItWouldHaveToGuessAt(String text) {
        assertThatThrownBy(() -> Sizes.parse(text))
                .hasMessageContaining("expected none, B, k, M, G, T");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9223372036854775808", "8E", "16EiB",
            "99999999999999999999999999999999999999k"})
    void refusesAbsurdSizes(String text) {
        assertThatThrownBy(() -> Sizes.parse(text)).hasMessageContaining("is too large");
    }

    @Test
    void refusesAbsurdlyLongNumbersWithoutRepeatingThem() {
        assertThatThrownBy(() -> Sizes.parse("9".repeat(100_000)))
                .hasMessageContaining("is too large").message().hasSizeLessThan(200);
    }

    @Test
    void namesTheRangeThatASizeIsOutOf() {
        assertThat(Sizes.parse("64T", 1 << 20, Sizes.VOLUME_MAX_BYTES)).isEqualTo(64L << 40);
        assertThatThrownBy(() -> Sizes.parse("65T", 1 << 20, Sizes.VOLUME_MAX_BYTES))
                .hasMessage("65T is out of range; expected 1m to 64t");
    }

    @Test
    void exactTextReadsBackAsTheSameSize() {
        long seed = 7;
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            long bits = random.nextLong() >>> 1 >>> random.nextInt(63);
            long bytes = bits << random.nextInt(40) & Long.MAX_VALUE;
            assertThat(Sizes.parse(Sizes.exact(bytes))).as("seed %d, round %d", seed, i)
                    .isEqualTo(bytes);
        }
        assertThat(Sizes.exact(4096)).isEqualTo("4k");
        assertThat(Sizes.exact(4097)).isEqualTo("4097");
    }

    @ParameterizedTest
    @CsvSource({"0, 0 B", "1023, 1023 B", "4096, 4 KiB", "1610612736, 1.5 GiB", "10485760, 10 MiB",
        "107374182400, 100 GiB", "9223372036854775807, 8 EiB"})
    void showsSizesToPeople(long bytes, String text) {
        assertThat(Sizes.human(bytes)).isEqualTo(text);
    }
}
