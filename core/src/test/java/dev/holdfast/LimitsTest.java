package dev.holdfast;

import static dev.holdfast.TestVolume.assertFails;
import static dev.holdfast.TestVolume.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.file.DirectoryEntry;
import dev.holdfast.file.RenameMode;
import dev.holdfast.file.XattrMode;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Names, paths, links and directories at their limits. */
class LimitsTest {
    @Test
    void namesHaveUpTo255BytesOfUtf8() throws IOException {
        try (TestVolume test = TestVolume.inMemory(2 << 20)) {
            List<String> good = List.of("a".repeat(255), "é".repeat(127), "€".repeat(85),
                    "😀".repeat(63), " ", "...", "-rf", "\n", "\u0001", "a\\b", "\ufeff", "\uffff");
            for (String name : good) {
                test.write("/" + name, text(name));
            }
            test.remount();
            assertThat(test.names("/")).containsExactlyInAnyOrderElementsOf(good);
            for (String name : good) {
                assertThat(test.read("/" + name)).asString().isEqualTo(name);
            }
            for (String tooLong : List.of("a".repeat(256), "é".repeat(128), "😀".repeat(64))) {
                assertFails(ErrorCode.NAME_TOO_LONG, () -> test.create("/" + tooLong));
                assertFails(ErrorCode.NAME_TOO_LONG,
                        () -> test.volume().rename("/...", "/" + tooLong, RenameMode.REPLACE));
            }
            for (String bad : List.of("\ud800", "a\udc00b", "\udc7f", "\udd00", "\udcff\ud800")) {
                assertFails(ErrorCode.BAD_NAME, () -> test.create("/" + bad));
            }
            assertFails(ErrorCode.INVALID, () -> test.create("/a\0b"));
        }
    }

    @Test
    void aNameMayBeAnyBytes() throws IOException {
        try (TestVolume test = TestVolume.inMemory(2 << 20)) {
            List<String> odd = List.of("\udcff", "\udc80\udcfe", "a\udce9b", "é\udcc3");
            for (String name : odd) {
                test.write("/" + name, text(name.substring(0, 1).equals("a") ? "a" : "b"));
                test.volume().createSymbolicLink("/to" + name, name);
                test.volume().setXattr("/" + name, "user." + name, text(name.length() + ""),
                        XattrMode.CREATE);
            }
            // The same bytes as the character's own.
            test.write("/\udcc3\udca9", text("e"));
            test.remount();
            assertThat(test.names("/")).contains("é").containsAll(odd).hasSize(9);
            assertThat(test.read("/é")).asString().isEqualTo("e");
            for (String name : odd) {
                assertThat(test.volume().readSymbolicLink("/to" + name)).isEqualTo(name);
                assertThat(test.read("/to" + name)).isEqualTo(test.read("/" + name));
                assertThat(test.volume().listXattrs("/" + name)).containsExactly("user." + name);
            }
        }
    }

    @Test
    void namesThatDifferInAnyByteAreDifferentNames() throws IOException {
        try (TestVolume test = TestVolume.inMemory(2 << 20)) {
            List<String> names = List.of("a", "A", "á", "a\u0301", "a ", " a");
            for (String name : names) {
                test.write("/" + name, text(name));
            }
            assertThat(test.names("/")).containsExactlyInAnyOrderElementsOf(names);
        }
    }

    @Test
    void aPathHasLessThan4096Bytes() throws IOException {
        try (TestVolume test = TestVolume.inMemory(2 << 20)) {
            String longest = "/".repeat(4093) + "ab";
            test.write("/ab", text("x"));
            assertThat(longest).hasSize(4095);
            assertThat(test.read(longest)).asString().isEqualTo("x");
            assertFails(ErrorCode.NAME_TOO_LONG, () -> test.read("/" + longest));
            assertFails(ErrorCode.NAME_TOO_LONG,
                    () -> test.read("/".repeat(4090) + "é".repeat(3)));
        }
    }

    @Test
    void aSymbolicLinksTargetHasFrom1To4095Bytes() throws IOException {
        try (TestVolume test = TestVolume.inMemory(2 << 20)) {
            test.write("/f", text("x"));
            for (int length : new int[] {1, 2047, 2048, 2049, 4095}) {
                String target = "/".repeat(length - 1) + "f";
                test.volume().createSymbolicLink("/s" + length, target);
            }
            test.remount();
            for (int length : new int[] {1, 2047, 2048, 2049, 4095}) {
                assertThat(test.volume().readSymbolicLink("/s" + length)).hasSize(length);
                assertThat(test.read("/s" + length)).asString().isEqualTo("x");
            }
            assertFails(ErrorCode.NOT_FOUND, () -> test.volume().createSymbolicLink("/t", ""));
            assertFails(ErrorCode.NAME_TOO_LONG,
                    () -> test.volume().createSymbolicLink("/t", "x".repeat(4096)));
            assertFails(ErrorCode.BAD_NAME,
                    () -> test.volume().createSymbolicLink("/t", "\ud800"));
        }
    }

    @Test
    void aFileHas65000LinksAndNoMore() throws IOException {
        try (TestVolume test = TestVolume.inMemory(64 << 20)) {
            test.write("/f", text("x"));
            dev.holdfast.fs.FileSystemProbe.pretendLinks(test.volume().fileSystem(), "/f", 64_999);
            test.volume().link("/f", "/g");
            assertThat(test.volume().stat("/g").links()).isEqualTo(65_000);
            assertFails(ErrorCode.TOO_MANY_LINKS, () -> test.volume().link("/f", "/h"));
            test.volume().unlink("/g");
            dev.holdfast.fs.FileSystemProbe.pretendLinks(test.volume().fileSystem(), "/f", 1);
            test.volume().createDirectory("/d");
            dev.holdfast.fs.FileSystemProbe.pretendLinks(test.volume().fileSystem(), "/d", 65_000);
            assertFails(ErrorCode.TOO_MANY_LINKS, () -> test.volume().createDirectory("/d/e"));
            test.volume().createDirectory("/e");
            assertFails(ErrorCode.TOO_MANY_LINKS,
                    () -> test.volume().rename("/e", "/d/e", RenameMode.REPLACE));
            dev.holdfast.fs.FileSystemProbe.pretendLinks(test.volume().fileSystem(), "/d", 2);
        }
    }

    @Test
    void aDirectoryOfTwentyThousandNamesListsEachOnceAndForgetsNone() throws IOException {
        manyNames(20_000, 256L << 20);
    }

    @Test
    @Tag("stress")
    void aDirectoryOfAMillionNamesListsEachOnceAndForgetsNone() throws IOException {
        manyNames(1_000_000, 4L << 30);
    }

    private static void manyNames(int count, long sizeBytes) throws IOException {
        try (TestVolume test = TestVolume.inMemory(sizeBytes)) {
            test.volume().createDirectory("/d");
            for (int i = 0; i < count; i++) {
                test.volume().createFile("/d/n" + i).close();
                if (i % (count / 5) == 17) {
                    test.volume().checkpoint();
                }
                if (i == count / 2) {
                    test.remount();
                }
            }
            assertAllOf(test, IntStream.range(0, count));
            for (int i = 0; i < count; i++) {
                if (i % 10 != 0) {
                    test.volume().unlink("/d/n" + i);
                }
                if (i == count / 3) {
                    test.remount();
                }
            }
            assertAllOf(test, IntStream.range(0, count).filter(i -> i % 10 == 0));
            test.remount();
            assertAllOf(test, IntStream.range(0, count).filter(i -> i % 10 == 0));
            assertFails(ErrorCode.NOT_EMPTY, () -> test.volume().removeDirectory("/d"));
            for (int i = 0; i < count; i += 10) {
                test.volume().unlink("/d/n" + i);
            }
            test.volume().removeDirectory("/d");
        }
    }

    private static void assertAllOf(TestVolume test, IntStream numbers) throws IOException {
        List<String> expected = numbers.mapToObj(i -> "n" + i).sorted().toList();
        assertThat(test.names("/d")).isEqualTo(expected);
        assertThat(test.volume().stat("/d").sizeBytes()).isEqualTo(expected.size());
        assertThat(test.volume().exists("/d/" + expected.getFirst())).isTrue();
        assertThat(test.volume().exists("/d/no")).isFalse();
    }

    @Test
    @DisplayName("Positions of names stay good while names come and go, over checkpoints and "
            + "mounts")
    void positionsStayGoodWhileNamesComeAndGo() throws IOException {
        try (TestVolume test = TestVolume.inMemory(8 << 20)) {
            Random random = new Random(9);
            test.volume().createDirectory("/d");
            for (int i = 0; i < 500; i++) {
                test.volume().createFile("/d/stays" + i).close();
            }
            var seen = new TreeSet<String>();
            long position = 0;
            int round = 0;
            while (true) {
                var fs = test.volume().fileSystem();
                List<DirectoryEntry> batch = fs.namespace().list(
                        fs.paths().resolve("/d", true), position, 7);
                if (batch.isEmpty()) {
                    break;
                }
                for (DirectoryEntry entry : batch) {
                    assertThat(entry.position()).as("ascending").isGreaterThanOrEqualTo(position);
                    assertThat(seen.add(entry.name())).as(entry.name() + " once").isTrue();
                    position = entry.position();
                }
                test.volume().createFile("/d/comes" + round).close();
                if (round > 3) {
                    test.volume().unlink("/d/comes" + random.nextInt(round - 2, round));
                    test.volume().createFile("/d/again" + round).close();
                    test.volume().rename("/d/again" + round, "/d/comes" + round,
                            RenameMode.REPLACE);
                }
                if (round % 20 == 3) {
                    test.volume().checkpoint();
                }
                if (round % 30 == 7) {
                    test.remount();
                }
                for (int i = round - 2; i < round && round > 3; i++) {
                    if (!test.volume().exists("/d/comes" + i)) {
                        test.volume().createFile("/d/comes" + i).close();
                    }
                }
                round++;
            }
            assertThat(seen).as("seed 9").containsAll(IntStream.range(0, 500)
                    .mapToObj(i -> "stays" + i).toList());
        }
    }
}
