package dev.holdfast.nio;

import dev.holdfast.Volume;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.MemfdDevice;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;

/**
 * Where the suite runs: volumes on every kind of medium a machine has, and the JDK's own file
 * system.
 */
enum Place {
    /** A volume on a memory file. */
    MEMFD {
        @Override
        Mounted open(long sizeBytes) throws IOException {
            MemfdDevice device = MemfdDevice.create("nio-test", sizeBytes);
            Volume volume = Volume.create(device, VolumeOptions.defaults());
            FileSystem fs = Holdfast.newFileSystem(volume);
            return new Mounted(fs.getPath("/"), () -> {
                fs.close();
                volume.close();
                device.close();
            });
        }
    },
    /** A volume on a file of a tmpfs. */
    TMPFS {
        @Override
        Mounted open(long sizeBytes) throws IOException {
            return onFile(Path.of("/dev/shm"), sizeBytes);
        }
    },
    /** A volume on a file of a disk. */
    DISK {
        @Override
        Mounted open(long sizeBytes) throws IOException {
            return onFile(Path.of("target"), sizeBytes);
        }
    },
    /** A directory of the default file system: what programs are used to. */
    DEFAULT {
        @Override
        Mounted open(long sizeBytes) throws IOException {
            Path directory = Files.createTempDirectory(Path.of("/dev/shm"), "nio-default");
            return new Mounted(directory, () -> removeAll(directory));
        }
    };

    /** An empty directory to work in, and what takes it away. */
    record Mounted(Path root, Closing closing) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            closing.close();
        }
    }

    /** Takes a place away. */
    interface Closing {
        void close() throws IOException;
    }

    abstract Mounted open(long sizeBytes) throws IOException;

    boolean isHoldfast() {
        return this != DEFAULT;
    }

    private static Mounted onFile(Path directory, long sizeBytes) throws IOException {
        Path file = Files.createTempFile(directory, "nio-test", ".hf");
        Files.delete(file);
        URI uri = URI.create("holdfast://" + file.toAbsolutePath());
        FileSystem fs = FileSystems.newFileSystem(uri, Map.of("create", sizeBytes));
        return new Mounted(fs.getPath("/"), () -> {
            try {
                fs.close();
            } finally {
                Files.delete(file);
            }
        });
    }

    static void removeAll(Path directory) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                    throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, IOException e) throws IOException {
                Files.delete(dir);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
