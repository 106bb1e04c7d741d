package dev.holdfast.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NameTest {
    private static final SipHash HASH = new SipHash(1, 2);

    @ParameterizedTest
    @CsvSource({"'',NOT_FOUND", ".,INVALID", "..,INVALID", "a/b,INVALID"})
    void whatIsNoNameIsRefused(String text, ErrorCode code) {
        assertThatExceptionOfType(HoldfastException.class)
                .isThrownBy(() -> Name.of(text, HASH, "directory 7"))
                .withMessageContaining("directory 7").returns(code, HoldfastException::code);
    }

    @Test
    void textAndBytesAreTwoViewsOfOneName() throws IOException {
        Name name = Name.of("é€😀", HASH, "d");
        assertThat(name.bytes()).isEqualTo("é€😀".getBytes(StandardCharsets.UTF_8));
        assertThat(name.hash()).isEqualTo(HASH.position(name.bytes()));
        assertThat(name).isEqualTo(Name.of("é€😀", HASH, "d")).hasToString("é€😀");
    }

    @Test
    void aNameOfTheSameBytesIsTheSameName() throws IOException {
        Name name = Name.of("\udcc3\udca9", HASH, "d");
        assertThat(name).isEqualTo(Name.of("é", HASH, "d")).hasToString("é");
        assertThat(Name.of("\udcff", HASH, "d").bytes()).containsExactly(0xff);
    }

    @Test
    void namesAreOrderedByPositionAndABoundStandsBetween() throws IOException {
        for (int i = 0; i < 1000; i++) {
            Name a = Name.of("a" + i, HASH, "d");
            Name b = Name.of("b" + i, HASH, "d");
            assertThat(a.compareTo(b)).isEqualTo(Long.compareUnsigned(a.hash(), b.hash()));
            assertThat(Name.after(a.hash()).compareTo(a)).isPositive();
            assertThat(Name.after(a.hash() - 1).compareTo(a)).isNegative();
        }
    }
}
