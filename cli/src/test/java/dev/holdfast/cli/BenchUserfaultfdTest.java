package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.cli.bench.Machine;
import dev.holdfast.ffm.ErrnoException;
import dev.holdfast.ffm.Linux;
import dev.holdfast.ffm.Userfaultfd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Real faults are timed in a process of their own, that the command starts: so it is one here. */
class BenchUserfaultfdTest {
    private static void requireUserfaultfd() {
        try {
            Linux.close(Userfaultfd.open());
        } catch (ErrnoException e) {
            assumeTrue(false, "needs access to userfaultfd: " + e.getMessage());
        }
    }

    private static Shell.Result bench(Path folder, String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Shell.sourceRoot().resolve("holdfast").toString(), "bench", "faults",
                "--engine", "userfaultfd", "--quick", "--rounds", "1", "--json",
                "--volume-dir", folder.toString()));
        command.addAll(List.of(more));
        return Shell.run(folder,
                Map.of("PATH", System.getenv("PATH"),
                        "HOLDFAST_JAVA_HOME", System.getProperty("java.home"),
                        "HOLDFAST_CLASS_PATH", System.getProperty("java.class.path")),
                command);
    }

    @Test
    void timesRealFaultsBesideTheKernels() throws Exception {
        requireUserfaultfd();
        Path folder = Files.createTempDirectory(Machine.volumeFolder(), "holdfast-test");
        try {
            Shell.Result result = bench(folder);

            assertThat(result.exit()).as(result.err()).isZero();
            assertThat(result.out()).contains("\"engine\": \"userfaultfd-pinned\"",
                    "\"engine\": \"userfaultfd\"", "\"engine\": \"userfaultfd-ahead\"",
                    "\"engine\": \"hardware\"", "\"handlerNanosPerFault\": ");
        } finally {
            // Fails where the command left something behind.
            Files.delete(folder);
        }
    }

    @Test
    void leavesNothingBehindWhereTheHugeVolumeCannotBeMade() throws Exception {
        requireUserfaultfd();
        Path folder = Files.createTempDirectory(Machine.volumeFolder(), "holdfast-test");
        try {
            Shell.Result result = bench(folder, "--huge-dir", folder.resolve("missing").toString());

            assertThat(result.exit()).isNotZero();
            assertThat(result.out()).contains("missing");
        } finally {
            // Fails where the command left something behind.
            Files.delete(folder);
        }
    }
}
