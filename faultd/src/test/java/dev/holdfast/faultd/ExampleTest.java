package dev.holdfast.faultd;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ExampleTest {
    private static final Path PROGRAM = NativeClient.examples().resolve("ServedCounter.java");

    @Test
    @DisplayName("the Java client that docs/fault-server.md shows is the one in examples")
    void shown() throws Exception {
        assertThat(Files.readString(PROGRAM.resolveSibling("../docs/fault-server.md")))
                .contains("```java\n" + Files.readString(PROGRAM) + "```\n");
    }

    @Test
    @DisplayName("the Java client of the documents counts its runs")
    void counts() throws Exception {
        Needs.userfaultfd();
        try (LocalServer local = new LocalServer()) {
            for (int run = 1; run <= 2; run++) {
                var command = Child.command(List.of(), ServedFileTest.class);
                command.set(command.size() - 1, PROGRAM.toString());
                command.add(local.socket().toString());
                try (Child program = Child.start(command)) {
                    assertThat(program.answer()).isEqualTo("run " + run);
                }
            }
        }
    }
}
