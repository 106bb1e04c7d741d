package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cli.bench.Machine;
import dev.holdfast.cli.text.Terminal;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BenchFaultsCommandTest {
    private Path folder;

    /** Where measurements are made: the rounds of a disk would take minutes. */
    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createTempDirectory(Machine.volumeFolder(), "holdfast-test");
    }

    /** Fails where the command left something behind. */
    @AfterEach
    void removeFolder() throws IOException {
        Files.delete(folder);
    }

    private String run(String... more) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] arguments = Stream.concat(Stream.of("bench", "faults", "--quick", "--rounds", "1",
                "--volume-dir", folder.toString()), Arrays.stream(more)).toArray(String[]::new);
        int exit = Main.run(arguments, new PrintWriter(out), new PrintWriter(err, true),
                Terminal.NONE);
        assertThat(exit).as(err.toString()).isZero();
        return out.toString();
    }

    @Test
    void showsEveryCaseLoadModeAndSize() {
        String text = run();

        assertThat(text).contains("software page table, 64 faults of 4 KiB",
                "software page table, 2 faults of 2 MiB");
        for (String row : new String[] {"preallocated, idle", "unwritten, background copy",
            "empty, background copy"}) {
            assertThat(text).contains(row + ", no MAP_SYNC", row + ", MAP_SYNC");
        }
    }

    @Test
    void timesTheKernelsFaultsBesideItsOwn() {
        String json = run("--json", "--peer", folder.toString());

        assertThat(json).contains("\"engine\": \"software\"", "\"engine\": \"hardware\"",
                "\"rounds\": 1", "\"pageBytes\": 2097152", "\"fencesPerFault\": null",
                "\"histogramMicros\"", "\"0-1\"", "\"128-255\"");
    }
}
