package dev.holdfast.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Thousands of calls on a mount, and the same on the local disk, ext4: each must answer the same
 * and leave the same behind. What differs and may is listed here, and in docs/mount.md.
 */
@DisplayName("POSIX: a mount answers as the local disk does")
class PosixTest {
    private static final long VOLUME_BYTES = 256L << 20;
    private static final int LIMIT_SECONDS = 120;
    private static final List<String> SCRIPTS = List.of("run", "observe", "paths", "kinds",
            "renames", "opens", "rights", "owners", "times", "data", "space", "xattrs", "acls",
            "locks", "leases", "events", "listings", "maps", "extents", "marks", "calls");
    /** Cases in which a file system may answer as it likes, with our answer. */
    private static final Map<String, String> DIFFERENCES = Map.of(
            // ext4 says EPERM; others make the file.
            "kinds | nameless in a removed directory", "'ENOENT'",
            // Stored past the end in a map, and not written when the file grew: kept by the kernel.
            "maps | zeroes where it grew", "False",
            // A truncate to the same size keeps what is allocated past the end.
            "space | until a truncate", "40");

    @TempDir
    private static Path folder;
    private static MountedVolume mounted;

    @BeforeAll
    static void mount() throws Exception {
        MountedVolume.requireFuse();
        Programs.require("python3", "stat");
        String type = Programs.run(folder, "stat", "-f", "-c", "%T", folder.toString()).strip();
        assumeTrue(type.startsWith("ext"), "skipped: " + folder + " is on " + type
                + ", and the answers are compared with those of ext4");
        for (String script : SCRIPTS) {
            try (InputStream source = PosixTest.class.getResourceAsStream(
                    "/posix/" + script + ".py")) {
                Files.copy(source, folder.resolve(script + ".py"));
            }
        }
        Files.createDirectory(folder.resolve("disk"));
        mounted = new MountedVolume(VOLUME_BYTES);
    }

    @AfterAll
    static void unmount() throws IOException {
        if (mounted != null) {
            mounted.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"paths", "kinds", "renames", "opens", "rights", "owners", "times",
        "data", "space", "xattrs", "acls", "locks", "leases", "events", "listings", "maps",
        "extents", "marks", "calls"})
    void answersAsTheLocalDisk(String part) throws Exception {
        Path here = folder.resolve("mount.said");
        Path there = folder.resolve("disk.said");
        Process ours = start(part, mounted.directory(), here);
        Process theirs = start(part, folder.resolve("disk"), there);
        Map<String, String> expected = answers(theirs, there);
        Map<String, String> found = answers(ours, here);
        List<String> different = new ArrayList<>();
        expected.forEach((call, answer) -> {
            String wanted = DIFFERENCES.getOrDefault(call, answer);
            if (!wanted.equals(found.get(call))) {
                different.add(call + ": " + found.get(call) + ", not " + wanted);
            }
        });
        assertThat(different).isEmpty();
        assertThat(found.keySet()).isEqualTo(expected.keySet());
        assertThat(expected).hasSizeGreaterThan(20);
    }

    private static Process start(String part, Path directory, Path said) throws IOException {
        return new ProcessBuilder("python3", "-B", folder.resolve("run.py").toString(),
                directory.toString(), part).redirectErrorStream(true)
                .redirectOutput(said.toFile()).start();
    }

    private static Map<String, String> answers(Process process, Path said) throws Exception {
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("did not end: " + Files.readString(said));
        }
        List<String> lines = Files.readAllLines(said);
        assertThat(process.exitValue()).as("%s", lines.subList(Math.max(0, lines.size() - 20),
                lines.size())).isZero();
        Map<String, String> answers = new LinkedHashMap<>();
        for (String line : lines.subList(0, lines.size() - 1)) {
            int bar = line.lastIndexOf(" | ");
            answers.merge(line.substring(0, bar), line.substring(bar + 3), (a, b) -> a + " " + b);
        }
        return answers;
    }

    @Test
    @DisplayName("there are no whiteouts: the one answer of our own")
    void ownAnswer() throws Exception {
        String said = Programs.run(mounted.directory(), "python3", "-B", "-c", """
                import sys
                sys.path.insert(0, sys.argv[1])
                from observe import answer, renameat2, write
                write('a')
                print(answer(lambda: renameat2('a', 'b', 4)))
                """, folder.toString());
        assertThat(said).isEqualTo("EINVAL\n");
    }
}
