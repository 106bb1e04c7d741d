package dev.holdfast.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.CopyOption;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@DisplayName("Random programs on a mount")
class MountModelTest {
    private static final long VOLUME_BYTES = 128L << 20;
    private static final int MAX_FILE_BYTES = 300_000;
    private static final int NAMES = 6;

    @Test
    @DisplayName("see what they would see on the machine's own file system")
    void seconds() throws Exception {
        compare(1_500, Seeds.seed(0));
        compare(500, Seeds.seed(1));
    }

    @Test
    @Tag("stress")
    @DisplayName("see for ten minutes what they would see on the machine's own file system")
    void tenMinutes() throws Exception {
        int round = 2;
        long end = System.nanoTime() + 10L * 60 * 1_000_000_000;
        while (System.nanoTime() - end < 0) {
            compare(20_000, Seeds.seed(round++));
        }
    }

    /** Does the same to two directories, and compares each answer, and all of both now and then. */
    private static void compare(int steps, long seed) throws Exception {
        Random random = new Random(seed);
        Path model = Files.createTempDirectory("holdfast-model");
        try (MountedVolume mounted = new MountedVolume(VOLUME_BYTES)) {
            for (int step = 0; step < steps; step++) {
                String when = "seed " + seed + ", step " + step;
                long fate = random.nextLong();
                String expected = act(model, new Random(fate));
                assertThat(act(mounted.directory(), new Random(fate))).as(when)
                        .isEqualTo(expected);
                if (step % 250 == 0 || step == steps - 1) {
                    assertThat(picture(mounted.directory())).as(when).isEqualTo(picture(model));
                }
            }
        } finally {
            try (Stream<Path> all = Files.walk(model)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    private static Path path(Path root, Random random) {
        Path path = root;
        for (int depth = random.nextInt(3); depth >= 0; depth--) {
            path = path.resolve("n" + random.nextInt(NAMES));
        }
        return path;
    }

    /** Does one thing; returns what came of it, the directory's own name left out. */
    private static String act(Path root, Random random) {
        Path path = path(root, random);
        try {
            return switch (random.nextInt(14)) {
                case 0, 1, 2, 3 -> write(path, random);
                case 4 -> read(path, random);
                case 5 -> resize(path, random);
                case 6 -> named(Files.createDirectory(path));
                case 7 -> named(Files.createSymbolicLink(path,
                        Path.of("../n" + random.nextInt(NAMES))));
                case 8 -> named(Files.createLink(path, path(root, random)));
                case 9, 10 -> rename(path, path(root, random), random);
                case 11 -> {
                    Files.delete(path);
                    yield "deleted";
                }
                case 12 -> attributes(path, random);
                default -> names(path);
            };
        } catch (FileSystemException e) {
            return e.getClass().getSimpleName() + " " + e.getReason();
        } catch (IOException e) {
            return e.getClass().getSimpleName();
        }
    }

    private static String named(Path path) {
        return path.getFileName().toString();
    }

    private static String write(Path path, Random random) throws IOException {
        if (Files.isSymbolicLink(path)) {
            return "a link";
        }
        byte[] data = new byte[random.nextInt(20_000)];
        random.nextBytes(data);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(random.nextInt(MAX_FILE_BYTES));
            file.write(data);
            return "length " + file.length();
        }
    }

    private static String read(Path path, Random random) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
            byte[] data = new byte[random.nextInt(20_000)];
            file.seek(random.nextInt(MAX_FILE_BYTES));
            int count = file.read(data);
            return count + " bytes " + Arrays.hashCode(data);
        }
    }

    private static String resize(Path path, Random random) throws IOException {
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            return "no file";
        }
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(random.nextInt(MAX_FILE_BYTES));
            return "length " + file.length();
        }
    }

    private static String rename(Path from, Path to, Random random) throws IOException {
        CopyOption[] options = random.nextBoolean() ? new CopyOption[0]
                : new CopyOption[] {StandardCopyOption.ATOMIC_MOVE};
        return named(Files.move(from, to, options));
    }

    private static String attributes(Path path, Random random) throws IOException {
        if (Files.isSymbolicLink(path)) {
            return "a link";
        }
        Files.setPosixFilePermissions(path,
                PosixFilePermissions.fromString(random.nextBoolean() ? "rwxr-x--x" : "rw-rw-rw-"));
        Files.setLastModifiedTime(path, FileTime.fromMillis(random.nextInt()));
        return "set";
    }

    private static String names(Path path) throws IOException {
        try (Stream<Path> names = Files.list(path)) {
            return names.map(MountModelTest::named).sorted().toList().toString();
        }
    }

    /** Everything that can be seen, as lines. */
    private static List<String> picture(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            List<String> lines = new ArrayList<>();
            for (Path path : all.sorted().skip(1).toList()) {
                lines.add(root.relativize(path) + " " + look(path));
            }
            return lines;
        }
    }

    private static String look(Path path) throws IOException {
        if (Files.isSymbolicLink(path)) {
            return "-> " + Files.readSymbolicLink(path);
        }
        String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
        Object links = Files.getAttribute(path, "unix:nlink");
        if (Files.isDirectory(path)) {
            return mode + " " + links;
        }
        return mode + " " + links + " " + Files.size(path) + " "
                + Arrays.hashCode(Files.readAllBytes(path));
    }
}
