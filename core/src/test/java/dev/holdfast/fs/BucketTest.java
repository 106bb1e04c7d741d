package dev.holdfast.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Names that share a hash share an item. */
class BucketTest {
    private static byte[] b(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    @Test
    void namesOfOneHashLiveSideBySide() throws IOException {
        Bucket bucket = Bucket.decode(null, "d");
        bucket.put(b(1), b(10, 11));
        bucket.put(b(1, 2), b());
        bucket.put(b(3), b(30));
        bucket.put(b(1), b(12));
        Bucket again = Bucket.decode(bucket.encode(), "d");
        assertThat(again.entries()).hasSize(3);
        assertThat(again.get(b(1))).containsExactly(12);
        assertThat(again.get(b(1, 2))).isEmpty();
        assertThat(again.get(b(2))).isNull();
        assertThat(again.remove(b(1, 2))).isTrue();
        assertThat(again.remove(b(1, 2))).isFalse();
        assertThat(again.remove(b(1))).isTrue();
        assertThat(again.remove(b(3))).isTrue();
        assertThat(again.isEmpty()).isTrue();
        assertThat(again.encode()).isEmpty();
    }

    @Test
    void anItemCutAnywhereIsDamageOrFewerWholeEntries() throws IOException {
        Bucket bucket = Bucket.decode(null, "d");
        bucket.put(b(1, 2, 3), b(4, 5));
        bucket.put(b(6), b(7));
        byte[] whole = bucket.encode();
        int first = 3 + 3 + 2;
        for (int length = 1; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            if (length == first) {
                assertThat(Bucket.decode(cut, "d").entries()).hasSize(1);
            } else {
                assertThatExceptionOfType(HoldfastException.class)
                        .isThrownBy(() -> Bucket.decode(cut, "directory 9"))
                        .withMessageContaining("directory 9")
                        .returns(ErrorCode.CORRUPT, HoldfastException::code);
            }
        }
    }

    @Test
    void anEmptyNameIsDamage() {
        assertThatExceptionOfType(HoldfastException.class)
                .isThrownBy(() -> Bucket.decode(b(0, 1, 0, 9), "d"))
                .returns(ErrorCode.CORRUPT, HoldfastException::code);
    }
}
