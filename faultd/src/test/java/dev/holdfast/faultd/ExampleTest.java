package dev.holdfast.faultd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.DaxFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
        try (LocalServer local = new LocalServer();
                DaxFile counter = local.volume().createFile("/counter")) {
            ByteBuffer word = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder());
            counter.write(word.putLong(0, 41), 0);
            counter.truncate(4096);
            var command = Child.command(List.of(), ServedFileTest.class);
            command.set(command.size() - 1, PROGRAM.toString());
            command.add(local.socket().toString());
            try (Child program = Child.start(command)) {
                assertThat(program.answer()).isEqualTo("run 42");
            }
            counter.read(word.clear(), 0);
            assertThat(word.getLong(0)).isEqualTo(42);
        }
    }
}
