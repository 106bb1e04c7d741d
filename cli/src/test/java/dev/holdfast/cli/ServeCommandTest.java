package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.Volume;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("holdfast serve")
class ServeCommandTest {
    private static final Path MEMORY = Path.of("/dev/shm");

    @TempDir
    private Path folder;

    private Path volume;

    @BeforeEach
    void make() throws IOException {
        assumeTrue(Files.isWritable(MEMORY), "skipped: there is no /dev/shm");
        volume = Files.createTempFile(MEMORY, "holdfast-serve", ".hf");
        Files.delete(volume);
        Volume.create(volume, 8 << 20).close();
    }

    @AfterEach
    void remove() throws IOException {
        if (volume != null) {
            Files.deleteIfExists(volume);
        }
    }

    private Process serve(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Shell.sourceRoot().resolve("holdfast").toString(), "serve"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().putAll(Map.of("HOLDFAST_JAVA_HOME", System.getProperty("java.home"),
                "HOLDFAST_CLASS_PATH", System.getProperty("java.class.path")));
        return builder.start();
    }

    @Test
    @DisplayName("serves at a socket until a signal ends it, and leaves a sound volume and no socket")
    void untilSignal() throws Exception {
        Process keeper = serve(volume.toString(), "--socket", "here");
        try (BufferedReader lines = keeper.inputReader()) {
            assertThat(lines.readLine()).contains(volume.toString());
            assertThat(lines.readLine()).isEqualTo("socket  here");
            assertThat(folder.resolve("here")).exists();
            assertThat(Files.getPosixFilePermissions(folder.resolve("here"))).hasSize(2);
            keeper.destroy();
            assertThat(keeper.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(folder.resolve("here")).doesNotExist();
        try (Volume opened = Volume.open(volume)) {
            assertThat(opened.info().cleanWhenOpened()).isTrue();
        }
    }

    @Test
    @DisplayName("a volume that is no memory is refused, with the reason and what to do")
    void onDisk() throws Exception {
        Path onDisk = folder.resolve("volume");
        assumeTrue(!Files.getFileStore(folder).type().equals("tmpfs"),
                "skipped: the folder for temporary files is on tmpfs");
        Volume.create(onDisk, 8 << 20).close();
        Process keeper = serve("volume");
        String said = new String(keeper.getErrorStream().readAllBytes());
        assertThat(keeper.waitFor()).isEqualTo(ExitCode.FAILED.number());
        assertThat(said).contains("only on tmpfs, memfd and hugetlbfs").contains("/dev/shm");
        assertThat(folder.resolve("volume.sock")).doesNotExist();
    }
}
