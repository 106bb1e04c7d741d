package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.Volume;
import dev.holdfast.fuse.Daemon;
import dev.holdfast.fuse.MountTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("holdfast mount and umount")
class MountCommandTest {
    private static final long VOLUME_BYTES = 8 << 20;

    @TempDir
    private Path folder;

    private Path volume;
    private Path directory;

    @BeforeEach
    void make() throws IOException {
        assumeTrue(Files.isWritable(Path.of("/dev/fuse")),
                "skipped: there is no /dev/fuse that may be used here");
        volume = folder.resolve("volume");
        directory = Files.createDirectory(folder.resolve("mount"));
        Volume.create(volume, VOLUME_BYTES).close();
    }

    @AfterEach
    void unmountAnyway() throws IOException, InterruptedException {
        if (directory != null && MountTable.at(directory).isPresent()) {
            Daemon.unmount(directory, true);
        }
    }

    private Shell.Result holdfast(String... arguments) throws IOException, InterruptedException {
        return Shell.run(folder, environment(), command(arguments));
    }

    private static Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("HOLDFAST_JAVA_HOME", System.getProperty("java.home"));
        environment.put("HOLDFAST_CLASS_PATH", System.getProperty("java.class.path"));
        return environment;
    }

    private static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Shell.sourceRoot().resolve("holdfast").toString());
        command.addAll(List.of(arguments));
        return command;
    }

    @Test
    @DisplayName("a mount is ready when its command returns, and its volume closed after umount")
    void inTheBackground() throws IOException, InterruptedException {
        Shell.Result mounted = holdfast("mount", "volume", "mount");
        assertThat(mounted.exit()).as(mounted.err()).isZero();
        Files.writeString(directory.resolve("a"), "kept");
        assertThat(holdfast("info", "volume").err()).contains("in use by");
        assertThat(holdfast("umount", "mount").exit()).isZero();
        assertThat(MountTable.at(directory)).isEmpty();
        try (Volume opened = Volume.open(volume)) {
            assertThat(opened.stat("/a").sizeBytes()).isEqualTo(4);
        }
    }

    @Test
    @DisplayName("a signal unmounts and closes the volume")
    void signalled() throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                command("mount", "--foreground", "volume", "mount"))
                .directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment());
        Process process = builder.start();
        try {
            assertThat(process.inputReader().readLine()).contains("volume");
            Files.writeString(directory.resolve("a"), "kept");
            process.destroy();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(MountTable.at(directory)).isEmpty();
        assertThat(Volume.check(volume).findings()).isEmpty();
    }

    @Test
    @DisplayName("what is no volume, or in use, is refused by the command that the user waits for")
    void refused() throws IOException, InterruptedException {
        Files.write(folder.resolve("other"), new byte[1 << 20]);
        Shell.Result other = holdfast("mount", "other", "mount");
        assertThat(other.exit()).isEqualTo(ExitCode.FAILED.number());
        assertThat(other.err()).startsWith("holdfast: ").contains("other");
        try (Volume opened = Volume.open(volume)) {
            assertThat(holdfast("mount", "volume", "mount").err())
                    .contains("in use by process " + ProcessHandle.current().pid());
            assertThat(opened.list("/")).isEmpty();
        }
        assertThat(holdfast("umount", "mount").err()).contains("no volume is mounted");
    }

    @Test
    @DisplayName("an unprivileged user writes where mkfs gave that user the root directory")
    void rootOwner() throws IOException, InterruptedException {
        assumeTrue(Files.getAttribute(folder, "unix:uid").equals(0)
                && Files.isExecutable(Path.of("/usr/bin/setpriv")),
                "skipped: only root may act as another user, and setpriv does it");
        Cli.run("mkfs", folder.resolve("theirs"), "8m", "--sparse", "--root-owner",
                "1000:1000").ok();
        assertThat(holdfast("mount", "theirs", "mount").exit()).isZero();
        List<String> asUser = List.of("setpriv", "--reuid=1000", "--regid=1000", "--clear-groups",
                "sh", "-c", "cat > a && chmod 600 a && mkdir d && stat -c %u:%g a d");
        Shell.Result said = Shell.run(directory, environment(), asUser);
        assertThat(said.out()).as(said.err()).isEqualTo("1000:1000\n1000:1000\n");
        assertThat(holdfast("umount", "mount").exit()).isZero();
    }
}
