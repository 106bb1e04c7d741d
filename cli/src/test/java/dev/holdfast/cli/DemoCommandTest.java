package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cli.text.Terminal;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class DemoCommandTest {
    private static String run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exit = Main.run(arguments, new PrintWriter(out), new PrintWriter(err, true),
                Terminal.NONE);
        assertThat(exit).as("%s%n%s", err, out).isZero();
        return out.toString();
    }

    @Test
    void showsFourPartsEachWithAControlAndThreeCommandsToTry() {
        String text = run("demo", "--quick", "--states", "40");

        assertThat(text).contains("1. The power goes, 40 times a row",
                "2. One fault, step by step", "3. What a first store costs",
                "4. SIGKILL in mid-stride",
                "Every promise was kept, and every control was caught.");
        assertThat(text.lines().dropWhile(line -> !line.equals("Next, try")).skip(1))
                .hasSize(3).allMatch(line -> line.startsWith("    ./holdfast "));
    }

    @Test
    void saysTheSameAsJson() {
        String json = run("demo", "--quick", "--states", "40", "--seed", "7", "--json");

        assertThat(json).contains("\"seed\": 7", "\"powerCuts\"", "\"traces\"", "\"faults\"",
                "\"sigKill\"", "\"mediumSurvives\"", "\"kept\": true");
    }
}
