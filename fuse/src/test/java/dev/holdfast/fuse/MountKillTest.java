package dev.holdfast.fuse;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.DaxFile;
import dev.holdfast.Volume;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.CreateOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@DisplayName("A daemon killed at any moment")
class MountKillTest {
    private static final long VOLUME_BYTES = 32 << 20;
    private static final int RECORD_BYTES = 5000;
    private static final int FILES = 40;
    private static final int MAX_LIFE_MILLIS = 300;

    @Test
    @DisplayName("has lost nothing that fsync acknowledged, three times over")
    void threeKills() throws Exception {
        kills(3, Seeds.seed(0));
    }

    @Test
    @Tag("stress")
    @DisplayName("has lost nothing that fsync acknowledged, sixty times over")
    void sixtyKills() throws Exception {
        kills(60, Seeds.seed(0));
    }

    private static void kills(int count, long seed) throws Exception {
        MountedVolume.requireFuse();
        Random random = new Random(seed);
        Path memory = Path.of("/dev/shm");
        Path folder = Files.isWritable(memory) ? Files.createTempDirectory(memory, "holdfast-kill")
                : Files.createTempDirectory("holdfast-kill");
        Path volume = folder.resolve("volume");
        Path directory = Files.createDirectory(folder.resolve("mount"));
        try {
            Volume.create(volume, VOLUME_BYTES, CreateOptions.defaults().withSparse(true),
                    VolumeOptions.defaults()).close();
            long[] acknowledged = new long[FILES];
            long next = 1;
            for (int kill = 0; kill < count; kill++) {
                next = writeUntilKilled(volume, directory, acknowledged, next, random);
                check(volume, acknowledged, "seed " + seed + ", kill " + kill);
            }
        } finally {
            MountProcess.deleteAll(volume, directory, folder);
        }
    }

    /** Writes records and makes them durable until that fails; notes what was acknowledged. */
    private static long writeUntilKilled(Path volume, Path directory, long[] acknowledged,
            long first, Random random) throws IOException {
        long next = first;
        try (MountProcess process = new MountProcess(volume, directory)) {
            Executor later = CompletableFuture.delayedExecutor(
                    10 + random.nextInt(MAX_LIFE_MILLIS), TimeUnit.MILLISECONDS);
            CompletableFuture<Void> killed = CompletableFuture.runAsync(process::kill, later);
            try {
                while (true) {
                    int file = random.nextInt(FILES);
                    write(directory, file, next, random.nextBoolean());
                    acknowledged[file] = next++;
                }
            } catch (IOException expected) {
                killed.join();
            }
        }
        return next + 1;
    }

    private static void write(Path directory, int file, long number, boolean replaces)
            throws IOException {
        Path path = directory.resolve("f" + file);
        Path target = replaces ? directory.resolve("new") : path;
        try (FileChannel channel = FileChannel.open(target, READ, WRITE, CREATE)) {
            channel.write(record(number), 0);
            channel.force(!replaces);
        }
        if (replaces) {
            Files.move(target, path, ATOMIC_MOVE);
            try (FileChannel parent = FileChannel.open(directory, READ)) {
                parent.force(true);
            }
        }
    }

    private static ByteBuffer record(long number) {
        ByteBuffer record = ByteBuffer.allocate(RECORD_BYTES / 8 * 8);
        while (record.hasRemaining()) {
            record.putLong(number);
        }
        return record.flip();
    }

    /** Each file shows what was acknowledged last, or words of what came after. */
    private static void check(Path path, long[] acknowledged, String when) throws IOException {
        assertThat(Volume.check(path).isDamaged()).as(when).isFalse();
        try (Volume volume = Volume.open(path)) {
            for (int file = 0; file < FILES; file++) {
                if (acknowledged[file] != 0) {
                    checkFile(volume, "/f" + file, acknowledged[file], when);
                }
            }
        }
        assertThat(Volume.check(path).findings()).as(when).isEmpty();
    }

    private static void checkFile(Volume volume, String name, long acknowledged, String when)
            throws IOException {
        try (DaxFile file = volume.openFile(name)) {
            ByteBuffer read = ByteBuffer.allocate(RECORD_BYTES / 8 * 8);
            assertThat(file.read(read, 0)).as(when).isEqualTo(read.capacity());
            read.flip();
            while (read.hasRemaining()) {
                assertThat(read.getLong()).as("%s, %s", when, name)
                        .isGreaterThanOrEqualTo(acknowledged);
            }
        }
    }
}
