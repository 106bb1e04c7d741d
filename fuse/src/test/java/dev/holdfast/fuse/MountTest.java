package dev.holdfast.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.DaxFile;
import dev.holdfast.MapMode;
import dev.holdfast.Mapping;
import dev.holdfast.Volume;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.CreateOptions;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A mount")
class MountTest {
    private static final long VOLUME_BYTES = 32 << 20;

    @TempDir
    private Path folder;

    @Test
    @DisplayName("shows the volume's name as source, and is gone when closed")
    void mountTable() throws IOException {
        FuseOptions options = FuseOptions.defaults().source("my volume\\1");
        Path directory;
        try (MountedVolume mounted = new MountedVolume(VOLUME_BYTES, options)) {
            directory = mounted.directory();
            assertThat(MountTable.at(directory)).hasValueSatisfying(
                    entry -> assertThat(entry.source()).isEqualTo("my volume\\1"));
        }
        assertThat(MountTable.at(directory)).isEmpty();
    }

    @Test
    @DisplayName("shows programs what users within the process do, and the other way round")
    void bothWays() throws IOException {
        FuseOptions options = FuseOptions.defaults().cacheTime(Duration.ZERO);
        try (MountedVolume mounted = new MountedVolume(VOLUME_BYTES, options)) {
            Files.writeString(mounted.path("a"), "from outside");
            try (DaxFile file = mounted.volume().openFile("/a")) {
                ByteBuffer read = ByteBuffer.allocate(100);
                file.read(read, 0);
                assertThat(new String(read.array(), 0, read.position(), StandardCharsets.UTF_8))
                        .isEqualTo("from outside");
                file.write(ByteBuffer.wrap("FROM INSIDE!".getBytes(StandardCharsets.UTF_8)), 0);
            }
            assertThat(Files.readString(mounted.path("a"))).isEqualTo("FROM INSIDE!");
            mounted.volume().createFile("/b").close();
            assertThat(Files.exists(mounted.path("b"))).isTrue();
            mounted.volume().unlink("/b");
            assertThat(Files.exists(mounted.path("b"))).isFalse();
        }
    }

    @Test
    @DisplayName("shows stores through a writable mapping to handles opened after it, at once")
    void mappedWithin() throws IOException {
        try (MountedVolume mounted = new MountedVolume(VOLUME_BYTES)) {
            Path path = mounted.path("a");
            Files.write(path, new byte[8192]);
            try (RandomAccessFile before = new RandomAccessFile(path.toFile(), "r");
                    DaxFile file = mounted.volume().openFile("/a")) {
                assertThat(before.read()).isZero();
                try (Mapping mapping = file.map(MapMode.SYNC, 0, 8192)) {
                    var segment = mapping.writable(0, 4096);
                    segment.set(ValueLayout.JAVA_BYTE, 0, (byte) 7);
                    // The mapping dropped the page that the old handle had read.
                    before.seek(0);
                    assertThat(before.read()).isEqualTo(7);
                    for (int value = 8; value < 20; value++) {
                        segment.set(ValueLayout.JAVA_BYTE, 0, (byte) value);
                        try (InputStream after = Files.newInputStream(path)) {
                            assertThat(after.read()).isEqualTo(value);
                        }
                    }
                }
            }
        }
    }

    @Test
    @DisplayName("answers a truncate of what a segment shows with EBUSY, and lets unlink be")
    void pinned() throws IOException {
        try (MountedVolume mounted = new MountedVolume(VOLUME_BYTES)) {
            Path path = mounted.path("a");
            Files.write(path, new byte[8192]);
            try (DaxFile file = mounted.volume().openFile("/a");
                    Mapping mapping = file.map(MapMode.SHARED, 0, 8192)) {
                mapping.writable(0, 8192).set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
                try (RandomAccessFile writer = new RandomAccessFile(path.toFile(), "rw")) {
                    assertThatThrownBy(() -> writer.setLength(0)).isInstanceOf(IOException.class)
                            .hasMessageContaining("busy");
                }
                Files.delete(path);
            }
        }
    }

    @Test
    @DisplayName("keeps what is open when closed under its users, who get errors and harm nothing")
    void closedUnderUsers() throws IOException {
        try (MountedVolume mounted = new MountedVolume(VOLUME_BYTES)) {
            Files.writeString(mounted.path("a"), "x");
            try (RandomAccessFile user = new RandomAccessFile(mounted.path("a").toFile(), "rw")) {
                mounted.mount().close();
                assertThatThrownBy(() -> user.write(1)).isInstanceOf(IOException.class);
            }
            assertThat(mounted.volume().stat("/a").sizeBytes()).isOne();
        }
    }

    @Test
    @DisplayName("for reading only refuses writers")
    void readOnly() throws IOException {
        MountedVolume.requireFuse();
        Path volume = newVolume();
        Path directory = Files.createDirectory(folder.resolve("mount"));
        try (Volume opened = Volume.open(volume, VolumeOptions.defaults().readOnly());
                FuseMount mount = FuseMount.mount(opened, directory, FuseOptions.defaults())) {
            assertThat(mount.directory()).isEqualTo(directory);
            assertThat(Files.list(directory)).isEmpty();
            assertThatThrownBy(() -> Files.createFile(directory.resolve("a")))
                    .hasMessageContaining("Read-only");
        }
    }

    private Path newVolume() throws IOException {
        Path volume = folder.resolve("volume");
        Volume.create(volume, VOLUME_BYTES, CreateOptions.defaults().withSparse(true),
                VolumeOptions.defaults()).close();
        return volume;
    }

    @Test
    @DisplayName("of a volume in use is refused, naming the process that has it")
    void inUse() throws IOException {
        MountedVolume.requireFuse();
        Path volume = newVolume();
        Path directory = Files.createDirectory(folder.resolve("mount"));
        try (MountProcess process = new MountProcess(volume, directory)) {
            assertThatThrownBy(() -> Volume.open(volume))
                    .isInstanceOfSatisfying(HoldfastException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.BUSY))
                    .hasMessageContaining(String.valueOf(process.process().pid()));
        }
    }

    @Test
    @DisplayName("unmounted from outside ends its process, which has closed the volume")
    void unmountedFromOutside() throws Exception {
        MountedVolume.requireFuse();
        Path volume = newVolume();
        Path directory = Files.createDirectory(folder.resolve("mount"));
        try (MountProcess process = new MountProcess(volume, directory)) {
            Files.writeString(directory.resolve("a"), "kept");
            Daemon.unmount(directory, false);
            assertThat(process.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.process().exitValue()).isZero();
        }
        try (Volume opened = Volume.open(volume)) {
            assertThat(opened.stat("/a").sizeBytes()).isEqualTo(4);
        }
        assertThat(Volume.check(volume).findings()).isEmpty();
    }

    @Test
    @DisplayName("that is not there cannot be unmounted")
    void nothingMounted() {
        assertThatThrownBy(() -> Daemon.unmount(folder, false))
                .isInstanceOfSatisfying(HoldfastException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID));
    }

    @Test
    @DisplayName("needs a directory")
    void noDirectory() throws IOException {
        MountedVolume.requireFuse();
        Path file = Files.createFile(folder.resolve("file"));
        try (Volume volume = Volume.open(newVolume())) {
            assertThatThrownBy(() -> FuseMount.mount(volume, file, FuseOptions.defaults()))
                    .isInstanceOfSatisfying(HoldfastException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_A_DIRECTORY));
        }
    }

    @Test
    @DisplayName("is read from the kernel's table with its escapes")
    void tableLines() {
        String line =
                "42 27 0:39 / /tmp/a\\040b rw shared:1 - fuse.holdfast my\\134volume rw";
        assertThat(MountTable.entry(line)).hasValue(
                new MountTable.Entry(Path.of("/tmp/a b"), "my\\volume"));
        assertThat(MountTable.entry("36 35 98:0 / / rw - ext4 /dev/root rw")).isEmpty();
        assertThat(MountTable.entry("nonsense")).isEmpty();
    }
}
