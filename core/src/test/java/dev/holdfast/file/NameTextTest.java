package dev.holdfast.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of any bytes, as strings and back. */
class NameTextTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "a", "größe", "€", "\ud83d\ude00", "\uffff", "\udbff\udcff"})
    @DisplayName("What is UTF-8 is its text")
    void plainText(String text) throws CharacterCodingException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        assertThat(NameText.decode(bytes)).isEqualTo(text);
        assertThat(NameText.encode(text)).isEqualTo(bytes);
        assertThat(NameText.hasEscape(text)).isFalse();
    }

    @Test
    @DisplayName("A byte that is not part of UTF-8 is a lone surrogate of its own")
    void strayBytes() {
        assertThat(NameText.decode(bytes(0xff))).isEqualTo("\udcff");
        assertThat(NameText.decode(bytes('a', 0xc3, 'b'))).isEqualTo("a\udcc3b");
        // A sequence that is cut short, one that is too long for its character, a surrogate's.
        assertThat(NameText.decode(bytes(0xe2, 0x82))).isEqualTo("\udce2\udc82");
        assertThat(NameText.decode(bytes(0xc0, 0xaf))).isEqualTo("\udcc0\udcaf");
        assertThat(NameText.decode(bytes(0xed, 0xb3, 0xbf))).isEqualTo("\udced\udcb3\udcbf");
    }

    @Test
    @DisplayName("Every array of bytes has its string and comes back from it")
    void thereAndBack() throws CharacterCodingException {
        long seed = Long.getLong("holdfast.seed", 1);
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(12)];
            random.nextBytes(bytes);
            if (random.nextBoolean() && bytes.length > 3) {
                System.arraycopy("€".getBytes(StandardCharsets.UTF_8), 0, bytes, 0, 3);
            }
            String text = NameText.decode(bytes);
            assertThat(NameText.encode(text)).as("seed %s, case %s", seed, i).isEqualTo(bytes);
        }
    }

    @Test
    @DisplayName("Escapes that together are UTF-8 give the bytes of that character")
    void escapedCharacter() throws CharacterCodingException {
        assertThat(NameText.encode("\udcc3\udca9")).isEqualTo(NameText.encode("é"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\ud800", "a\udc00", "\udc7f", "\udd00", "\udcff\ud800", "\ud800é"})
    @DisplayName("Lone surrogates that stand for no byte are refused")
    void otherSurrogates(String text) {
        assertThatExceptionOfType(CharacterCodingException.class)
                .isThrownBy(() -> NameText.encode(text));
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
