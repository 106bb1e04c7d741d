package dev.holdfast.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.DaxFile;
import dev.holdfast.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a write-back cache changes, and what it does not. */
@DisplayName("A mount with a write-back cache")
class WritebackTest {
    private static final long VOLUME_BYTES = 32 << 20;

    private static MountedVolume mounted() throws IOException {
        return new MountedVolume(VOLUME_BYTES,
                FuseOptions.defaults().writeback().cacheTime(Duration.ZERO));
    }

    private static long sizeWithin(MountedVolume mounted, String file) throws IOException {
        return mounted.volume().stat(file).sizeBytes();
    }

    @Test
    @DisplayName("keeps a write to itself until fsync, and shows it to programs at once")
    void untilSynced() throws IOException {
        try (MountedVolume mounted = mounted();
                FileChannel writer = FileChannel.open(mounted.path("a"),
                        StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            writer.write(ByteBuffer.wrap(new byte[100]));
            assertThat(Files.size(mounted.path("a"))).isEqualTo(100);
            assertThat(sizeWithin(mounted, "/a")).as("within the owning process").isZero();
            writer.force(false);
            assertThat(sizeWithin(mounted, "/a")).isEqualTo(100);
        }
    }

    @Test
    @DisplayName("has written everything when a file is closed")
    void untilClosed() throws IOException {
        try (MountedVolume mounted = mounted()) {
            byte[] content = new byte[300_000];
            new Random(Seeds.seed(0)).nextBytes(content);
            Files.write(mounted.path("a"), content);
            try (DaxFile file = mounted.volume().openFile("/a")) {
                ByteBuffer read = ByteBuffer.allocate(content.length + 1);
                file.read(read, 0);
                assertThat(read.flip()).isEqualTo(ByteBuffer.wrap(content));
            }
        }
    }

    @Test
    @DisplayName("puts small writes together, reads back what it was told, and keeps times that "
            + "are set")
    void content() throws Exception {
        Programs.require("python3");
        try (MountedVolume mounted = mounted()) {
            Programs.run(mounted.directory(), "python3", "-c", """
                    import os
                    fd = os.open('a', os.O_RDWR | os.O_CREAT)
                    for i in range(5000):
                        os.pwrite(fd, b'%07d\\n' % i, 8 * (i * 7919 % 5000))
                    os.ftruncate(fd, 39000)
                    os.pwrite(fd, b'end', 40000)
                    os.utime(fd, ns=(1, 2))
                    os.close(fd)
                    data = open('a', 'rb').read()
                    assert len(data) == 40003 and data[39000:40000] == bytes(1000)
                    for i in range(4875):
                        at = 8 * (i * 7919 % 5000)
                        assert at + 8 > 39000 or data[at:at + 8] == b'%07d\\n' % i
                    assert os.stat('a').st_mtime_ns == 2
                    """);
            assertThat(mounted.volume().stat("/a").sizeBytes()).isEqualTo(40003);
            assertThat(mounted.volume().stat("/a").modifyNanos()).isEqualTo(2);
        }
    }

    @Test
    @DisplayName("never shows a hole where there is data, not written yet or written")
    void noFalseHoles() throws Exception {
        Programs.require("python3");
        try (MountedVolume mounted = mounted()) {
            Programs.run(mounted.directory(), "python3", "-c", """
                    import os
                    fd = os.open('a', os.O_RDWR | os.O_CREAT)
                    os.ftruncate(fd, 1 << 20)
                    for at in (0, 40960, 500000):
                        os.pwrite(fd, b'data', at)
                        assert os.stat('a').st_blocks > 0
                        assert os.lseek(fd, at, os.SEEK_DATA) == at
                        assert os.lseek(fd, at, os.SEEK_HOLE) > at
                    os.fsync(fd)
                    assert os.lseek(fd, 500000, os.SEEK_DATA) == 500000
                    os.close(fd)
                    """);
        }
    }

    @Test
    @DisplayName("loses with its server what nobody synced or closed, and nothing else")
    void killed() throws Exception {
        MountedVolume.requireFuse();
        Path folder = Files.createTempDirectory("holdfast-writeback");
        Path volume = folder.resolve("volume");
        Path directory = Files.createDirectory(folder.resolve("mount"));
        try {
            MountProcess.makeVolume(volume, VOLUME_BYTES);
            FileChannel unsynced = null;
            try (MountProcess process = new MountProcess(volume, directory, "writeback")) {
                try (FileChannel synced = FileChannel.open(directory.resolve("synced"),
                        StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                    synced.write(ByteBuffer.wrap(new byte[20]));
                    synced.force(true);
                }
                unsynced = FileChannel.open(directory.resolve("unsynced"),
                        StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                unsynced.write(ByteBuffer.wrap(new byte[10]));
                process.kill();
            }
            assertThatThrownBy(unsynced::close).isInstanceOf(IOException.class);
            try (Volume opened = Volume.open(volume)) {
                assertThat(opened.stat("/synced").sizeBytes()).isEqualTo(20);
                assertThat(opened.exists("/unsynced") ? opened.stat("/unsynced").sizeBytes() : 0)
                        .isZero();
            }
        } finally {
            MountProcess.deleteAll(volume, directory, folder);
        }
    }
}
