package dev.holdfast.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
    private final Report report = new Report()
            .text("device", "a.hf")
            .size("freeBytes", 1 << 20)
            .duration("p50Nanos", 1500)
            .flag("isClean", true)
            .text("holder", null)
            .group("log", new Report().count("records", 3))
            .rows("extents", List.of(
                    new Report().text("state", "mapped").size("lengthBytes", 4096),
                    new Report().text("state", "hole").size("lengthBytes", 2 << 20)));

    @Test
    void showsItselfToPeopleAligned() {
        assertThat(report.toText()).isEqualTo("""
                device    a.hf
                free      1 MiB
                p50       1.50 us
                is clean  yes
                holder    -
                log
                  records  3
                extents
                  state   length
                  mapped   4 KiB
                  hole     2 MiB
                """);
    }

    @Test
    void showsItselfToProgramsWithPlainNumbers() {
        assertThat(report.toJson()).isEqualTo("""
                {
                  "device": "a.hf",
                  "freeBytes": 1048576,
                  "p50Nanos": 1500,
                  "isClean": true,
                  "holder": null,
                  "log": {
                    "records": 3
                  },
                  "extents": [
                    {
                      "state": "mapped",
                      "lengthBytes": 4096
                    },
                    {
                      "state": "hole",
                      "lengthBytes": 2097152
                    }
                  ]
                }""");
    }

    @Test
    void escapesWhatJsonCannotHold() {
        String hostile = "a\"b\\c\n\t\r\u0000\u001f\u007f\uD800x\uD83D\uDE00é";

        assertThat(new Report().text("name", hostile).toJson()).contains(
                "\"a\\\"b\\\\c\\n\\t\\r\\u0000\\u001f\\u007f\\ud800x\uD83D\uDE00é\"");
    }

    @Test
    void keepsAHostileNameOnItsLineInTheText() {
        assertThat(new Report().text("name", "a\nb\u001b[31m").toText())
                .isEqualTo("name  a\\nb\\x1b[31m\n");
    }

    @Test
    void showsTheBytesOfANameThatAreNotUtf8() {
        assertThat(Quoting.oneLine("a\udce9b\udcff é \ud83d\ude00"))
                .isEqualTo("a\\xe9b\\xff é \ud83d\ude00");
    }

    @Test
    void hasNoNumberInJsonForANumberThatIsNone() {
        assertThat(new Report().decimal("ratio", Double.NaN).toJson()).contains("\"ratio\": null");
    }

    @Test
    void showsEmptyRowsInBothForms() {
        Report empty = new Report().rows("orphans", List.of());

        assertThat(empty.toText()).isEqualTo("orphans: none\n");
        assertThat(empty.toJson()).contains("\"orphans\": []");
    }

    @Test
    void refusesAKeyTwice() {
        assertThatThrownBy(() -> report.text("device", "b.hf")).hasMessageContaining("device");
    }
}
