package dev.holdfast.nio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The same random calls on a volume and on the default file system: results, exceptions and the
 * trees that come of it are equal.
 */
class DifferentialTest {
    private static final String[] NAMES = {"a", "b", "c", "a/x", "b/x", "c/y", "a/x/z", "l", "m"};
    private static final int OPEN = 4;
    private static final int FILE_BYTES = 20_000;

    /** One of the two sides, and the channels it has open. */
    private static final class Side {
        private final Path root;
        private final FileChannel[] channels = new FileChannel[OPEN];
        private final boolean[] isDirectory = new boolean[OPEN];

        Side(Path root) {
            this.root = root;
        }

        Path path(int name) {
            return root.resolve(NAMES[name]);
        }
    }

    /** A call: all that is random is drawn before, so that both sides do the same. */
    private interface Call {
        Object on(Side side) throws IOException;
    }

    private final List<String> history = new ArrayList<>();
    private String lastFailure;

    @Test
    void someThousandCallsAreAnsweredAlike() throws IOException {
        for (int round = 0; round < 10; round++) {
            run(Seed.get() + round, 300);
        }
    }

    @Test
    @Tag("stress")
    void aMillionCallsAreAnsweredAlike() throws IOException {
        for (int round = 0; round < 1000; round++) {
            run(Seed.get() + round, 1000);
        }
    }

    private void run(long seed, int calls) throws IOException {
        Random random = new Random(seed);
        history.clear();
        try (Place.Mounted ours = Place.MEMFD.open(EveryPlace.VOLUME_BYTES);
                Place.Mounted theirs = Place.DEFAULT.open(EveryPlace.VOLUME_BYTES)) {
            Side mine = new Side(ours.root());
            Side model = new Side(theirs.root());
            try {
                for (int i = 0; i < calls; i++) {
                    Call call = draw(random);
                    String expected = outcome(call, model);
                    String found = outcome(call, mine);
                    history.set(history.size() - 1, history.getLast() + " = " + expected);
                    assertThat(found).as("seed %d after%n%s%n(expected, the last line, is what the "
                            + "default file system answers; the last failure was %s)", seed,
                            lastCalls(), lastFailure)
                            .isEqualTo(expected);
                }
                assertThat(tree(mine.root)).as("seed %d, the trees after it",
                        seed).isEqualTo(tree(model.root));
            } finally {
                close(mine);
                close(model);
            }
        }
    }

    private String lastCalls() {
        return String.join("\n", history.subList(Math.max(0, history.size() - 25), history.size()));
    }

    private static void close(Side side) throws IOException {
        for (FileChannel channel : side.channels) {
            if (channel != null) {
                channel.close();
            }
        }
    }

    private String outcome(Call call, Side side) {
        try {
            return String.valueOf(call.on(side)).replace(side.root.toString() + "/", "/")
                    .replace("//", "/");
        } catch (IOException | RuntimeException e) {
            lastFailure = e.toString();
            return kind(e);
        }
    }

    /**
     * Returns the class of an exception; where the default file system itself is of two minds, one
     * of them.
     */
    private static String kind(Exception e) {
        String message = String.valueOf(e.getMessage());
        if (e instanceof IOException && (message.contains("Not a directory")
                || message.contains("Too many levels") || message.contains("NOFOLLOW_LINKS"))) {
            return "java.nio.file.NoSuchFileException";
        }
        if (e instanceof DirectoryNotEmptyException
                || e instanceof IOException && message.contains("Is a directory")) {
            return FileSystemException.class.getName();
        }
        return e.getClass().getName();
    }

    private Call named(String name, Call call) {
        history.add(name);
        return call;
    }

    private Call draw(Random random) {
        int one = random.nextInt(NAMES.length);
        int two = random.nextInt(NAMES.length);
        int channel = random.nextInt(OPEN);
        int at = random.nextInt(FILE_BYTES);
        int length = random.nextInt(9000);
        byte[] bytes = new byte[random.nextInt(4) == 0 ? length : random.nextInt(100)];
        random.nextBytes(bytes);
        boolean flag = random.nextBoolean();
        String names = " " + NAMES[one] + " " + NAMES[two];
        String numbers = " #" + channel + " at " + at + " length " + length + " bytes "
                + bytes.length;
        return switch (random.nextInt(26)) {
            case 0 -> named("write" + names, side -> Files.write(side.path(one), bytes));
            case 1 -> named("read" + names,
                    side -> Arrays.hashCode(Files.readAllBytes(side.path(one))));
            case 2 -> named("mkdir" + names, side -> Files.createDirectory(side.path(one)));
            case 3 -> named("delete" + names, side -> {
                Files.delete(side.path(one));
                return null;
            });
            case 4 -> {
                // The default file system may delete a link that the source's path goes through.
                boolean below = NAMES[one].startsWith(NAMES[two]);
                CopyOption[] options = below ? new CopyOption[0]
                        : copyOptions(random, StandardCopyOption.ATOMIC_MOVE);
                yield named("move" + names + Arrays.toString(options), side ->
                        Files.move(side.path(one), side.path(two),
                                passesLink(side.path(one)) ? new CopyOption[0] : options));
            }
            case 5 -> {
                CopyOption[] options = copyOptions(random, LinkOption.NOFOLLOW_LINKS);
                yield named("copy" + names + Arrays.toString(options),
                        side -> Files.copy(side.path(one), side.path(two), options));
            }
            case 6 -> named("symlink" + names, side -> Files.createSymbolicLink(side.path(one),
                    side.root.getFileSystem().getPath(NAMES[two])));
            case 7 -> named("link" + names,
                    side -> Files.createLink(side.path(one), side.path(two)));
            case 8 -> named("list" + names, side -> {
                try (Stream<Path> list = Files.list(side.path(one))) {
                    return list.map(Path::getFileName).map(Path::toString).sorted().toList();
                }
            });
            case 9 -> named("attributes " + flag + names, side -> describe(side.path(one), flag));
            case 10 -> named("real path " + flag + names, side -> flag
                    ? side.path(one).toRealPath()
                    : side.path(one).toRealPath(LinkOption.NOFOLLOW_LINKS));
            case 11 -> named("same" + names,
                    side -> Files.isSameFile(side.path(one), side.path(two)));
            case 12 -> named("mode" + names, side -> Files.setPosixFilePermissions(side.path(one),
                    PosixFilePermissions.fromString(flag ? "rwxr-x--x" : "rw-r--r--"))
                    .getFileName());
            case 13 -> named("read link" + names, side -> Files.readSymbolicLink(side.path(one)));
            case 14, 15 -> {
                OpenOption[] options = openOptions(random);
                yield named("open" + names + numbers + Arrays.toString(options), side -> {
                    FileChannel opened = FileChannel.open(side.path(one), options);
                    if (side.channels[channel] != null) {
                        side.channels[channel].close();
                    }
                    side.channels[channel] = opened;
                    side.isDirectory[channel] = Files.isDirectory(side.path(one));
                    return opened.position() + " " + opened.isOpen();
                });
            }
            case 16 -> named("close" + numbers, side -> {
                side.channels[channel].close();
                return null;
            });
            case 17 -> named("channel write" + numbers, side ->
                    side.channels[channel].write(ByteBuffer.wrap(bytes)) + " "
                            + side.channels[channel].position());
            case 18 -> named("channel write at" + numbers,
                    side -> side.channels[channel].write(ByteBuffer.wrap(bytes), at) + " "
                            + side.channels[channel].size());
            case 19 -> named("channel read" + numbers,
                    side -> read(side.channels[channel], -1, length));
            case 20 -> named("channel read at" + numbers,
                    side -> read(side.channels[channel], at, length));
            case 21 -> named("truncate" + numbers, side -> {
                FileChannel target = side.channels[channel].truncate(at);
                return target.size() + " " + target.position();
            });
            case 22 -> named("position" + numbers, side ->
                    side.channels[channel].position(at).position());
            // Not from channel to channel: of ranges of one file that overlap, anything may come.
            case 23 -> named("transfer" + numbers, side -> {
                if (side.isDirectory[channel]) {
                    return "how large a directory is, and so what lies past its end, is its own "
                            + "affair";
                }
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                long to = side.channels[channel].transferTo(at, length, Channels.newChannel(out));
                var in = Channels.newChannel(new ByteArrayInputStream(bytes));
                return to + " " + Arrays.hashCode(out.toByteArray()) + " "
                        + side.channels[channel].transferFrom(in, at, length);
            });
            case 24 -> named("map" + numbers, side -> {
                // An arena of its own, so that no mapping outlives the call and stops a truncate.
                try (var arena = Arena.ofConfined()) {
                    var segment = side.channels[channel].map(
                            flag ? MapMode.READ_ONLY : MapMode.READ_WRITE, at, length, arena);
                    if (!flag) {
                        MemorySegment.copy(bytes, 0, segment,
                                ValueLayout.JAVA_BYTE, 0,
                                Math.min(bytes.length, length));
                    }
                    return Arrays.hashCode(segment.toArray(ValueLayout.JAVA_BYTE));
                }
            });
            default -> named("gather" + numbers, side -> {
                side.channels[channel].force(flag);
                return side.channels[channel].write(new ByteBuffer[] {ByteBuffer.wrap(bytes),
                        ByteBuffer.wrap(bytes, 0, bytes.length / 2)});
            });
        };
    }

    /**
     * Tells whether a path goes through links, which a replacing move of the default may delete.
     */
    private static boolean passesLink(Path path) {
        for (Path at = path.getParent(); at != null; at = at.getParent()) {
            if (Files.isSymbolicLink(at)) {
                return true;
            }
        }
        return false;
    }

    private static Object read(FileChannel channel, int at, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        int count = at < 0 ? channel.read(buffer) : channel.read(buffer, at);
        return count + " " + Arrays.hashCode(buffer.array()) + " " + channel.position();
    }

    private static CopyOption[] copyOptions(Random random, CopyOption other) {
        List<CopyOption> options = new ArrayList<>();
        if (random.nextBoolean()) {
            options.add(StandardCopyOption.REPLACE_EXISTING);
        }
        if (random.nextInt(4) == 0) {
            options.add(other);
        }
        return options.toArray(new CopyOption[0]);
    }

    private static OpenOption[] openOptions(Random random) {
        Set<OpenOption> options = new HashSet<>();
        OpenOption[] all = {StandardOpenOption.READ, StandardOpenOption.WRITE,
            StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE,
            StandardOpenOption.APPEND, StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.CREATE_NEW, StandardOpenOption.DSYNC, LinkOption.NOFOLLOW_LINKS};
        for (int i = random.nextInt(5); i >= 0; i--) {
            options.add(all[random.nextInt(all.length)]);
        }
        // The default file system then forgets not to follow links.
        if (options.contains(StandardOpenOption.CREATE_NEW)) {
            options.remove(LinkOption.NOFOLLOW_LINKS);
        }
        return options.toArray(new OpenOption[0]);
    }

    private static String describe(Path path, boolean follow) throws IOException {
        LinkOption[] options = follow ? new LinkOption[0]
                : new LinkOption[] {LinkOption.NOFOLLOW_LINKS};
        PosixFileAttributes found =
                Files.readAttributes(path, PosixFileAttributes.class, options);
        return found.isDirectory() + " " + found.isRegularFile() + " "
                + found.isSymbolicLink() + " "
                + (found.isRegularFile() ? found.size() : "") + " "
                + PosixFilePermissions.toString(found.permissions()) + " " + found.owner() + " "
                + found.group() + " " + Files.getAttribute(path, "unix:nlink", options);
    }

    private static List<String> tree(Path root) throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(root)) {
            for (Path path : walk.sorted().toList()) {
                String content = Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
                        ? " " + Arrays.hashCode(Files.readAllBytes(path)) : "";
                if (!path.equals(root)) {
                    lines.add(root.relativize(path) + " " + describe(path, false) + content);
                }
            }
        }
        return lines;
    }
}
