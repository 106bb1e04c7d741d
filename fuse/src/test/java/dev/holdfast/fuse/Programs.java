package dev.holdfast.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs programs of the operating system. */
final class Programs {
    private static final int LIMIT_SECONDS = 300;

    private Programs() {}

    /** Skips the test where a program is missing. */
    static void require(String... names) {
        for (String name : names) {
            boolean found = List.of(System.getenv("PATH").split(":")).stream()
                    .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
            assumeTrue(found, "skipped: the program " + name + " is not installed");
        }
    }

    /** Runs a script of the shell in a folder, which must succeed; returns what it said. */
    static String shell(Path folder, String script) throws IOException, InterruptedException {
        return run(folder, "bash", "-euo", "pipefail", "-c", script);
    }

    static String run(Path folder, String... command) throws IOException, InterruptedException {
        Path said = Files.createTempFile("holdfast", ".said");
        try {
            Process process = new ProcessBuilder(command).directory(folder.toFile())
                    .redirectErrorStream(true).redirectOutput(said.toFile())
                    .redirectInput(Path.of("/dev/null").toFile()).start();
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new AssertionError(List.of(command) + " did not end");
            }
            String text = Files.readString(said);
            assertThat(process.exitValue()).as(text).isZero();
            return text;
        } finally {
            Files.delete(said);
        }
    }
}
