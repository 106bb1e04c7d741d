package dev.holdfast.tree;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class KeyTest {
    @Test
    void keysAreOrderedByUnsignedInodeTypeAndOffset() {
        var ascending = List.of(Key.MIN, new Key(0, 0, 1), new Key(0, 0, Long.MIN_VALUE),
                new Key(0, 0, -1), new Key(0, 1, 0), new Key(0, -1, 0), new Key(1, 0, 0),
                new Key(Long.MIN_VALUE, 0, 0), new Key(-1, 0, 0), Key.MAX);
        for (int i = 0; i < ascending.size(); i++) {
            for (int j = 0; j < ascending.size(); j++) {
                assertThat(Integer.signum(ascending.get(i).compareTo(ascending.get(j))))
                        .isEqualTo(Integer.compare(i, j));
            }
        }
    }

    @Test
    void thePreviousKeyIsTheNextLower() {
        assertThat(new Key(5, 3, 7).previous()).isEqualTo(new Key(5, 3, 6));
        assertThat(new Key(5, 3, 0).previous()).isEqualTo(new Key(5, 2, -1));
        assertThat(new Key(5, 0, 0).previous()).isEqualTo(new Key(4, -1, -1));
        assertThat(Key.MAX.previous()).isEqualTo(new Key(-1, -1, -2));
    }

    @Test
    void aKeyPrintsItsFieldsUnsigned() {
        assertThat(new Key(-1, 5, 9)).hasToString("(18446744073709551615,5,9)");
    }
}
