package dev.holdfast.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.DaxFile;
import dev.holdfast.Volume;
import dev.holdfast.VolumeOptions;
import dev.holdfast.file.AllocateMode;
import dev.holdfast.file.AttributeChange;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each command, end to end in this process. */
class CommandsTest {
    @TempDir
    private Path folder;

    private Path volume;

    @BeforeEach
    void makeAVolume() {
        volume = folder.resolve("v");
        Cli.run("mkfs", volume, "4MiB", "--label", "test").ok();
    }

    @AfterEach
    void theVolumeIsSound() {
        assertThat(Cli.on(volume, "check")).contains(": sound (");
    }

    private void write(String path, String content) {
        Cli.runWith(content.getBytes(UTF_8), "put", volume, "-", path).ok();
    }

    @Test
    void mkfsSaysWhatItMade() throws Exception {
        Path other = folder.resolve("other");

        assertThat(Cli.run("mkfs", other, "2m").ok())
                .contains("size      2 MiB").containsPattern("uuid +[0-9a-f]{8}-")
                .contains("label     -");
        assertThat(Files.size(other)).isEqualTo(2 << 20);
        assertThat(Cli.run("mkfs", folder.resolve("third"), "1049000", "--sparse", "--json").ok())
                .contains("\"sizeBytes\": 1048576").contains("\"label\": null");
    }

    @Test
    void mkfsGivesTheRootDirectoryToWhoMadeTheVolumeOrToWhoIsNamed() throws Exception {
        Path own = folder.resolve("own");
        Cli.run("mkfs", own, "2m", "--sparse").ok();
        Path theirs = folder.resolve("theirs");
        Cli.run("mkfs", theirs, "2m", "--sparse", "--root-owner", "1000:4294967294").ok();
        try (Volume mine = Volume.open(own); Volume other = Volume.open(theirs)) {
            assertThat(mine.stat("/").uid()).isEqualTo(Files.getAttribute(own, "unix:uid"));
            assertThat(mine.stat("/").gid()).isEqualTo(Files.getAttribute(own, "unix:gid"));
            assertThat(other.stat("/").uid()).isEqualTo(1000);
            assertThat(other.stat("/").gid()).isEqualTo(-2);
        }
        assertThat(Cli.run("mkfs", folder.resolve("no"), "2m", "--root-owner", "me").err())
                .contains("UID:GID");
    }

    @Test
    void mkfsReplacesAFileOnlyWhenForced() {
        write("/a", "x");

        assertThat(Cli.run("mkfs", volume, "2m").fails(1)).contains(volume.toString());
        assertThat(Cli.on(volume, "ls")).isEqualTo("a\n");

        Cli.run("mkfs", volume, "2m", "--force").ok();
        assertThat(Cli.on(volume, "ls")).isEmpty();
        assertThat(Cli.on(volume, "info")).contains("size            2 MiB");
    }

    @Test
    void infoSaysWhatTheMediumSurvivesAndWhy() {
        assertThat(Cli.on(volume, "info"))
                .contains("label           test\n")
                .contains("state           clean\n")
                .contains("size            4 MiB\n")
                .contains("checkpoint generation  ")
                .containsPattern("survives +(a power cut|the end of a process)")
                .containsPattern("granularity +a (page|cache line) of (4096|64) bytes")
                .containsPattern("why +\\w+");
        assertThat(Cli.on(volume, "info", "--json"))
                .contains("\"label\": \"test\"").contains("\"sizeBytes\": 4194304")
                .contains("\"logBytes\": 131072").contains("\"mappingUnitBytes\": 4096");
    }

    @Test
    void readingCommandsChangeNoByteOfTheVolumeAndRunBesideAReader() throws Exception {
        write("/a", "x");
        byte[] before = Files.readAllBytes(volume);

        try (Volume reader = Volume.open(volume, VolumeOptions.defaults()
                .readOnly())) {
            assertThat(reader.exists("/a")).isTrue();
            for (String command : new String[] {"info", "ls"}) {
                Cli.on(volume, command);
            }
            for (String command : new String[] {"cat", "stat", "extents"}) {
                Cli.on(volume, command, "/a");
            }
            Cli.on(volume, "get", "/a", folder.resolve("copy"));
        }

        assertThat(Files.readAllBytes(volume)).isEqualTo(before);
    }

    @Test
    void lsSortsAndShowsOneLineAName() {
        write("/b", "1");
        write("/a\nname", "22");
        Cli.on(volume, "mkdir", "/c");
        Cli.on(volume, "ln", "-s", "/b", "/link");

        assertThat(Cli.on(volume, "ls")).isEqualTo("a\\nname\nb\nc\nlink\n");
        assertThat(Cli.on(volume, "ls", "/c")).isEmpty();
        assertThat(Cli.on(volume, "ls", "/b")).isEqualTo("/b\n");
        assertThat(Cli.on(volume, "ls", "-l").lines())
                .hasSize(5)
                .first().asString().matches("mode +links +uid +gid +size +modified \\(UTC\\) "
                + "+name");
        assertThat(Cli.on(volume, "ls", "-l"))
                .containsPattern("-rw-r--r-- +1 +0 +0 +1 B  2\\d{3}-\\d\\d-\\d\\dT[0-9:]+Z +b\n")
                .containsPattern("drwxr-xr-x +2 .* +- +2.* c\n")
                .containsPattern("lrwxrwxrwx .* link -> /b\n");
        assertThat(Cli.on(volume, "ls", "--json"))
                .contains("\"name\": \"a\\nname\"").contains("\"target\": \"/b\"")
                .contains("\"sizeBytes\": 2").contains("\"type\": \"directory\"");
        assertThat(Cli.on(volume, "ls", "/c", "--json")).contains("\"entries\": []");
    }

    @Test
    void statShowsAttributesAndDoesNotFollowALink() throws Exception {
        write("/file", "hello");
        Cli.on(volume, "ln", "-s", "nowhere", "/link");
        Cli.run("io", volume, "-c", "setfattr /file user.colour blue").ok();
        try (Volume open = Volume.open(volume)) {
            open.setAttributes("/file", new AttributeChange().mode(04754).modifyNanos(-1));
        }

        assertThat(Cli.on(volume, "stat", "/file"))
                .contains("type       regular file\n").contains("size       5 B\n")
                .contains("allocated  4 KiB\n").contains("mode       4754\n")
                .contains("letters    -rwsr-xr--\n")
                .contains("modified   1969-12-31T23:59:59.999999999Z\n")
                .containsPattern("user.colour +4 B +blue\n");
        assertThat(Cli.on(volume, "stat", "/link")).contains("target     nowhere\n");
        assertThat(Cli.on(volume, "stat", "/", "--json"))
                .contains("\"type\": \"directory\"").contains("\"names\": 2");
    }

    @Test
    void contentGoesInAndOutThroughStandardStreams() {
        byte[] content = new byte[1_200_001];
        new Random(1).nextBytes(content);

        assertThat(Cli.runWith(content, "put", volume, "-", "/bytes", "--json").ok())
                .contains("\"copiedBytes\": 1200001");
        assertThat(Cli.run("get", volume, "/bytes", "-").bytes()).isEqualTo(content);
        assertThat(Cli.run("cat", volume, "/bytes", "/bytes").bytes()).hasSize(2_400_002)
                .startsWith(content).endsWith(content);
    }

    @Test
    void putAndGetGoIntoDirectoriesAndReplaceFiles() throws Exception {
        Path local = Files.writeString(folder.resolve("local"), "one");
        Cli.on(volume, "mkdir", "/dir");

        Cli.on(volume, "put", local, "/dir");
        Files.writeString(local, "two");
        Cli.on(volume, "put", local, "/dir/local");
        Cli.on(volume, "get", "/dir/local", folder);

        assertThat(Cli.on(volume, "ls", "/dir")).isEqualTo("local\n");
        assertThat(Files.readString(local)).isEqualTo("two");
    }

    @Test
    void rmRemovesFilesLinksAndTrees() {
        write("/file", "1");
        Cli.on(volume, "mkdir", "-p", "/tree/a/b");
        write("/tree/a/b/deep", "2");
        Cli.on(volume, "ln", "-s", "/tree", "/link");

        Cli.on(volume, "rm", "/link", "/file");
        assertThat(Cli.on(volume, "ls", "/tree/a/b")).isEqualTo("deep\n");
        assertThat(Cli.run("rm", volume, "/tree").fails(1)).contains("/tree: is a directory", "-r");
        Cli.on(volume, "rm", "-r", "/tree");
        assertThat(Cli.on(volume, "ls")).isEmpty();
        assertThat(Cli.run("rm", volume, "-r", "/").fails(1)).contains("the root");
    }

    @Test
    void mkdirWithParentsTakesWhatIsThere() {
        Cli.on(volume, "mkdir", "-p", "/a/b/c");
        Cli.on(volume, "mkdir", "-p", "a/b/d", "/a");
        assertThat(Cli.on(volume, "ls", "/a/b")).isEqualTo("c\nd\n");

        assertThat(Cli.run("mkdir", volume, "/a").fails(1)).contains("/a");
        assertThat(Cli.run("mkdir", volume, "/x/y").fails(1)).contains("/x/y");
        write("/file", "1");
        assertThat(Cli.run("mkdir", volume, "-p", "/file/x").fails(1))
                .contains("/file: is there and is not a directory");
    }

    @Test
    void mvReplacesKeepsOrExchanges() {
        write("/a", "A");
        write("/b", "B");
        Cli.on(volume, "mkdir", "/dir");

        assertThat(Cli.run("mv", volume, "-n", "/a", "/b").fails(1)).contains("/a -> /b");
        Cli.on(volume, "mv", "--exchange", "/a", "/b");
        assertThat(Cli.on(volume, "cat", "/a", "/b")).isEqualTo("BA");
        Cli.on(volume, "mv", "/a", "/b");
        assertThat(Cli.on(volume, "cat", "/b")).isEqualTo("B");
        Cli.on(volume, "mv", "/b", "/dir");
        assertThat(Cli.on(volume, "ls", "/dir")).isEqualTo("b\n");
        assertThat(Cli.run("mv", volume, "-n", "--exchange", "/a", "/b").fails(2))
                .contains("mutually exclusive");
    }

    @Test
    void lnMakesNamesAndSymbolicLinks() {
        write("/a", "A");

        Cli.on(volume, "ln", "/a", "/b");
        Cli.on(volume, "ln", "-s", "a", "/c");

        assertThat(Cli.on(volume, "stat", "/b")).contains("links      2\n");
        assertThat(Cli.on(volume, "cat", "/c")).isEqualTo("A");
        assertThat(Cli.run("ln", volume, "/", "/d").fails(1)).contains("/d");
    }

    @Test
    void extentsAreShownAsFilefragShowsThem() throws Exception {
        try (Volume open = Volume.open(volume); DaxFile file = open.createFile("/a")) {
            file.zeroRange(0, 8192);
            file.allocate(AllocateMode.UNWRITTEN, 16384, 4096);
        }

        String text = Cli.on(volume, "extents", "/a");

        assertThat(text.lines().toList().subList(0, 2)).containsExactly(
                "File size of /a is 20480 (5 blocks of 4096 bytes)",
                " ext:     logical_offset:        physical_offset: length:   expected: flags:");
        assertThat(text)
                .containsPattern("   0:        0\\.\\. {7}1: +(\\d+)\\.\\. +\\d+: {6}2:")
                .containsPattern("   1:        4\\.\\. {7}4: .* {6}1: .*last,unwritten,eof\n")
                .endsWith("/a: 2 extents found\n");
        assertThat(Cli.on(volume, "extents", "/a", "--json"))
                .contains("\"fileOffsetBytes\": 16384").contains("\"isWritten\": false");
    }

    @Test
    void checkSaysHowMuchItLookedAt() {
        write("/a", "x");

        assertThat(Cli.on(volume, "check")).isEqualTo(volume
                + ": sound (2 inodes, 1 names, 1 extents, 0 log records looked at)\n");
        assertThat(Cli.on(volume, "check", "--json")).contains("\"verdict\": \"sound\"")
                .contains("\"findings\": []").contains("\"blocks\": 1024");
    }

    @Test
    void helpListsEveryCommandAndTheExitCodes() {
        String help = Cli.run("--help").ok();

        assertThat(help).contains("mkfs", "info", "check", "ls", "stat", "put", "get", "cat", "rm",
                "mkdir",
                "mv", "ln", "extents", "io", "Exit codes:");
        assertThat(Cli.run("io", "--help").ok()).contains("pwrite P OFF LEN [-S byte]", "crash");
    }
}
