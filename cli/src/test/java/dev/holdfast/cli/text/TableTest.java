package dev.holdfast.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void alignsWordsLeftAndNumbersRight() {
        Table table = new Table().left("name").right("size").left("note");
        table.row("a", "1", "").row("long name", "12345", "x");

        assertThat(table.toText()).isEqualTo("""
                name        size  note
                a              1
                long name  12345  x
                """);
    }

    @Test
    void countsCodePointsNotChars() {
        Table table = new Table().left("n").right("size").row("\uD83D\uDE00", "1").row("b", "22");

        assertThat(table.toText()).isEqualTo("n  size\n\uD83D\uDE00     1\nb    22\n");
    }

    @Test
    void refusesARowOfTheWrongWidth() {
        assertThatThrownBy(() -> new Table().left("a").row("1", "2"))
                .hasMessageContaining("2 cells");
    }
}
