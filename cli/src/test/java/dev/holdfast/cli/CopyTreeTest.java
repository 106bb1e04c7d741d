package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trees that go into a volume and come out again. */
class CopyTreeTest {
    @TempDir
    private Path folder;

    private final Random random = new Random(42);

    private void file(Path file, int sizeBytes, String permissions) throws IOException {
        byte[] content = new byte[sizeBytes];
        random.nextBytes(content);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    private Path tree() throws IOException {
        Path tree = folder.resolve("tree");
        file(tree.resolve("empty"), 0, "rw-------");
        file(tree.resolve("large"), 9_000_001, "r--r--r--");
        file(tree.resolve("deep/er/est/file"), 4096, "rwxr-x--x");
        file(tree.resolve("deep/with space"), 4097, "rw-rw-r--");
        for (int i = 0; i < 300; i++) {
            file(tree.resolve("many/file-" + i), random.nextInt(9000), "rw-r--r--");
        }
        Files.createDirectory(tree.resolve("empty directory"));
        Files.createSymbolicLink(tree.resolve("deep/link"), Path.of("../large"));
        Files.createSymbolicLink(tree.resolve("dangling"), Path.of("/no/such/place"));
        long nanos = 1_000_000_007_000_000_123L;
        for (Path path : all(tree).reversed()) {
            Files.setLastModifiedTime(Files.isSymbolicLink(path) ? tree : path,
                    FileTime.from(nanos += 1_000_000_001, TimeUnit.NANOSECONDS));
        }
        Files.setPosixFilePermissions(tree.resolve("deep/er"),
                PosixFilePermissions.fromString("r-xr-x---"));
        return tree;
    }

    private static List<Path> all(Path tree) throws IOException {
        try (Stream<Path> paths = Files.walk(tree)) {
            return paths.sorted().toList();
        }
    }

    private static void assertEqualTrees(Path actual, Path expected) throws IOException {
        assertThat(all(actual).stream().map(actual::relativize))
                .isEqualTo(all(expected).stream().map(expected::relativize).toList());
        for (Path path : all(expected)) {
            Path copy = actual.resolve(expected.relativize(path).toString());
            if (Files.isSymbolicLink(path)) {
                assertThat(Files.readSymbolicLink(copy)).isEqualTo(Files.readSymbolicLink(path));
                continue;
            }
            assertThat(Files.isDirectory(copy, LinkOption.NOFOLLOW_LINKS))
                    .isEqualTo(Files.isDirectory(path));
            assertThat(Files.getPosixFilePermissions(copy)).as("mode of %s", path)
                    .isEqualTo(Files.getPosixFilePermissions(path));
            assertThat(Files.getLastModifiedTime(copy)).as("time of %s", path)
                    .isEqualTo(Files.getLastModifiedTime(path));
            if (Files.isRegularFile(path)) {
                assertThat(Files.mismatch(copy, path)).as("content of %s", path).isEqualTo(-1);
            }
        }
    }

    private Path volume() {
        Path volume = folder.resolve("v");
        Cli.run("mkfs", volume, "32MiB", "--sparse").ok();
        return volume;
    }

    @Test
    void aTreeComesBackByteForByteWithModesTimesAndLinks() throws IOException {
        Path tree = tree();
        Path volume = volume();

        assertThat(Cli.on(volume, "put", "-r", tree, "/copy"))
                .contains("files        304").contains("directories  6").contains("links        2");
        Cli.on(volume, "get", "-r", "/copy", folder.resolve("back"));

        assertEqualTrees(folder.resolve("back"), tree);
    }

    @Test
    void aSecondCopyGoesOverTheFirst() throws IOException {
        Path tree = tree();
        Path volume = volume();
        Cli.on(volume, "put", "-r", tree, "/copy");
        file(tree.resolve("many/file-7"), 12345, "rwx------");
        Files.delete(tree.resolve("dangling"));
        Files.createSymbolicLink(tree.resolve("dangling"), Path.of("elsewhere"));

        Cli.on(volume, "mkdir", "/into");
        Cli.on(volume, "mv", "/copy", "/into/tree");
        Cli.on(volume, "put", "-r", tree, "/into");
        Cli.on(volume, "get", "-r", "/into/tree", folder.resolve("back"));
        Cli.on(volume, "get", "-r", "/into/tree/many", folder.resolve("back"));

        assertEqualTrees(folder.resolve("back"), tree);
    }

    @Test
    void holesStayHolesOnTheWayOut() throws Exception {
        Path volume = volume();
        Cli.run("io", volume, "-c", "creat /sparse", "-c", "truncate /sparse 16g", "-c",
                "pwrite /sparse 8g 5").ok();

        Cli.on(volume, "get", "/sparse", folder.resolve("sparse"));

        assertThat(Files.size(folder.resolve("sparse"))).isEqualTo(16L << 30);
        Shell.Result allocated = Shell.run(folder, System.getenv(),
                List.of("stat", "-c", "%b", "sparse"));
        assertThat(Long.parseLong(allocated.out().strip()) * 512).isLessThan(1 << 20);
    }

    @Test
    void aLinkInTheWayIsReplacedAndNeverFollowed() throws IOException {
        Path volume = volume();
        Cli.runWith(new byte[] {7}, "put", volume, "-", "/file").ok();
        Path precious = Files.writeString(folder.resolve("precious"), "keep me");
        Path link = Files.createSymbolicLink(folder.resolve("file"), precious);

        Cli.on(volume, "get", "/file", link);

        assertThat(Files.readString(precious)).isEqualTo("keep me");
        assertThat(Files.readAllBytes(link)).containsExactly(7);
        assertThat(Files.isSymbolicLink(link)).isFalse();
    }
}
