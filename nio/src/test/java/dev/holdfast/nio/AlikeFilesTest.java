package dev.holdfast.nio;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.DELETE_ON_CLOSE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.SPARSE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What {@code Files} does with names: making, opening, deleting, links, walking. */
class AlikeFilesTest extends Alike {
    private static String content(Path file) throws IOException {
        return Files.readString(file);
    }

    @TestFactory
    Stream<DynamicTest> making() {
        return Stream.of(
                alike("a file", dir -> Files.size(Files.createFile(dir.resolve("a")))),
                alike("a file that is there",
                        dir -> Files.createFile(file(dir, "a"))),
                alike("a file where a link leads nowhere", dir -> {
                    link(dir, "l", "nowhere");
                    return Files.createFile(dir.resolve("l"));
                }),
                alike("a file below a file", dir -> Files.createFile(file(dir, "a").resolve("b"))),
                alike("a file below nothing", dir -> Files.createFile(dir.resolve("no/b"))),
                alike("a file with an empty name", dir -> Files.createFile(dir.resolve(""))),
                alike("a file named dot", dir -> Files.createFile(dir.resolve("."))),
                alike("a directory named dot dot", dir -> Files.createDirectory(dir.resolve(".."))),
                alike("a directory that is there",
                        dir -> Files.createDirectory(directory(dir, "d"))),
                alike("a directory at the end of a link that leads nowhere", dir ->
                        Files.createDirectory(link(dir, "l", "nowhere"))),
                alike("a directory where a file is", dir -> Files.createDirectory(file(dir, "a"))),
                alike("directories, all at once", dir ->
                        Files.isDirectory(Files.createDirectories(dir.resolve("a/b/../c/./d")))),
                alike("directories that are there", dir ->
                        Files.createDirectories(directory(dir, "d"))),
                alike("directories through a file", dir ->
                        Files.createDirectories(file(dir, "a").resolve("b"))),
                alike("directories where a file is", dir ->
                        Files.createDirectories(file(dir, "a"))),
                alike("directories through a link to one", dir -> {
                    directory(dir, "d");
                    link(dir, "l", "d");
                    return Files.createDirectories(dir.resolve("l/x"));
                }),
                alike("directories at a link to one", dir -> {
                    directory(dir, "d");
                    return Files.createDirectories(link(dir, "l", "d"));
                }),
                alike("with permissions", dir -> PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(Files.createFile(dir.resolve("a"),
                                PosixFilePermissions.asFileAttribute(
                                        PosixFilePermissions.fromString("r---w----")))))),
                alike("with an attribute that cannot be had at once", dir ->
                        Files.createFile(dir.resolve("a"), new UnknownAttribute())),
                alike("the longest name", dir -> Files.createFile(dir.resolve("n".repeat(255)))
                        .getFileName().toString().length()),
                alike("a name too long", dir -> Files.createFile(dir.resolve("n".repeat(256)))),
                alike("a name of 255 bytes, not letters", dir ->
                        Files.exists(Files.createFile(dir.resolve("é".repeat(127) + "x")))),
                alike("a name of too many bytes", dir ->
                        Files.createDirectory(dir.resolve("é".repeat(128)))),
                alike("temporary files differ", dir -> {
                    Path one = Files.createTempFile(dir, "pre", ".post");
                    Path two = Files.createTempFile(dir, "pre", ".post");
                    return !one.equals(two) && one.getFileName().toString().startsWith("pre")
                            && Files.size(one) == 0;
                }),
                alike("a temporary file with a slash in its name", dir ->
                        Files.createTempFile(dir, "a/b", null)),
                alike("a temporary file nowhere", dir ->
                        thrownBy(x -> Files.createTempFile(dir.resolve("no"), "a", null), dir)
                                .getClass()),
                alike("a temporary directory", dir ->
                        Files.isDirectory(Files.createTempDirectory(dir, null))));
    }

    /** An attribute nobody knows. */
    private static final class UnknownAttribute
            implements java.nio.file.attribute.FileAttribute<String> {
        @Override
        public String name() {
            return "color";
        }

        @Override
        public String value() {
            return "red";
        }
    }

    @TestFactory
    Stream<DynamicTest> deleting() {
        return Stream.of(
                alike("what is not there", dir -> Files.deleteIfExists(dir.resolve("no"))),
                alike("what must be there", each(dir -> {
                    Files.delete(dir.resolve("no"));
                    return null;
                })),
                alike("below a file", dir -> Files.deleteIfExists(file(dir, "a").resolve("b"))),
                alike("an empty directory", dir -> Files.deleteIfExists(directory(dir, "d"))),
                alike("a full directory", dir -> {
                    file(directory(dir, "d"), "a");
                    return Files.deleteIfExists(dir.resolve("d"));
                }),
                alike("a link and not its target", dir -> {
                    file(dir, "a");
                    Files.delete(link(dir, "l", "a"));
                    return Files.exists(dir.resolve("a"));
                }),
                alike("one of two names", dir -> {
                    Path one = file(dir, "a");
                    Path two = Files.createLink(dir.resolve("b"), one);
                    Files.delete(one);
                    return content(two) + Files.getAttribute(two, "unix:nlink");
                }),
                alike("an open file", dir -> {
                    Path a = file(dir, "a");
                    try (SeekableByteChannel channel = Files.newByteChannel(a)) {
                        Files.delete(a);
                        return channel.size() + " " + Files.exists(a);
                    }
                }),
                alike("on close", dir -> {
                    Path a = dir.resolve("a");
                    try (SeekableByteChannel channel =
                            Files.newByteChannel(a, CREATE_NEW, WRITE, DELETE_ON_CLOSE)) {
                        channel.write(ByteBuffer.allocate(10));
                    }
                    return Files.exists(a);
                }));
    }

    @TestFactory
    Stream<DynamicTest> opening() {
        return Stream.of(
                alike("to read by default", dir -> {
                    try (SeekableByteChannel channel = Files.newByteChannel(file(dir, "a"))) {
                        return each(x -> channel.write(ByteBuffer.allocate(1)),
                                x -> channel.truncate(0), x -> channel.size()).on(dir);
                    }
                }),
                alike("to write", dir -> {
                    try (SeekableByteChannel channel =
                            Files.newByteChannel(file(dir, "a"), WRITE)) {
                        return each(x -> channel.read(ByteBuffer.allocate(1)),
                                x -> channel.size()).on(dir);
                    }
                }),
                alike("what is not there", dir -> Files.newByteChannel(dir.resolve("a"), WRITE)),
                alike("to read and append", dir ->
                        Files.newByteChannel(file(dir, "a"), READ, APPEND)),
                alike("to truncate and append", dir ->
                        Files.newByteChannel(file(dir, "a"), TRUNCATE_EXISTING, APPEND)),
                alike("to read and truncate", dir -> {
                    Files.newByteChannel(file(dir, "a"), READ, TRUNCATE_EXISTING).close();
                    return content(dir.resolve("a"));
                }),
                alike("to read and create", dir ->
                        Files.newByteChannel(dir.resolve("a"), READ, CREATE)),
                alike("new, sparse", dir -> {
                    Files.newByteChannel(dir.resolve("a"), WRITE, CREATE_NEW, SPARSE).close();
                    return Files.size(dir.resolve("a"));
                }),
                alike("an option of no meaning here", dir ->
                        Files.newByteChannel(file(dir, "a"), READ,
                        new java.nio.file.OpenOption() { })),
                alike("null among options", dir ->
                        Files.newByteChannel(file(dir, "a"), READ, null)),
                alike("a directory to write", dir -> Files.newOutputStream(directory(dir, "d"))),
                alike("a link, not followed", dir -> {
                    file(dir, "a");
                    Path link = link(dir, "l", "a");
                    return thrownBy(x -> Files.newByteChannel(link, READ, NOFOLLOW_LINKS), dir)
                            instanceof IOException;
                }),
                alike("through a loop of links", dir -> {
                    link(dir, "l", "m");
                    link(dir, "m", "l");
                    return Files.exists(dir.resolve("l")) + " "
                            + Files.exists(dir.resolve("l"), NOFOLLOW_LINKS) + " "
                            + Files.isReadable(dir.resolve("l"));
                }),
                alike("an output stream, which replaces", dir -> {
                    try (OutputStream out = Files.newOutputStream(file(dir, "a"))) {
                        out.write('x');
                    }
                    return content(dir.resolve("a"));
                }),
                alike("an output stream for reading", dir ->
                        Files.newOutputStream(file(dir, "a"), READ)),
                alike("an input stream for writing", dir ->
                        Files.newInputStream(file(dir, "a"), WRITE)),
                alike("an input stream, skipped and marked", dir -> {
                    try (InputStream in = Files.newInputStream(file(dir, "a"))) {
                        return in.skip(3) + " " + in.read() + " " + in.available() + " "
                                + in.markSupported() + " " + in.readAllBytes().length + " "
                                + in.read() + " " + in.read(new byte[0]) + in.skip(5);
                    }
                }),
                alike("an input stream of a directory", dir -> {
                    try (InputStream in = Files.newInputStream(dir)) {
                        return in.read() > -2;
                    } catch (IOException e) {
                        return "an IOException";
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> links() {
        return Stream.of(
                alike("symbolic, over a name",
                dir -> link(dir, file(dir, "a").getFileName().toString(), "b")),
                alike("symbolic, with an empty target", dir -> link(dir, "l", "")),
                alike("symbolic, read",
                each(dir -> Files.readSymbolicLink(link(dir, "l", "a/../b")),
                        dir -> Files.readSymbolicLink(file(dir, "a")),
                        dir -> Files.readSymbolicLink(dir.resolve("no")),
                        dir -> Files.readSymbolicLink(dir))),
                alike("symbolic, with attributes", dir -> Files.createSymbolicLink(dir.resolve("l"),
                        dir, PosixFilePermissions.asFileAttribute(Set.of()))),
                alike("hard, over a name", dir ->
                        Files.createLink(file(dir, "a"), file(dir, "b"))),
                alike("hard, to nothing", dir ->
                        Files.createLink(dir.resolve("a"), dir.resolve("b"))),
                alike("hard, to a link", dir -> {
                    file(dir, "a");
                    Files.createLink(dir.resolve("b"), link(dir, "l", "a"));
                    return Files.isSymbolicLink(dir.resolve("b"));
                }),
                alike("real path", each(
                        dir -> dir.toRealPath().equals(dir.toRealPath(NOFOLLOW_LINKS)),
                        dir -> dir.resolve("no").toRealPath(),
                        dir -> dir.resolve("./no/..").toRealPath(),
                        dir -> file(dir, "a").resolve("..").toRealPath(),
                        dir -> directory(dir, "d").resolve("../a").toRealPath(),
                        dir -> link(dir, "l", "d").resolve("../a").toRealPath(),
                        dir -> dir.resolve("l/./").toRealPath(NOFOLLOW_LINKS))),
                alike("same file", each(dir -> Files.isSameFile(file(dir, "a"), dir.resolve("a")),
                        dir -> Files.isSameFile(dir.resolve("no"), dir.resolve("no")),
                        dir -> Files.isSameFile(dir.resolve("no"), dir.resolve("no2")),
                        dir -> Files.isSameFile(dir.resolve("a"), link(dir, "l", "a")),
                        dir -> Files.isSameFile(dir.resolve("a"),
                                Files.createLink(dir.resolve("h"), dir.resolve("a"))),
                        dir -> Files.isSameFile(dir.resolve("a"), file(dir, "b")))),
                alike("through 39 and 50 links", dir -> {
                    file(dir, "l0");
                    for (int i = 1; i <= 50; i++) {
                        link(dir, "l" + i, "l" + (i - 1));
                    }
                    return content(dir.resolve("l39")) + Files.exists(dir.resolve("l40"))
                            + Files.exists(dir.resolve("l41")) + Files.exists(dir.resolve("l50"));
                }));
    }

    @TestFactory
    Stream<DynamicTest> questions() {
        return Stream.of(
                alike("of what is there and is not", dir -> {
                    Path a = file(dir, "a");
                    Path l = link(dir, "l", "nowhere");
                    Path h = file(dir, ".hidden");
                    List<Object> answers = new ArrayList<>();
                    for (Path path : List.of(a, l, h, dir, dir.resolve("no"), a.resolve("b"))) {
                        answers.add(List.of(Files.exists(path), Files.notExists(path),
                                Files.exists(path, NOFOLLOW_LINKS), Files.isRegularFile(path),
                                Files.isDirectory(path), Files.isSymbolicLink(path),
                                Files.isHidden(path), Files.isReadable(path),
                                Files.isWritable(path)));
                    }
                    return answers;
                }),
                alike("of size", each(dir -> Files.size(file(dir, "a")),
                        dir -> Files.size(dir.resolve("no")))),
                alike("mismatch", each(dir -> Files.mismatch(file(dir, "a"), file(dir, "b")),
                        dir -> Files.mismatch(dir.resolve("a"), dir.resolve("a")),
                        dir -> Files.mismatch(dir.resolve("a"), dir.resolve("no")))),
                alike("of what is below a file", each(
                        dir -> Files.getLastModifiedTime(file(dir, "a").resolve("b")),
                        dir -> Files.isSameFile(dir.resolve("a/b"), dir.resolve("a")),
                        dir -> Files.readAllBytes(dir.resolve("a/b")),
                        dir -> Files.list(dir.resolve("a/b")),
                        dir -> Files.walk(dir.resolve("a/b")),
                        dir -> dir.resolve("a/b").toRealPath(),
                        dir -> Files.getOwner(dir.resolve("a/b")),
                        dir -> Files.setLastModifiedTime(dir.resolve("a/b"),
                                java.nio.file.attribute.FileTime.fromMillis(0)),
                        dir -> Files.isHidden(dir.resolve("a/b")),
                        dir -> Files.getFileStore(dir.resolve("a/b")),
                        dir -> Files.readSymbolicLink(dir.resolve("a/b")),
                        dir -> Files.createLink(dir.resolve("c"), dir.resolve("a/b")),
                        dir -> Files.createLink(dir.resolve("a/b"), dir.resolve("a")),
                        dir -> Files.createSymbolicLink(dir.resolve("a/b"), dir),
                        dir -> Files.move(dir.resolve("a"), dir.resolve("a/b")),
                        dir -> Files.deleteIfExists(dir.resolve("a/b")))),
                alike("of type", dir -> Files.probeContentType(file(dir, "a.txt"))),
                alike("lines", each(dir -> Files.write(dir.resolve("a"), List.of("é", "b"), UTF_8),
                        dir -> Files.readAllLines(dir.resolve("a")),
                        dir -> Files.lines(dir.resolve("no")),
                        dir -> {
                            try (Stream<String> lines = Files.lines(dir.resolve("a"))) {
                                return lines.toList();
                            }
                        },
                        dir -> Files.write(dir.resolve("a"), new byte[] {(byte) 0xff}),
                        dir -> Files.readString(dir.resolve("a")),
                        dir -> Files.readAllBytes(dir.resolve("a")))));
    }

    @TestFactory
    Stream<DynamicTest> walking() {
        return Stream.of(
                alike("a tree with a loop", dir -> {
                    tree(dir);
                    return visits(dir, Set.of(), Integer.MAX_VALUE);
                }),
                alike("a tree, following links", dir -> {
                    tree(dir);
                    return visits(dir, Set.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE);
                }),
                alike("to a depth", dir -> {
                    tree(dir);
                    return visits(dir, Set.of(), 1);
                }),
                alike("as a stream that meets a loop", dir -> {
                    tree(dir);
                    try (Stream<Path> walk = Files.walk(dir, FileVisitOption.FOLLOW_LINKS)) {
                        return walk.count();
                    }
                }),
                alike("find", dir -> {
                    tree(dir);
                    try (Stream<Path> found = Files.find(dir, 9,
                            (path, attributes) -> attributes.isSymbolicLink())) {
                        return found.toList();
                    }
                }),
                alike("from nowhere", each(dir -> Files.walk(dir.resolve("no")),
                        dir -> Files.list(dir.resolve("no")),
                        dir -> Files.list(file(dir, "a")),
                        dir -> Files.walk(dir.resolve("a")).toList(),
                        dir -> Files.walk(dir, -1))));
    }

    private static void tree(Path dir) throws IOException {
        directory(dir, "d");
        file(dir.resolve("d"), "a");
        link(dir.resolve("d"), "up", "..");
    }

    private static List<String> visits(Path dir, Set<FileVisitOption> options, int depth)
            throws IOException {
        List<String> visits = new ArrayList<>();
        Files.walkFileTree(dir, options, depth, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path at, BasicFileAttributes attributes) {
                visits.add("pre " + at);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path at, BasicFileAttributes attributes) {
                visits.add("file " + at + attributes.isSymbolicLink());
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path at, IOException e) {
                visits.add("failed " + at + e.getClass());
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path at, IOException e) {
                visits.add("post " + at);
                return FileVisitResult.CONTINUE;
            }
        });
        visits.sort(null);
        return visits;
    }
}
