package dev.holdfast.faultd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * examples/fault-client.c, compiled once where there is a compiler: a client that starts at once.
 */
final class NativeClient {
    private static final Map<Path, Path> PROGRAMS = new HashMap<>();

    private NativeClient() {}

    /** Tells whether there are a C compiler and the kernel's headers. */
    static boolean isAvailable() {
        return Files.exists(Path.of("/usr/include/linux/userfaultfd.h"))
                && Stream.of(System.getenv("PATH").split(":"))
                        .anyMatch(place -> Files.isExecutable(Path.of(place, "cc")));
    }

    /**
     * Starts a client in C, or one in Java where there is no compiler. Both know the same commands.
     */
    static Child startOrJava(Path socket) throws IOException, InterruptedException {
        return isAvailable() ? start(socket) : Child.java(ClientMain.class, socket.toString());
    }

    static Child start(Path socket) throws IOException, InterruptedException {
        return Child.start(List.of(program().toString(), socket.toString()));
    }

    /** Returns the program of the client. */
    static Path program() throws IOException, InterruptedException {
        return compiled(examples().resolve("fault-client.c"));
    }

    /** Returns the program that a file of C makes; anybody may run it. */
    static synchronized Path compiled(Path source) throws IOException, InterruptedException {
        if (!PROGRAMS.containsKey(source)) {
            Path made = Files.createTempFile("holdfast-fault-client", "");
            made.toFile().deleteOnExit();
            Process compiler = new ProcessBuilder("cc", "-std=c99", "-O2", "-Wall", "-Wextra",
                    "-Werror", "-pedantic", "-pthread", "-o", made.toString(), source.toString())
                    .redirectErrorStream(true).start();
            String said = new String(compiler.getInputStream().readAllBytes());
            if (compiler.waitFor() != 0) {
                throw new AssertionError(said);
            }
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
            PROGRAMS.put(source, made);
        }
        return PROGRAMS.get(source);
    }

    static Path examples() {
        Path at = Path.of("").toAbsolutePath();
        while (!Files.exists(at.resolve("examples/fault-client.c"))) {
            at = at.getParent();
        }
        return at.resolve("examples");
    }
}
