package dev.holdfast.faultd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** examples/fault-client.c, compiled where there is a compiler. */
final class NativeClient {
    private NativeClient() {}

    /** Compiles the client into a folder; skips the test where that cannot be. */
    static Path compile(Path folder) throws IOException, InterruptedException {
        assumeTrue(Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(place -> Files.isExecutable(Path.of(place, "cc"))),
                "needs a C compiler, cc");
        Path source = source();
        assumeTrue(Files.exists(Path.of("/usr/include/linux/userfaultfd.h")),
                "needs the kernel's headers for C");
        Path program = folder.resolve("fault-client");
        Process compiler = new ProcessBuilder("cc", "-std=c99", "-O2", "-Wall", "-Wextra", "-Werror",
                "-pedantic", "-o", program.toString(), source.toString())
                .redirectErrorStream(true).start();
        String said = new String(compiler.getInputStream().readAllBytes());
        assertThat(compiler.waitFor()).as(said).isZero();
        return program;
    }

    private static Path source() {
        Path at = Path.of("").toAbsolutePath();
        while (!Files.exists(at.resolve("examples/fault-client.c"))) {
            at = at.getParent();
        }
        return at.resolve("examples/fault-client.c");
    }

    static Child start(Path program, Path socket) throws IOException {
        return Child.start(List.of(program.toString(), socket.toString()));
    }
}
