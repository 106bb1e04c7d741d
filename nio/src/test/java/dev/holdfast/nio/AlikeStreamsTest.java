package dev.holdfast.nio;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.COPY_ATTRIBUTES;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Copies and moves; directory streams, secure ones too; keys of watch services. */
class AlikeStreamsTest extends Alike {
    /** Makes one of everything. */
    private static void everything(Path dir) throws IOException {
        file(dir, "file");
        file(dir, "file2");
        directory(dir, "empty");
        directory(dir, "empty2");
        file(directory(dir, "full"), "x");
        link(dir, "link", "file");
        link(dir, "linkToDirectory", "full");
        link(dir, "dangling", "nowhere");
    }

    private static final String[] THINGS = {"file", "file2", "empty", "empty2", "full", "link",
        "linkToDirectory", "dangling", "none", "full/x", "full/y", "file/x"};

    private interface Transfer {
        Path apply(Path source, Path target, CopyOption... options) throws IOException;
    }

    /** Tries a transfer from each thing to each thing, with the same options. */
    private static Call product(Transfer transfer, CopyOption... options) {
        return dir -> {
            List<Object> outcomes = new ArrayList<>();
            int number = 0;
            for (String from : THINGS) {
                for (String to : THINGS) {
                    Path at = directory(dir, "p" + number++);
                    everything(at);
                    Object outcome = thrownBy(x -> transfer.apply(
                            at.resolve(from), at.resolve(to), options), dir);
                    outcomes.add("\n" + from + " -> " + to + " = " + (outcome instanceof Exception e
                            ? kind(e) : "done") + " " + tree(at));
                }
            }
            return outcomes;
        };
    }

    private static List<String> tree(Path dir) throws IOException {
        try (Stream<Path> walk = Files.walk(dir)) {
            return walk.skip(1).map(path -> dir.relativize(path) + (Files.isSymbolicLink(path) ? "@"
                    : Files.isDirectory(path) ? "/" : "=" + size(path))).sorted().toList();
        }
    }

    private static long size(Path path) {
        try {
            return Files.size(path);
        } catch (IOException e) {
            return -1;
        }
    }

    /** The class of an exception; docs/nio.md lists why two kinds of them stand for one. */
    private static String kind(Exception e) {
        String message = String.valueOf(e.getMessage());
        if (message.contains("Not a directory") || message.contains("Is a directory")
                || message.contains("not empty") || message.contains("Too many levels")
                || e instanceof java.nio.file.DirectoryNotEmptyException) {
            return "refused";
        }
        return e.getClass().getSimpleName();
    }

    @TestFactory
    Stream<DynamicTest> everyCopyAndMove() {
        return Stream.of(alike("copy", product(Files::copy)),
                alike("copy, replacing", product(Files::copy, REPLACE_EXISTING)),
                alike("copy of links", product(Files::copy, NOFOLLOW_LINKS)),
                alike("copy of links, replacing",
                        product(Files::copy, NOFOLLOW_LINKS, REPLACE_EXISTING)),
                alike("move", product(Files::move)));
    }

    @TestFactory
    Stream<DynamicTest> copying() {
        return Stream.of(
                alike("attributes, and without", dir -> {
                    Path source = file(dir, "a");
                    Files.setPosixFilePermissions(source,
                            PosixFilePermissions.fromString("r-x--x--x"));
                    Files.setLastModifiedTime(source, FileTime.fromMillis(123_456));
                    Files.getFileAttributeView(source, UserDefinedFileAttributeView.class)
                            .write("k", java.nio.ByteBuffer.wrap(new byte[] {1}));
                    Path with = Files.copy(source, dir.resolve("b"), COPY_ATTRIBUTES);
                    Path without = Files.copy(source, dir.resolve("c"));
                    return List.of(Files.getLastModifiedTime(with),
                            Files.getPosixFilePermissions(with).size(),
                            Files.getPosixFilePermissions(without).size(),
                            Files.getLastModifiedTime(without).toMillis() > 123_456,
                            Files.getFileAttributeView(with,
                            UserDefinedFileAttributeView.class).list());
                }),
                alike("of a directory's attributes", dir -> {
                    Path source = directory(dir, "d");
                    Files.setLastModifiedTime(source, FileTime.fromMillis(123_456));
                    return Files.getLastModifiedTime(Files.copy(source, dir.resolve("e"),
                            COPY_ATTRIBUTES));
                }),
                alike("options that make no sense", each(
                        dir -> Files.copy(file(dir, "a"), dir.resolve("b"), ATOMIC_MOVE),
                        dir -> Files.copy(dir.resolve("a"), dir.resolve("b"), (CopyOption) null),
                        dir -> Files.move(dir.resolve("a"), dir.resolve("b"), COPY_ATTRIBUTES),
                        dir -> Files.move(dir.resolve("a"), dir.resolve("b"), (CopyOption) null),
                        dir -> Files.copy(new ByteArrayInputStream(new byte[1]), dir.resolve("c"),
                                COPY_ATTRIBUTES))),
                alike("onto itself", each(dir -> Files.copy(file(dir, "a"), dir.resolve("a")),
                        dir -> Files.copy(dir.resolve("a"), dir.resolve("a"), REPLACE_EXISTING),
                        dir -> Files.move(dir.resolve("a"), dir.resolve("a")),
                        dir -> Files.move(dir.resolve("a"), dir.resolve("a"), ATOMIC_MOVE),
                        dir -> Files.move(dir.resolve("a"),
                                Files.createLink(dir.resolve("b"), dir.resolve("a"))),
                        dir -> tree(dir))),
                alike("moves into itself", each(
                        dir -> Files.move(directory(dir, "d"), dir.resolve("d/e")),
                        dir -> Files.move(dir.resolve("d"), dir.resolve("d/e"), ATOMIC_MOVE))),
                alike("atomic moves", each(dir -> {
                    everything(dir);
                    return Files.move(dir.resolve("file"), dir.resolve("file2"), ATOMIC_MOVE);
                }, dir -> Files.move(dir.resolve("full"), dir.resolve("empty"), ATOMIC_MOVE),
                        dir -> Files.move(dir.resolve("none"), dir.resolve("x"), ATOMIC_MOVE),
                        dir -> Files.move(dir.resolve("link"), dir.resolve("file2"), ATOMIC_MOVE),
                        dir -> tree(dir))),
                alike("streams", each(
                        dir -> Files.copy(new ByteArrayInputStream(new byte[9]), dir.resolve("a")),
                        dir -> Files.copy(new ByteArrayInputStream(new byte[9]), dir.resolve("a")),
                        dir -> Files.copy(new ByteArrayInputStream(new byte[5]), dir.resolve("a"),
                                REPLACE_EXISTING),
                        dir -> Files.copy(dir.resolve("a"), new ByteArrayOutputStream()),
                        dir -> Files.copy(dir.resolve("no"), new ByteArrayOutputStream()),
                        dir -> Files.copy(new ByteArrayInputStream(new byte[5]),
                        directory(dir, "d"),
                                REPLACE_EXISTING))));
    }

    // ---- directory streams

    private static List<String> names(DirectoryStream<Path> stream) {
        Set<String> names = new TreeSet<>();
        stream.forEach(path -> names.add(path.toString()));
        return List.copyOf(names);
    }

    @TestFactory
    Stream<DynamicTest> directoryStreams() {
        return Stream.of(
                alike("names, filters, globs", each(dir -> {
                    everything(dir);
                    try (DirectoryStream<Path> stream = Files.newDirectoryStream(dir)) {
                        return names(stream);
                    }
                }, dir -> {
                    try (DirectoryStream<Path> stream = Files.newDirectoryStream(dir, "*{y,2}")) {
                        return names(stream);
                    }
                }, dir -> {
                    try (DirectoryStream<Path> stream =
                            Files.newDirectoryStream(dir, path -> Files.isDirectory(path))) {
                        return names(stream);
                    }
                }, dir -> Files.newDirectoryStream(dir, "[") == null,
                        dir -> Files.newDirectoryStream(dir.resolve("file")),
                        dir -> Files.newDirectoryStream(dir.resolve("none")),
                        dir -> Files.newDirectoryStream(dir.resolve("dangling")),
                        dir -> {
                            try (DirectoryStream<Path> stream =
                                    Files.newDirectoryStream(dir.resolve("linkToDirectory"))) {
                                return names(stream);
                            }
                        })),
                alike("one iterator, and none when closed", dir -> {
                    everything(dir);
                    DirectoryStream<Path> stream = Files.newDirectoryStream(dir);
                    Iterator<Path> iterator = stream.iterator();
                    iterator.next();
                    Object[] open = {thrownBy(x -> stream.iterator(), dir), thrownBy(x -> {
                        iterator.remove();
                        return null;
                    }, dir)};
                    stream.close();
                    stream.close();
                    int left = 0;
                    while (iterator.hasNext()) {
                        iterator.next();
                        left++;
                    }
                    return List.of(open[0], open[1], left <= 1, thrownBy(x -> iterator.next(), dir),
                            thrownBy(x -> stream.iterator(), dir), iterator.hasNext());
                }),
                alike("the end", dir -> {
                    try (DirectoryStream<Path> stream = Files.newDirectoryStream(dir)) {
                        Iterator<Path> iterator = stream.iterator();
                        return List.of(iterator.hasNext(), thrownBy(x -> iterator.next(), dir),
                                iterator.hasNext());
                    }
                }),
                alike("a filter that fails", dir -> {
                    file(dir, "a");
                    try (DirectoryStream<Path> stream = Files.newDirectoryStream(dir, path -> {
                        throw new IOException("no");
                    })) {
                        Object thrown = thrownBy(x -> stream.iterator().hasNext(), dir);
                        return thrown + " " + ((Exception) thrown).getCause();
                    }
                }));
    }

    private static SecureDirectoryStream<Path> secure(Path dir) throws IOException {
        return (SecureDirectoryStream<Path>) Files.newDirectoryStream(dir);
    }

    @TestFactory
    Stream<DynamicTest> secureDirectoryStreams() {
        return Stream.of(
                alike("operations", dir -> {
                    everything(dir);
                    try (SecureDirectoryStream<Path> at = secure(dir);
                            SecureDirectoryStream<Path> other = secure(dir.resolve("full"))) {
                        Path name = dir.getFileSystem().getPath("");
                        return each(x -> names(at.newDirectoryStream(name.resolveSibling("full"))),
                                x -> at.newDirectoryStream(name.resolveSibling("file")),
                                x -> at.newDirectoryStream(name.resolveSibling("none")),
                                x -> names(at.newDirectoryStream(name
                                .resolveSibling("linkToDirectory"))),
                                x -> thrownBy(y -> at.newDirectoryStream(
                                        name.resolveSibling("linkToDirectory"), NOFOLLOW_LINKS), x)
                                        instanceof IOException,
                                x -> at.newByteChannel(name.resolveSibling("file"),
                                Set.of(READ)).size(),
                                x -> at.newByteChannel(name.resolveSibling("file"),
                                        Set.of(WRITE, CREATE_NEW)).size(),
                                x -> thrownBy(y -> at.newByteChannel(name.resolveSibling("link"),
                                        Set.of(READ, NOFOLLOW_LINKS)), x) instanceof IOException,
                                x -> gone(() -> at.deleteFile(name.resolveSibling("full"))),
                                x -> gone(() -> at.deleteFile(name.resolveSibling("none"))),
                                x -> gone(() -> at.deleteDirectory(name.resolveSibling("file2"))),
                                x -> gone(() -> at.deleteDirectory(name.resolveSibling("empty"))),
                                x -> gone(() -> at.deleteFile(name.resolveSibling("dangling"))),
                                x -> gone(() -> at.move(name.resolveSibling("file2"), other,
                                        name.resolveSibling("y"))),
                                x -> gone(() -> at.move(name.resolveSibling("none"), other,
                                        name.resolveSibling("z"))),
                                x -> gone(() -> at.move(name.resolveSibling("file"), null,
                                        name.resolveSibling("z"))),
                                x -> at.getFileAttributeView(BasicFileAttributeView.class)
                                        .readAttributes().isDirectory(),
                                x -> at.getFileAttributeView(name.resolveSibling("link"),
                                        PosixFileAttributeView.class, NOFOLLOW_LINKS)
                                        .readAttributes().isSymbolicLink(),
                                x -> at.getFileAttributeView(name.resolveSibling("none"),
                                        BasicFileAttributeView.class).readAttributes(),
                                x -> tree(dir)).on(dir);
                    }
                }),
                alike("a directory that was moved is still the same", dir -> {
                    everything(dir);
                    try (SecureDirectoryStream<Path> at = secure(dir.resolve("full"))) {
                        Files.move(dir.resolve("full"), dir.resolve("moved"));
                        at.deleteFile(dir.getFileSystem().getPath("x"));
                        return tree(dir);
                    }
                }),
                alike("closed", dir -> {
                    SecureDirectoryStream<Path> at = secure(dir);
                    at.close();
                    Path name = dir.getFileSystem().getPath("a");
                    return each(x -> at.newDirectoryStream(name),
                            x -> at.newByteChannel(name, Set.of(READ)),
                            x -> gone(() -> at.deleteFile(name)),
                            x -> gone(() -> at.deleteDirectory(name)),
                            x -> gone(() -> at.move(name, at, name)), x -> at.getFileAttributeView(
                                    BasicFileAttributeView.class).readAttributes()).on(dir);
                }));
    }

    /** An action on a stream. */
    private interface Action {
        void run() throws IOException;
    }

    private static Object gone(Action action) throws IOException {
        try {
            action.run();
            return "done";
        } catch (IOException e) {
            return kind(e);
        }
    }

    // ---- watch services

    @TestFactory
    Stream<DynamicTest> watching() {
        return Stream.of(
                alike("registering", dir -> {
                    try (WatchService service = dir.getFileSystem().newWatchService()) {
                        WatchKey key = dir.register(service, StandardWatchEventKinds.ENTRY_CREATE);
                        return each(x -> dir.register(service, StandardWatchEventKinds.ENTRY_DELETE)
                                == key,
                                x -> key.isValid(), x -> key.watchable().equals(dir),
                                x -> key.reset(),
                                x -> key.pollEvents(), x -> service.poll(),
                                x -> dir.register(service),
                                x -> dir.register(service, StandardWatchEventKinds.OVERFLOW),
                                x -> dir.register(service, (java.nio.file.WatchEvent.Kind<?>) null),
                                x -> dir.register(null, StandardWatchEventKinds.ENTRY_CREATE),
                                x -> file(dir, "a").register(service,
                                StandardWatchEventKinds.ENTRY_CREATE),
                                x -> dir.resolve("no").register(service,
                                        StandardWatchEventKinds.ENTRY_CREATE),
                                x -> {
                                    key.cancel();
                                    key.cancel();
                                    return key.isValid() + " " + key.reset();
                                }).on(dir);
                    }
                }),
                alike("closed", dir -> {
                    WatchService service = dir.getFileSystem().newWatchService();
                    WatchKey key = dir.register(service, StandardWatchEventKinds.ENTRY_CREATE);
                    service.close();
                    service.close();
                    return each(x -> service.poll(), x -> service.take(), x -> key.isValid(),
                            x -> dir.register(service,
                            StandardWatchEventKinds.ENTRY_CREATE)).on(dir);
                }));
    }
}
