package dev.holdfast.cli;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.MapMode;
import dev.holdfast.Volume;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.faultd.client.ClientFile;
import dev.holdfast.faultd.client.ClientMapping;
import dev.holdfast.faultd.client.FaultClient;
import dev.holdfast.fuse.Daemon;
import dev.holdfast.fuse.MountTable;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
    @DisplayName("serves at a socket until a signal ends it, and leaves a sound volume and no "
            + "socket")
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
    @DisplayName("with --mount the directory and a client's memory are one file, also of the next "
            + "owner")
    void mounted() throws Exception {
        assumeTrue(Files.isWritable(Path.of("/dev/fuse")),
                "skipped: there is no /dev/fuse that may be used here");
        Path directory = Files.createDirectory(folder.resolve("mount"));
        Process keeper = serve(volume.toString(), "--socket", "here", "--mount", "mount");
        try (BufferedReader lines = keeper.inputReader()) {
            assertThat(lines.readLine()).contains(volume.toString());
            Path path = directory.resolve("a");
            Files.writeString(path, "abcdefgh");
            try (FaultClient client = connect(folder.resolve("here"));
                    ClientFile file = client.open("/a", FaultClient.Access.WRITE);
                    ClientMapping mapping = file.map(MapMode.SYNC, 0, 4096)) {
                MemorySegment memory = mapping.segment();
                assertThat(memory.get(JAVA_BYTE, 1)).isEqualTo((byte) 'b');
                memory.set(JAVA_BYTE, 1, (byte) 'B');
                assertThat(path).hasContent("aBcdefgh");
                try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                    channel.write(ByteBuffer.wrap(new byte[] {'C'}), 2);
                }
                assertThat(memory.get(JAVA_BYTE, 2)).isEqualTo((byte) 'C');

                keeper.children().forEach(ProcessHandle::destroyForcibly);
                memory.set(JAVA_BYTE, 3, (byte) 'D');
                assertThat(file.size()).isEqualTo(8);
                memory.set(JAVA_BYTE, 4, (byte) 'E');
                assertThat(path).hasContent("aBCDEfgh");
            }
            keeper.destroy();
            assertThat(keeper.waitFor(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            keeper.destroyForcibly();
            if (MountTable.at(directory).isPresent()) {
                Daemon.unmount(directory, true);
            }
        }
        assertThat(Volume.check(volume).findings()).isEmpty();
    }

    /** Faults of this process are another's to answer. */
    private static FaultClient connect(Path socket) throws IOException {
        try {
            return FaultClient.connect(socket);
        } catch (HoldfastException e) {
            assumeTrue(e.code() != ErrorCode.ACCESS_DENIED && e.code() != ErrorCode.NOT_SUPPORTED,
                    "skipped: " + e.getMessage());
            throw e;
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
