package dev.holdfast.nio;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.COPY_ATTRIBUTES;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FilesTest extends EveryPlace {
    private Path file(String name, String content) throws IOException {
        return Files.writeString(path(name), content);
    }

    private List<String> names(Path directory) throws IOException {
        try (Stream<Path> list = Files.list(directory)) {
            return list.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    // ---- content

    @Test
    void whatIsWrittenIsRead() throws IOException {
        Path file = file("a", "one\ntwo\n");

        assertThat(Files.readString(file)).isEqualTo("one\ntwo\n");
        assertThat(Files.readAllLines(file)).containsExactly("one", "two");
        assertThat(Files.size(file)).isEqualTo(8);
        assertThat(Files.mismatch(file, file("b", "one\ntwx\n"))).isEqualTo(6);
    }

    @Test
    void appendingAddsAtTheEnd() throws IOException {
        Path file = file("a", "one");
        Files.writeString(file, " two", StandardOpenOption.APPEND);
        assertThat(Files.readString(file)).isEqualTo("one two");
    }

    @Test
    void streamsCopyMegabytes() throws IOException {
        byte[] bytes = new byte[3_000_001];
        new java.util.Random(1).nextBytes(bytes);
        Path file = path("big");
        try (var out = Files.newOutputStream(file)) {
            out.write(bytes);
        }
        try (var in = Files.newInputStream(file)) {
            assertThat(in.readAllBytes()).isEqualTo(bytes);
        }
    }

    @Test
    void openingSaysWhatIsMissingOrTaken() throws IOException {
        file("a", "x");
        Files.createDirectory(path("dir"));

        assertThatThrownBy(() -> Files.newInputStream(path("none")))
                .isExactlyInstanceOf(NoSuchFileException.class)
                .extracting(e -> ((NoSuchFileException) e).getFile())
                .isEqualTo(path("none").toString());
        assertThatThrownBy(() -> Files.newOutputStream(path("a"), StandardOpenOption.CREATE_NEW))
                .isExactlyInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> Files.newOutputStream(path("dir")))
                .isExactlyInstanceOf(FileSystemException.class).hasMessageContaining("directory");
        assertThatThrownBy(() -> Files.newByteChannel(path("a/b")))
                .isExactlyInstanceOf(FileSystemException.class).hasMessageContaining("Not a dir");
        assertThatThrownBy(() -> Files.newByteChannel(path("a"), StandardOpenOption.READ,
                StandardOpenOption.APPEND)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aFileToDeleteOnCloseIsGoneThenAndStaysUsableUntilThen() throws IOException {
        Path file = path("temporary");
        try (var channel = Files.newByteChannel(file, StandardOpenOption.CREATE,
                StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE)) {
            channel.write(java.nio.ByteBuffer.wrap(new byte[10_000]));
            assertThat(channel.size()).isEqualTo(10_000);
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void temporaryFilesAndDirectoriesHaveNamesOfTheirOwn() throws IOException {
        Path file = Files.createTempFile(root(), "x", ".tmp");
        Path directory = Files.createTempDirectory(root(), "d");

        assertThat(file.getFileName().toString()).startsWith("x").endsWith(".tmp");
        assertThat(directory).isDirectory();
        // The JDK asks for them on the default file system alone.
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo(place.isHoldfast() ? "rw-r--r--" : "rw-------");
    }

    // ---- names

    @Test
    void directoriesAreMadeListedAndRemoved() throws IOException {
        Files.createDirectories(path("a/b/c"));
        file("a/f", "");

        assertThat(names(path("a"))).containsExactly("b", "f");
        assertThatThrownBy(() -> Files.createDirectory(path("a")))
                .isExactlyInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> Files.createDirectory(path("x/y")))
                .isExactlyInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> Files.delete(path("a")))
                .isExactlyInstanceOf(DirectoryNotEmptyException.class);
        Files.delete(path("a/b/c"));
        assertThat(names(path("a/b"))).isEmpty();
        assertThat(Files.deleteIfExists(path("a/b/c"))).isFalse();
    }

    @Test
    void aThousandNamesAreListedOnceEach() throws IOException {
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            expected.add("n" + i);
            Files.createFile(path("n" + i));
        }
        assertThat(names(root())).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void aDirectoryStreamFiltersAndHasOneIterator() throws IOException {
        file("a.txt", "");
        file("b.log", "");
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(root(), "*.{txt,md}")) {
            Iterator<Path> names = stream.iterator();
            assertThat(names.next()).isEqualTo(path("a.txt"));
            assertThat(names.hasNext()).isFalse();
            assertThatThrownBy(stream::iterator).isInstanceOf(IllegalStateException.class);
        }
        assertThatThrownBy(() -> Files.newDirectoryStream(path("a.txt")))
                .isExactlyInstanceOf(NotDirectoryException.class);
    }

    @Test
    void walkingAndFindingSeeTheWholeTree() throws IOException {
        Files.createDirectories(path("a/b"));
        file("a/b/c", "x");
        try (Stream<Path> walk = Files.walk(root())) {
            assertThat(walk.map(p -> root().relativize(p).toString()))
                    .containsExactlyInAnyOrder("", "a", "a/b", "a/b/c");
        }
        try (Stream<Path> found = Files.find(root(), 9, (p, a) -> a.isRegularFile())) {
            assertThat(found).containsExactly(path("a/b/c"));
        }
    }

    // ---- links

    @Test
    void symbolicLinksAreFollowedUnlessAskedNotTo() throws IOException {
        file("a", "content");
        Path link = Files.createSymbolicLink(path("link"), root().getFileSystem().getPath("a"));

        assertThat(Files.readString(link)).isEqualTo("content");
        assertThat(Files.isSymbolicLink(link)).isTrue();
        assertThat(Files.isRegularFile(link)).isTrue();
        assertThat(Files.isRegularFile(link, NOFOLLOW_LINKS)).isFalse();
        assertThat(Files.readSymbolicLink(link).toString()).isEqualTo("a");
        assertThat(link.toRealPath()).isEqualTo(path("a").toRealPath());
        assertThat(Files.isSameFile(link, path("a"))).isTrue();
        assertThatThrownBy(() -> Files.readSymbolicLink(path("a")))
                .isExactlyInstanceOf(NotLinkException.class);
        Files.delete(link);
        assertThat(path("a")).exists();
    }

    @Test
    void writingThroughALinkThatLeadsNowhereMakesItsTarget() throws IOException {
        Files.createSymbolicLink(path("link"), root().getFileSystem().getPath("target"));

        Files.writeString(path("link"), "x");

        assertThat(Files.readString(path("target"))).isEqualTo("x");
        assertThatThrownBy(() -> Files.createFile(path("link")))
                .isExactlyInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void linksInCirclesAreErrors() throws IOException {
        Files.createSymbolicLink(path("x"), root().getFileSystem().getPath("y"));
        Files.createSymbolicLink(path("y"), root().getFileSystem().getPath("x"));
        assertThatThrownBy(() -> Files.readString(path("x")))
                .isInstanceOf(FileSystemException.class);
        assertThat(Files.exists(path("x"))).isFalse();
        assertThat(Files.exists(path("x"), NOFOLLOW_LINKS)).isTrue();
    }

    @Test
    void hardLinksAreNamesOfOneFile() throws IOException {
        Path file = file("a", "1");
        Path other = Files.createLink(path("b"), file);

        Files.writeString(other, "2");

        assertThat(Files.readString(file)).isEqualTo("2");
        assertThat(Files.getAttribute(file, "unix:nlink")).isEqualTo(2);
        assertThat(Files.isSameFile(file, other)).isTrue();
        Files.delete(file);
        assertThat(Files.readString(other)).isEqualTo("2");
    }

    // ---- copy and move

    @Test
    void copyingKeepsContentAndMode() throws IOException {
        Path file = file("a", "x".repeat(700_000));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x---"));
        FileTime time = FileTime.from(Instant.parse("2020-01-01T00:00:00.123456789Z"));
        Files.setLastModifiedTime(file, time);

        Files.copy(file, path("b"));
        Files.copy(file, path("c"), COPY_ATTRIBUTES);

        assertThat(Files.mismatch(file, path("b"))).isEqualTo(-1);
        assertThat(Files.getPosixFilePermissions(path("b")))
                .isEqualTo(Files.getPosixFilePermissions(file));
        assertThat(Files.getLastModifiedTime(path("b"))).isNotEqualTo(time);
        assertThat(Files.getLastModifiedTime(path("c"))).isEqualTo(time);
    }

    @Test
    void copyingReplacesOnlyWhenAsked() throws IOException {
        Path file = file("a", "new");
        file("b", "old");
        Files.createDirectories(path("full/x"));

        assertThatThrownBy(() -> Files.copy(file, path("b")))
                .isExactlyInstanceOf(FileAlreadyExistsException.class);
        Files.copy(file, path("b"), REPLACE_EXISTING);
        assertThat(Files.readString(path("b"))).isEqualTo("new");
        assertThatThrownBy(() -> Files.copy(file, path("full"), REPLACE_EXISTING))
                .isExactlyInstanceOf(DirectoryNotEmptyException.class);
        Files.copy(file, file);
        assertThat(Files.readString(file)).isEqualTo("new");
    }

    @Test
    void movingRenames() throws IOException {
        Path file = file("a", "1");
        file("b", "2");
        Files.createDirectories(path("dir/sub"));

        assertThatThrownBy(() -> Files.move(file, path("b")))
                .isExactlyInstanceOf(FileAlreadyExistsException.class);
        Files.move(file, path("b"), REPLACE_EXISTING);
        assertThat(Files.readString(path("b"))).isEqualTo("1");
        assertThat(file).doesNotExist();
        Files.move(path("b"), path("dir/c"), ATOMIC_MOVE);
        Files.move(path("dir"), path("moved"));
        assertThat(names(path("moved"))).containsExactly("c", "sub");
        assertThatThrownBy(() -> Files.move(path("moved"), path("moved/sub/x")))
                .isInstanceOf(FileSystemException.class);
        assertThatThrownBy(() -> Files.move(path("none"), path("x")))
                .isExactlyInstanceOf(NoSuchFileException.class);
    }

    @Test
    void movingBetweenProvidersCopiesAndDeletes() throws IOException {
        Path file = file("a", "across");
        try (Place.Mounted other = Place.MEMFD.open(VOLUME_BYTES)) {
            Path target = other.root().resolve("b");
            Files.move(file, target);
            assertThat(Files.readString(target)).isEqualTo("across");
            assertThat(file).doesNotExist();
            Files.copy(target, file);
            assertThat(Files.readString(file)).isEqualTo("across");
        }
    }

    // ---- attributes

    @Test
    void timesOwnersAndModesAreKept() throws IOException {
        Path file = file("a", "x");
        FileTime time = FileTime.from(Instant.parse("1999-12-31T23:59:59.999999999Z"));

        Files.setAttribute(file, "lastModifiedTime", time);
        Files.setAttribute(file, "unix:mode", 0640);
        Files.setOwner(file, root().getFileSystem().getUserPrincipalLookupService()
                .lookupPrincipalByName("root"));

        assertThat(Files.getLastModifiedTime(file)).isEqualTo(time);
        assertThat(Files.getAttribute(file, "unix:mode")).isEqualTo(0100640);
        assertThat(Files.readAttributes(file, "posix:permissions,owner").keySet())
                .containsExactlyInAnyOrder("permissions", "owner");
        assertThat(Files.getOwner(file).getName()).isEqualTo("root");
        assertThat(Files.readAttributes(file, "*")).containsKeys("size", "isDirectory", "fileKey")
                .doesNotContainKey("owner");
        assertThatThrownBy(() -> Files.readAttributes(file, "none:*"))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> Files.readAttributes(file, "sise"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aFilesKeyStaysWithItWhereverItMoves() throws IOException {
        Object key = Files.readAttributes(file("a", ""),
                java.nio.file.attribute.BasicFileAttributes.class).fileKey();
        Files.move(path("a"), path("b"));
        assertThat(Files.readAttributes(path("b"),
                java.nio.file.attribute.BasicFileAttributes.class).fileKey()).isEqualTo(key);
    }

    @Test
    void accessIsCheckedAsFarAsItExists() throws IOException {
        Path file = file("a", "x");
        assertThat(Files.isReadable(file)).isTrue();
        assertThat(Files.isWritable(file)).isTrue();
        assertThat(Files.isExecutable(file)).isFalse();
        assertThat(Files.isExecutable(root())).isTrue();
        assertThat(Files.exists(path("none"))).isFalse();
        assertThat(Files.notExists(path("none"))).isTrue();
        assertThat(Files.isHidden(path(".hidden"))).isTrue();
    }
}
