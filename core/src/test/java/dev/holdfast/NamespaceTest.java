package dev.holdfast;

import static dev.holdfast.TestVolume.assertFails;
import static dev.holdfast.TestVolume.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.file.DirectoryEntry;
import dev.holdfast.file.FileStat;
import dev.holdfast.file.FileType;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Names: making, linking, removing, walking. Each state is looked at again after a remount. */
class NamespaceTest {
    private TestVolume test;

    @BeforeEach
    void make() throws IOException {
        test = TestVolume.inMemory(4 << 20);
    }

    @AfterEach
    void close() throws IOException {
        test.close();
    }

    private interface Check {
        void run() throws IOException;
    }

    /** Checks now, and when everything comes from the medium. */
    private void nowAndAfterRemount(Check check) throws IOException {
        check.run();
        test.remount();
        check.run();
    }

    @Test
    void aNewVolumeIsAnEmptyRootDirectory() throws IOException {
        nowAndAfterRemount(() -> {
            assertThat(test.volume().list("/")).isEmpty();
            FileStat root = test.volume().stat("/");
            assertThat(root.type()).isEqualTo(FileType.DIRECTORY);
            assertThat(root.mode()).isEqualTo(0755);
            assertThat(root.links()).isEqualTo(2);
            assertThat(root.createNanos()).isEqualTo(TestVolume.START_NANOS);
        });
    }

    @Test
    void aCreatedFileIsThereEmptyWithOneLink() throws IOException {
        long now = test.tick();
        test.create("/a").close();
        nowAndAfterRemount(() -> {
            FileStat stat = test.volume().stat("/a");
            assertThat(stat.type()).isEqualTo(FileType.FILE);
            assertThat(stat.mode()).isEqualTo(0644);
            assertThat(stat.links()).isEqualTo(1);
            assertThat(stat.sizeBytes()).isZero();
            assertThat(stat.blocks()).isZero();
            assertThat(stat.createNanos()).isEqualTo(now);
            assertThat(stat.modifyNanos()).isEqualTo(now);
            assertThat(stat.accessNanos()).isEqualTo(now);
            assertThat(test.volume().stat("/").modifyNanos()).isEqualTo(now);
            assertThat(test.volume().stat("/").changeNanos()).isEqualTo(now);
        });
    }

    @Test
    void aTakenNameCannotBeMadeAgain() throws IOException {
        test.create("/a").close();
        test.volume().createDirectory("/d");
        assertFails(ErrorCode.EXISTS, () -> test.create("/a"));
        assertFails(ErrorCode.EXISTS, () -> test.volume().createDirectory("/a"));
        assertFails(ErrorCode.EXISTS, () -> test.create("/d"));
        assertFails(ErrorCode.EXISTS, () -> test.volume().createSymbolicLink("/a", "x"));
        assertFails(ErrorCode.EXISTS, () -> test.volume().link("/a", "/d"));
        assertThat(test.names("/")).containsExactly("a", "d");
    }

    @Test
    void whatIsNotThereIsNotFound() {
        assertFails(ErrorCode.NOT_FOUND, () -> test.open("/a"));
        assertFails(ErrorCode.NOT_FOUND, () -> test.create("/no/a"));
        assertFails(ErrorCode.NOT_FOUND, () -> test.volume().stat("/a"));
        assertFails(ErrorCode.NOT_FOUND, () -> test.volume().unlink("/a"));
        assertFails(ErrorCode.NOT_FOUND, () -> test.volume().removeDirectory("/a"));
        assertFails(ErrorCode.NOT_FOUND, () -> test.volume().link("/a", "/b"));
        assertFails(ErrorCode.NOT_FOUND, () -> test.volume().list("/a"));
        assertFails(ErrorCode.NOT_FOUND, () -> test.volume().stat(""));
    }

    @Test
    void aFileIsNoDirectoryAndADirectoryNoFile() throws IOException {
        test.create("/a").close();
        test.volume().createDirectory("/d");
        assertFails(ErrorCode.NOT_A_DIRECTORY, () -> test.create("/a/b"));
        assertFails(ErrorCode.NOT_A_DIRECTORY, () -> test.volume().stat("/a/b"));
        assertFails(ErrorCode.NOT_A_DIRECTORY, () -> test.volume().stat("/a/.."));
        assertFails(ErrorCode.NOT_A_DIRECTORY, () -> test.volume().list("/a"));
        assertFails(ErrorCode.NOT_A_DIRECTORY, () -> test.volume().removeDirectory("/a"));
        assertFails(ErrorCode.IS_A_DIRECTORY, () -> test.open("/d"));
        assertFails(ErrorCode.IS_A_DIRECTORY, () -> test.volume().unlink("/d"));
        assertFails(ErrorCode.ACCESS_DENIED, () -> test.volume().link("/d", "/e"));
    }

    @Test
    void directoriesCountTheirSubdirectoriesAsLinks() throws IOException {
        test.volume().createDirectory("/d");
        test.volume().createDirectory("/d/e");
        test.volume().createDirectory("/d/f");
        test.create("/d/file").close();
        nowAndAfterRemount(() -> {
            assertThat(test.volume().stat("/d").links()).isEqualTo(4);
            assertThat(test.volume().stat("/d").sizeBytes()).isEqualTo(3);
            assertThat(test.volume().stat("/").links()).isEqualTo(3);
        });
        long now = test.tick();
        test.volume().removeDirectory("/d/e");
        nowAndAfterRemount(() -> {
            assertThat(test.volume().stat("/d").links()).isEqualTo(3);
            assertThat(test.volume().stat("/d").modifyNanos()).isEqualTo(now);
            assertThat(test.names("/d")).containsExactly("f", "file");
        });
    }

    @Test
    void onlyAnEmptyDirectoryCanBeRemoved() throws IOException {
        test.volume().createDirectory("/d");
        test.create("/d/a").close();
        assertFails(ErrorCode.NOT_EMPTY, () -> test.volume().removeDirectory("/d"));
        test.volume().unlink("/d/a");
        test.volume().removeDirectory("/d");
        nowAndAfterRemount(() -> assertThat(test.volume().exists("/d")).isFalse());
    }

    @Test
    void theRootCanNeitherBeRemovedNorReplaced() throws IOException {
        test.volume().createDirectory("/d");
        assertFails(ErrorCode.INVALID, () -> test.volume().removeDirectory("/"));
        assertFails(ErrorCode.INVALID, () -> test.volume().createDirectory("/"));
        assertFails(ErrorCode.INVALID, () -> test.volume().removeDirectory("/d/."));
        assertFails(ErrorCode.INVALID, () -> test.volume().removeDirectory("/d/.."));
        assertFails(ErrorCode.INVALID, () -> test.volume().createDirectory("/d/.."));
    }

    @Test
    void hardLinksAreOneFileUnderManyNames() throws IOException {
        test.write("/a", text("one"));
        test.volume().createDirectory("/d");
        long now = test.tick();
        test.volume().link("/a", "/d/b");
        nowAndAfterRemount(() -> {
            assertThat(test.volume().stat("/a")).isEqualTo(test.volume().stat("/d/b"));
            assertThat(test.volume().stat("/a").links()).isEqualTo(2);
            assertThat(test.volume().stat("/a").changeNanos()).isEqualTo(now);
            assertThat(test.read("/d/b")).asString().isEqualTo("one");
        });
        test.volume().unlink("/a");
        nowAndAfterRemount(() -> {
            assertThat(test.volume().stat("/d/b").links()).isEqualTo(1);
            assertThat(test.read("/d/b")).asString().isEqualTo("one");
        });
    }

    @Test
    void aNameCanBeUsedAgainAndMeansAnotherFile() throws IOException {
        test.write("/a", text("one"));
        long first = test.volume().stat("/a").inode();
        test.volume().unlink("/a");
        test.write("/a", text("two"));
        nowAndAfterRemount(() -> {
            assertThat(test.volume().stat("/a").inode()).isNotEqualTo(first);
            assertThat(test.read("/a")).asString().isEqualTo("two");
        });
    }

    @Test
    void symbolicLinksAreFollowedOnTheWayAndAtTheEndWhereSaid() throws IOException {
        test.volume().createDirectory("/d");
        test.write("/d/a", text("found"));
        test.volume().createSymbolicLink("/absolute", "/d");
        test.volume().createSymbolicLink("/d/relative", "a");
        test.volume().createSymbolicLink("/up", "d/../absolute/./relative");
        test.volume().createSymbolicLink("/dangling", "nowhere");
        nowAndAfterRemount(() -> {
            assertThat(test.read("/absolute/a")).asString().isEqualTo("found");
            assertThat(test.read("/absolute/relative")).asString().isEqualTo("found");
            assertThat(test.read("/up")).asString().isEqualTo("found");
            assertThat(test.volume().readSymbolicLink("/up"))
                    .isEqualTo("d/../absolute/./relative");
            assertThat(test.volume().statLink("/up").type()).isEqualTo(FileType.SYMLINK);
            assertThat(test.volume().statLink("/up").sizeBytes()).isEqualTo(24);
            assertThat(test.volume().exists("/dangling")).isTrue();
            assertFails(ErrorCode.NOT_FOUND, () -> test.volume().stat("/dangling"));
            assertFails(ErrorCode.INVALID, () -> test.volume().readSymbolicLink("/d"));
            assertFails(ErrorCode.EXISTS, () -> test.create("/dangling"));
        });
        test.volume().unlink("/up");
        assertThat(test.volume().exists("/d/a")).isTrue();
    }

    @Test
    void fortyLinksInAPathAreFollowedAndNoMore() throws IOException {
        test.write("/l0", text("end"));
        for (int i = 1; i <= 41; i++) {
            test.volume().createSymbolicLink("/l" + i, "l" + (i - 1));
        }
        assertThat(test.read("/l40")).asString().isEqualTo("end");
        assertFails(ErrorCode.SYMLINK_LOOP, () -> test.open("/l41"));
    }

    @Test
    void aLoopOfLinksIsAnErrorNotAHang() throws IOException {
        test.volume().createSymbolicLink("/a", "/b");
        test.volume().createSymbolicLink("/b", "a");
        test.volume().createSymbolicLink("/self", "self/self");
        assertFails(ErrorCode.SYMLINK_LOOP, () -> test.volume().stat("/a"));
        assertFails(ErrorCode.SYMLINK_LOOP, () -> test.volume().stat("/self"));
        assertThat(test.volume().statLink("/a").type()).isEqualTo(FileType.SYMLINK);
    }

    @Test
    void pathsMayBeUntidyAndNeverLeaveTheRoot() throws IOException {
        test.volume().createDirectory("/d");
        test.write("/d/a", text("found"));
        for (String path : new String[] {"d/a", "//d///a", "/d/./a", "/d/../d/a", "/../../d/a",
            "/./d/.././../d/a/"}) {
            assertThat(test.read(path)).as(path).asString().isEqualTo("found");
        }
    }

    @Test
    void aListedEntrySaysWhatItNames() throws IOException {
        test.volume().createDirectory("/d");
        test.create("/a").close();
        test.volume().createSymbolicLink("/s", "a");
        nowAndAfterRemount(() -> {
            assertThat(test.volume().list("/")).extracting(DirectoryEntry::name,
                    DirectoryEntry::type)
                    .containsExactlyInAnyOrder(
                            org.assertj.core.groups.Tuple.tuple("d", FileType.DIRECTORY),
                            org.assertj.core.groups.Tuple.tuple("a", FileType.FILE),
                            org.assertj.core.groups.Tuple.tuple("s", FileType.SYMLINK));
            for (DirectoryEntry entry : test.volume().list("/")) {
                assertThat(entry.inode()).isEqualTo(
                        test.volume().statLink("/" + entry.name()).inode());
            }
        });
    }

    @Test
    void aTreeOfDirectoriesIsAsDeepAsAPathCanBe() throws IOException {
        StringBuilder path = new StringBuilder();
        for (int depth = 0; depth < 500; depth++) {
            path.append("/d");
            test.volume().createDirectory(path.toString());
        }
        test.remount();
        for (int depth = 0; depth < 500; depth++) {
            test.volume().removeDirectory(path.toString());
            path.setLength(path.length() - 2);
        }
        assertThat(test.names("/")).isEmpty();
    }
}
