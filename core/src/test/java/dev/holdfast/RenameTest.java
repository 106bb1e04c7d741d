package dev.holdfast;

import static dev.holdfast.TestVolume.assertFails;
import static dev.holdfast.TestVolume.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.file.RenameMode;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every kind of rename over every kind of name. */
class RenameTest {
    private TestVolume test;

    @BeforeEach
    void make() throws IOException {
        test = TestVolume.inMemory(4 << 20);
        Volume volume = test.volume();
        volume.createDirectory("/d");
        volume.createDirectory("/d/sub");
        volume.createDirectory("/e");
        test.write("/f", text("f"));
        test.write("/g", text("g"));
        test.write("/d/x", text("x"));
    }

    @AfterEach
    void close() throws IOException {
        test.close();
    }

    private void rename(String from, String to) throws IOException {
        test.volume().rename(from, to, RenameMode.REPLACE);
    }

    private void exchange(String from, String to) throws IOException {
        test.volume().rename(from, to, RenameMode.EXCHANGE);
    }

    private void refused(ErrorCode code, String from, String to, RenameMode mode) {
        assertFails(code, () -> test.volume().rename(from, to, mode));
    }

    @Test
    void aFileGetsAnotherNameInItsDirectory() throws IOException {
        long now = test.tick();
        rename("/f", "/h");
        test.remount();
        assertThat(test.names("/")).containsExactly("d", "e", "g", "h");
        assertThat(test.read("/h")).asString().isEqualTo("f");
        assertThat(test.volume().stat("/").modifyNanos()).isEqualTo(now);
        assertThat(test.volume().stat("/h").changeNanos()).isEqualTo(now);
        assertThat(test.volume().stat("/h").modifyNanos()).isEqualTo(TestVolume.START_NANOS);
    }

    @Test
    void aFileMovesToAnotherDirectory() throws IOException {
        long now = test.tick();
        rename("/f", "/d/sub/f");
        test.remount();
        assertThat(test.volume().exists("/f")).isFalse();
        assertThat(test.read("/d/sub/f")).asString().isEqualTo("f");
        assertThat(test.volume().stat("/").modifyNanos()).isEqualTo(now);
        assertThat(test.volume().stat("/d/sub").modifyNanos()).isEqualTo(now);
        assertThat(test.volume().stat("/d").modifyNanos()).isEqualTo(TestVolume.START_NANOS);
    }

    @Test
    void aDirectoryMovesWithWhatIsInItAndKnowsItsNewParent() throws IOException {
        rename("/d", "/e/d");
        test.remount();
        assertThat(test.read("/e/d/x")).asString().isEqualTo("x");
        assertThat(test.volume().stat("/").links()).isEqualTo(3);
        assertThat(test.volume().stat("/e").links()).isEqualTo(3);
        assertThat(test.volume().stat("/e/d").links()).isEqualTo(3);
        refused(ErrorCode.INVALID, "/e", "/e/d/sub/e", RenameMode.REPLACE);
    }

    @Test
    void aFileTakesTheNameOfAnotherWhichGoes() throws IOException {
        long free = test.volume().space().freeBytes();
        rename("/f", "/g");
        test.remount();
        assertThat(test.names("/")).containsExactly("d", "e", "g");
        assertThat(test.read("/g")).asString().isEqualTo("f");
        assertThat(test.volume().space().freeBytes()).isGreaterThan(free - 1);
    }

    @Test
    void aReplacedFileThatIsOpenStaysReadableUntilClosed() throws IOException {
        try (DaxFile old = test.open("/g")) {
            rename("/f", "/g");
            assertThat(TestVolume.read(old)).asString().isEqualTo("g");
            assertThat(old.stat().links()).isZero();
            assertThat(test.read("/g")).asString().isEqualTo("f");
        }
    }

    @Test
    void aReplacedNameOfALinkedFileLeavesItsOtherName() throws IOException {
        test.volume().link("/g", "/d/other");
        rename("/f", "/g");
        test.remount();
        assertThat(test.read("/d/other")).asString().isEqualTo("g");
        assertThat(test.volume().stat("/d/other").links()).isEqualTo(1);
    }

    @Test
    void twoNamesOfOneFileStayAsTheyAre() throws IOException {
        test.volume().link("/f", "/d/same");
        rename("/f", "/d/same");
        rename("/f", "/f");
        exchange("/f", "/d/same");
        assertThat(test.volume().stat("/f").links()).isEqualTo(2);
        assertThat(test.volume().exists("/d/same")).isTrue();
    }

    @Test
    void aDirectoryReplacesAnEmptyOneOnly() throws IOException {
        refused(ErrorCode.NOT_EMPTY, "/e", "/d", RenameMode.REPLACE);
        rename("/d/sub", "/e");
        assertThat(test.volume().stat("/").links()).isEqualTo(4);
        assertThat(test.volume().stat("/d").links()).isEqualTo(2);
        rename("/d", "/e");
        test.remount();
        assertThat(test.volume().stat("/").links()).isEqualTo(3);
        assertThat(test.read("/e/x")).asString().isEqualTo("x");
    }

    @Test
    void filesAndDirectoriesDoNotReplaceEachOther() {
        refused(ErrorCode.IS_A_DIRECTORY, "/f", "/e", RenameMode.REPLACE);
        refused(ErrorCode.NOT_A_DIRECTORY, "/e", "/f", RenameMode.REPLACE);
    }

    @Test
    void aDirectoryIsNotMovedIntoItself() {
        refused(ErrorCode.INVALID, "/d", "/d/sub/d", RenameMode.REPLACE);
        refused(ErrorCode.INVALID, "/d", "/d/d", RenameMode.REPLACE);
        refused(ErrorCode.INVALID, "/d", "/d/sub", RenameMode.REPLACE);
        refused(ErrorCode.INVALID, "/d", "/d/sub", RenameMode.EXCHANGE);
        refused(ErrorCode.NOT_EMPTY, "/d/sub", "/d", RenameMode.REPLACE);
    }

    @Test
    void anExchangeMovesNoDirectoryIntoItselfFromEitherSide() throws IOException {
        refused(ErrorCode.INVALID, "/d/sub", "/d", RenameMode.EXCHANGE);
        refused(ErrorCode.INVALID, "/d/x", "/d", RenameMode.EXCHANGE);
        refused(ErrorCode.INVALID, "/d", "/d/x", RenameMode.EXCHANGE);
        assertThat(test.names("/d")).containsExactly("sub", "x");
    }

    @Test
    void dotsAreNoNamesToRename() {
        refused(ErrorCode.INVALID, "/d/.", "/h", RenameMode.REPLACE);
        refused(ErrorCode.INVALID, "/d/..", "/h", RenameMode.REPLACE);
        refused(ErrorCode.INVALID, "/f", "/d/.", RenameMode.REPLACE);
        refused(ErrorCode.INVALID, "/f", "/d/..", RenameMode.REPLACE);
        refused(ErrorCode.INVALID, "/", "/h", RenameMode.REPLACE);
        refused(ErrorCode.INVALID, "/f", "/", RenameMode.REPLACE);
    }

    @Test
    void whatIsMissingIsNotFound() {
        refused(ErrorCode.NOT_FOUND, "/no", "/h", RenameMode.REPLACE);
        refused(ErrorCode.NOT_FOUND, "/f", "/no/h", RenameMode.REPLACE);
        refused(ErrorCode.NOT_FOUND, "/f", "/no", RenameMode.EXCHANGE);
        refused(ErrorCode.NOT_A_DIRECTORY, "/f", "/g/h", RenameMode.REPLACE);
    }

    @Test
    void withoutReplacingATakenNameIsRefused() throws IOException {
        refused(ErrorCode.EXISTS, "/f", "/g", RenameMode.NO_REPLACE);
        refused(ErrorCode.EXISTS, "/f", "/f", RenameMode.NO_REPLACE);
        refused(ErrorCode.EXISTS, "/d", "/e", RenameMode.NO_REPLACE);
        test.volume().rename("/f", "/h", RenameMode.NO_REPLACE);
        assertThat(test.read("/h")).asString().isEqualTo("f");
    }

    @Test
    void filesChangePlaces() throws IOException {
        long now = test.tick();
        exchange("/f", "/d/x");
        test.remount();
        assertThat(test.read("/f")).asString().isEqualTo("x");
        assertThat(test.read("/d/x")).asString().isEqualTo("f");
        assertThat(test.volume().stat("/f").changeNanos()).isEqualTo(now);
        assertThat(test.volume().stat("/d").modifyNanos()).isEqualTo(now);
    }

    @Test
    void aFileAndADirectoryChangePlacesAndLinksFollow() throws IOException {
        exchange("/f", "/d/sub");
        test.remount();
        assertThat(test.read("/d/sub")).asString().isEqualTo("f");
        assertThat(test.volume().list("/f")).isEmpty();
        assertThat(test.volume().stat("/").links()).isEqualTo(5);
        assertThat(test.volume().stat("/d").links()).isEqualTo(2);
    }

    @Test
    void directoriesChangePlacesWithTheirContent() throws IOException {
        test.volume().createDirectory("/e/deep");
        test.write("/e/deep/y", text("y"));
        exchange("/d/sub", "/e/deep");
        exchange("/d", "/e");
        test.remount();
        assertThat(test.read("/e/sub/y")).asString().isEqualTo("y");
        assertThat(test.read("/e/x")).asString().isEqualTo("x");
        assertThat(test.volume().list("/d/deep")).isEmpty();
        // The parents were exchanged too: otherwise this would make a loop.
        refused(ErrorCode.INVALID, "/e", "/e/sub/e", RenameMode.REPLACE);
        rename("/d/deep", "/e/sub/deep");
        assertThat(test.volume().stat("/e/sub").links()).isEqualTo(3);
    }

    @Test
    void symbolicLinksAreMovedNotFollowed() throws IOException {
        test.volume().createSymbolicLink("/s", "f");
        rename("/s", "/g");
        assertThat(test.volume().readSymbolicLink("/g")).isEqualTo("f");
        assertThat(test.read("/g")).asString().isEqualTo("f");
        rename("/d/x", "/g");
        assertThat(test.read("/f")).asString().isEqualTo("f");
        assertThat(test.read("/g")).asString().isEqualTo("x");
    }
}
