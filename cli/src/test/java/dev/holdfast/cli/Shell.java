package dev.holdfast.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a program of the operating system and keeps what it said. */
final class Shell {
    private static final int LIMIT_SECONDS = 120;

    private Shell() {}

    /**
     * What a program did.
     *
     * @param exit its exit code
     * @param out its standard output
     * @param err its standard error
     */
    record Result(int exit, String out, String err) {}

    /** Runs {@code command} in {@code folder} with {@code environment} and nothing else set. */
    static Result run(Path folder, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile("holdfast", ".out");
        Path err = Files.createTempFile("holdfast", ".err");
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().clear();
            builder.environment().putAll(environment);
            Process process = builder.start();
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new AssertionError(command + " was still running after " + LIMIT_SECONDS
                        + " s");
            }
            return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    /** Returns the root of the source tree that this test was built from. */
    static Path sourceRoot() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("holdfast"))) {
            folder = folder.getParent();
        }
        return folder;
    }
}
