package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user does wrong, or a medium: one clear line, and the exit code. */
class CommandErrorsTest {
    private static final int BLOCK_BYTES = 4096;
    private static final int SLOT_BYTES = 256;
    private static final int CRC_AT = 8;
    private static final int VERSION_AT = 12;

    @TempDir
    private Path folder;

    private Path volume;

    @BeforeEach
    void makeAVolume() {
        volume = folder.resolve("v");
        Cli.run("mkfs", volume, "1MiB").ok();
        Cli.runWith(new byte[] {1}, "put", volume, "-", "/file").ok();
        Cli.on(volume, "mkdir", "/dir");
    }

    @Test
    void aFileThatIsNoVolume() throws IOException {
        Path text = Files.write(folder.resolve("text"), new byte[1 << 20]);
        Path odd = Files.writeString(folder.resolve("odd"), "short");

        assertThat(Cli.run("ls", text).fails(1)).contains(text + " is not a Holdfast volume");
        assertThat(Cli.run("info", odd).fails(1)).contains(odd + " cannot be a volume", "5");
        assertThat(Cli.run("info", folder).fails(1)).contains(folder.toString());
        assertThat(Cli.run("ls", folder.resolve("none")).fails(1)).contains("none");
    }

    /** Changes both superblock slots, and sets their checksums right again. */
    private void changeSlots(int at, int value, boolean isChecksumRight) throws IOException {
        try (FileChannel file = FileChannel.open(volume, StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            for (int slot = 0; slot < 2; slot++) {
                ByteBuffer bytes = ByteBuffer.allocate(SLOT_BYTES).order(ByteOrder.LITTLE_ENDIAN);
                file.read(bytes, slot * BLOCK_BYTES);
                bytes.putInt(at, value);
                if (isChecksumRight) {
                    bytes.putInt(CRC_AT, 0);
                    CRC32C crc = new CRC32C();
                    crc.update(bytes.array());
                    bytes.putInt(CRC_AT, (int) crc.getValue());
                }
                file.write(bytes.rewind(), slot * BLOCK_BYTES);
            }
        }
    }

    @Test
    void aNewerFormat() throws IOException {
        changeSlots(VERSION_AT, 999, true);

        assertThat(Cli.run("ls", volume).fails(1)).contains("format version 999", "newer");
    }

    @Test
    void damagedMetadata() throws IOException {
        changeSlots(VERSION_AT, 999, false);

        assertThat(Cli.run("ls", volume).fails(4))
                .contains("both superblock slots of " + volume + " are damaged", "checksum");
        assertThat(Cli.run("ls", volume, "--json").out())
                .contains("\"code\": \"CORRUPT\"").contains("\"exitCode\": 4");
    }

    @Test
    void checkExitsAsFsckDoes() throws IOException {
        assertThat(Cli.run("check", folder.resolve("none")).fails(8)).contains("none");
        assertThat(Cli.run("check").fails(16)).contains("holdfast check --help");
        try (Volume held = Volume.open(volume)) {
            assertThat(held.exists("/file")).isTrue();
            assertThat(Cli.run("check", volume).fails(8)).contains("in use by");
        }

        changeSlots(VERSION_AT, 999, false);
        Cli.Result result = Cli.run("check", volume);

        assertThat(result.exit()).isEqualTo(4);
        assertThat(result.out()).contains("damage: superblock, ").contains(volume + ": damaged");
        assertThat(Cli.run("check", volume, "--json").out())
                .contains("\"severity\": \"damage\"").contains("\"verdict\": \"damaged\"");
    }

    @Test
    void aVolumeInUseNamesItsHolder() throws IOException {
        try (Volume held = Volume.open(volume)) {
            assertThat(held.exists("/file")).isTrue();
            String line = Cli.run("ls", volume).fails(1);
            assertThat(line).contains("in use by this process");
            assertThat(Cli.run("mkfs", "--force", volume, "1m").fails(1)).contains("in use by");
        }
        Cli.on(volume, "ls");
    }

    @Test
    void aFullVolumeKeepsNothingHalfWritten() {
        byte[] tooMuch = new byte[2 << 20];

        assertThat(Cli.runWith(tooMuch, "put", volume, "-", "/big").fails(1)).contains("/big");
        assertThat(Cli.on(volume, "ls")).isEqualTo("dir\nfile\n");

        assertThat(Cli.runWith(tooMuch, "put", volume, "-", "/file").fails(1)).contains("space");
        assertThat(Cli.run("cat", volume, "/file").bytes()).containsExactly(1);
        assertThat(Cli.on(volume, "ls")).isEqualTo("dir\nfile\n");
    }

    @Test
    void namesAndPathsThatAreTooLong() {
        assertThat(Cli.run("mkdir", volume, "/" + "n".repeat(256)).fails(1)).contains("255");
        assertThat(Cli.run("stat", volume, "/d".repeat(3000)).fails(1)).contains("4095");
        assertThat(Cli.run("mkfs", folder.resolve("x"), "1m", "--label", "ü".repeat(17)).fails(1))
                .contains("label", "32");
        assertThat(folder.resolve("x")).doesNotExist();
    }

    @Test
    void pathsThatLeadNowhereOrToTheWrongKind() {
        assertThat(Cli.run("cat", volume, "/none").fails(1)).contains("/none: no such file");
        assertThat(Cli.run("ls", volume, "/file/x").fails(1)).contains("/file/x",
                "not a directory");
        assertThat(Cli.run("cat", volume, "/dir").fails(1)).contains("/dir: ", "is a directory");
        assertThat(Cli.run("get", volume, "/dir", folder).fails(1)).contains("/dir", "-r");
        assertThat(Cli.run("put", volume, folder, "/x").fails(1)).contains("-r");
        assertThat(Cli.run("put", volume, folder.resolve("none"), "/x").fails(1)).contains("none");
        assertThat(Cli.runWith(new byte[1], "put", volume, "-", "/dir").fails(1))
                .contains("/dir: is a directory");
        assertThat(Cli.run("get", volume, "/file", folder.resolve("no/such")).fails(1))
                .contains("no such file", "no");
        assertThat(Cli.run("get", volume, "-r", "/dir", "-").fails(2)).contains("standard output");
    }

    @Test
    void absurdSizesAreRefusedBeforeAnythingIsMade() {
        Path other = folder.resolve("other");

        assertThat(Cli.run("mkfs", other, "0").fails(1)).contains("1048576 (1 MiB)");
        assertThat(Cli.run("mkfs", other, "1048575").fails(1)).contains("1 MiB");
        assertThat(Cli.run("mkfs", other, "65T").fails(2)).contains("out of range");
        assertThat(Cli.run("mkfs", other, "-5").fails(2)).contains("-5");
        assertThat(Cli.run("mkfs", other, "1MB").fails(2)).contains("unit");
        assertThat(Cli.run("mkfs", other, "64T").fails(1)).contains(other.toString())
                .containsPattern("are missing on its file system|cannot be that large");
        assertThat(other).doesNotExist();
    }

    @Test
    void offsetsPastTheEnd() {
        assertThat(Cli.on(volume, "io", "-c", "pread /file 1g 10"))
                .isEqualTo("read 0/10 bytes at offset 1073741824\n");
        assertThat(Cli.run("io", volume, "-c", "mmap /file 0 1m", "-c", "mwrite /file 512k 1")
                .fails(1)).contains("line 2: mwrite /file 512k 1: ", "524288");
        assertThat(Cli.run("io", volume, "-c", "mmap /file 4k 4k", "-c", "mread /file 0 1")
                .fails(1)).contains("not inside its mapping, bytes 4096 to 8192");
        assertThat(Cli.run("io", volume, "-c", "truncate /file 8191p").fails(1))
                .contains("line 1: truncate /file 8191p: ");
    }

    @Test
    void wrongCommandLines() {
        assertThat(Cli.run("ls").fails(2)).contains("VOLUME", "holdfast ls --help");
        assertThat(Cli.run("io", "-c", "sync").fails(2)).contains("VOLUME", "--simulated");
        assertThat(Cli.run("lss", volume).exit()).isEqualTo(2);
    }
}
