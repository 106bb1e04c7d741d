package dev.holdfast.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.Volume;
import dev.holdfast.file.AttributeChange;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Mounts that go through {@code fusermount3}, by processes that root turns into an ordinary user's.
 */
@DisplayName("An ordinary user")
class OrdinaryUserTest {
    private static final int USER = 65534;
    private static final int OTHER = 65533;
    private static final String CAN_READ = "for f; do test -r \"$f\" || exit 1; done";

    private Path folder;
    private Path volume;
    private Path directory;

    /** Unmounts what an argument names, in a process of its own. */
    public static void main(String[] arguments) throws Exception {
        Daemon.unmount(Path.of(arguments[0]), false);
    }

    @BeforeEach
    void makeVolume() throws Exception {
        MountedVolume.requireFuse();
        Programs.require("fusermount3", "setpriv", "sh");
        folder = Files.createTempDirectory("holdfast-user");
        volume = folder.resolve("volume");
        directory = Files.createDirectory(folder.resolve("mount"));
        MountProcess.makeVolume(volume, 8 << 20);
        try (Volume made = Volume.open(volume)) {
            made.setAttributes("/", new AttributeChange().uid(USER).gid(USER));
        }
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (Path path : List.of(folder, volume, directory)) {
            Files.setAttribute(path, "unix:uid", USER);
            Files.setAttribute(path, "unix:gid", USER);
        }
        List<String> check = as(USER, List.of("sh", "-c", CAN_READ, "sh", "/dev/fuse",
                System.getProperty("java.home") + "/bin/java"));
        MountProcess.classPath().forEach(path -> check.add(path.toString()));
        assumeTrue(new ProcessBuilder(check).start().waitFor() == 0,
                "skipped: an ordinary user cannot read /dev/fuse, the JDK or the classes under "
                + "test");
    }

    @AfterEach
    void remove() throws IOException {
        if (folder != null) {
            MountProcess.deleteAll(volume, directory, folder);
        }
    }

    private static List<String> as(int user, List<String> command) {
        List<String> all = new ArrayList<>(List.of("setpriv", "--reuid=" + user, "--regid=" + user,
                "--clear-groups"));
        all.addAll(command);
        return all;
    }

    private ProcessBuilder mounting() {
        return new ProcessBuilder(as(USER, MountProcess.java(MountProcess.class,
                volume.toString(), directory.toString(), "")));
    }

    private static int exitCode(int user, String... command) throws Exception {
        return new ProcessBuilder(as(user, List.of(command)))
                .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start().waitFor();
    }

    @Test
    @DisplayName("mounts, uses the mount alone, and unmounts when no program uses it")
    void mounts() throws Exception {
        String file = directory.resolve("file").toString();
        try (MountProcess process = new MountProcess(directory, mounting())) {
            assertThat(options()).contains("nosuid", "nodev");
            assertThat(exitCode(USER, "sh", "-c", "echo mine >\"$1\"", "sh", file)).isZero();
            assertThat(exitCode(USER, "cat", file)).isZero();
            assertThat(exitCode(OTHER, "cat", file)).as("another user").isNotZero();
            assertThatThrownBy(() -> Files.readString(Path.of(file))).as("root")
                    .isInstanceOf(AccessDeniedException.class);

            String[] unmount = MountProcess.java(OrdinaryUserTest.class, directory.toString())
                    .toArray(String[]::new);
            assertThat(exitCode(OTHER, unmount)).as("unmounted by another user").isNotZero();
            assertThat(exitCode(USER, unmount)).as("unmounted").isZero();
            assertThat(process.process().waitFor()).isZero();
        }
        assertThat(MountTable.at(directory)).isEmpty();
        try (Volume opened = Volume.open(volume)) {
            assertThat(opened.stat("/file").uid()).isEqualTo(USER);
        }
    }

    private List<String> options() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/mountinfo"))) {
            String line = lines.filter(each -> each.contains(" " + directory + " ")).findFirst()
                    .orElseThrow();
            return List.of(line.split(" ")[5].split(","));
        }
    }

    @Test
    @DisplayName("is told what to install where there is no fusermount3")
    void noHelper() {
        ProcessBuilder mounting = mounting();
        mounting.environment().put("PATH", folder.toString());
        assertThatThrownBy(() -> new MountProcess(directory, mounting).close())
                .hasMessageContaining("install the package fuse3");
    }

    @Test
    @DisplayName("cannot mount over a directory of another's")
    void notMine() throws Exception {
        Files.setAttribute(directory, "unix:uid", 0);
        assertThatThrownBy(() -> new MountProcess(directory, mounting()).close())
                .hasMessageContaining("must belong to who mounts there");
    }
}
