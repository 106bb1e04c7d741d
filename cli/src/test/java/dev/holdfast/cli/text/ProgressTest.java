package dev.holdfast.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private final StringWriter written = new StringWriter();

    private void run(Terminal terminal) {
        try (Progress progress = new Progress(new PrintWriter(written), terminal, "zeroing",
                1000)) {
            for (int step = 0; step <= 1000; step++) {
                progress.done(step);
            }
        }
    }

    @Test
    void printsNothingOffATerminal() {
        run(Terminal.NONE);
        run(new Terminal(true, false, false, false));

        assertThat(written.toString()).isEmpty();
    }

    @Test
    void printsNothingWhereTheCursorCannotMove() {
        run(new Terminal(true, true, true, false));

        assertThat(written.toString()).isEmpty();
    }

    @Test
    void drawsOncePerPercentAndWipesItselfInTheEnd() {
        run(new Terminal(true, true, false, true));

        assertThat(written.toString().split("zeroing", -1)).hasSize(102);
        assertThat(written.toString()).contains("100%").endsWith("\r\033[K");
    }

    @Test
    void honoursNoColour() {
        run(new Terminal(true, true, false, true));
        assertThat(written.toString()).doesNotContain("\033[32m");

        run(new Terminal(true, true, false, false));
        assertThat(written.toString()).contains("\033[32m");
    }

    @Test
    void readsTheTerminalFromLauncherAndEnvironment() {
        Map<String, String> properties = Map.of("holdfast.terminal.err", "true");

        Terminal coloured = Terminal.of(properties::get, Map.of("TERM", "xterm"));
        Terminal plain = Terminal.of(properties::get, Map.of("TERM", "xterm", "NO_COLOR", "1"));

        assertThat(coloured.isColoured()).isTrue();
        assertThat(coloured.isOutColoured()).isFalse();
        assertThat(plain.canRedraw()).isTrue();
        assertThat(plain.isColoured()).isFalse();
        assertThat(Terminal.of(properties::get, Map.of()).canRedraw()).isFalse();
    }
}
