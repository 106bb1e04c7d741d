package dev.holdfast.device;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/** Every implementation of a device, so that one suite runs over all. */
enum DeviceKind {
    MEMFD {
        @Override
        DaxDevice create(Path directory, long sizeBytes) throws IOException {
            return MemfdDevice.create("test", sizeBytes, WriteBackChoice.AUTO);
        }
    },
    MEMORY_WITHOUT_FILE {
        @Override
        DaxDevice create(Path directory, long sizeBytes) throws IOException {
            return MemfdDevice.createWithoutFile("test", sizeBytes);
        }
    },
    TRACED {
        @Override
        DaxDevice create(Path directory, long sizeBytes) throws IOException {
            return TracedDevice.create(sizeBytes);
        }
    },
    TRACED_PAGES {
        @Override
        DaxDevice create(Path directory, long sizeBytes) throws IOException {
            return TracedDevice.create(sizeBytes, TracedDevice.Unit.PAGE);
        }
    },
    TMPFS_FILE {
        @Override
        boolean isAvailable() {
            return Files.isWritable(SHM);
        }

        @Override
        DaxDevice create(Path directory, long sizeBytes) throws IOException {
            Path file = Files.createTempFile(SHM, "holdfast-test", ".vol");
            try {
                return FileDevice.create(
                        file, sizeBytes, CreateOptions.defaults().withOverwrite(true));
            } finally {
                Files.delete(file);
            }
        }
    },
    DISK_FILE {
        @Override
        DaxDevice create(Path directory, long sizeBytes) throws IOException {
            return FileDevice.create(
                    directory.resolve("disk.vol"), sizeBytes, CreateOptions.defaults());
        }
    };

    static final Path SHM = Path.of("/dev/shm");

    /** Creates a device of zeroes; the caller closes it. */
    abstract DaxDevice create(Path directory, long sizeBytes) throws IOException;

    boolean isAvailable() {
        return true;
    }

    /** Tells whether pieces of it can be mapped. */
    boolean hasWindows() {
        return this != MEMORY_WITHOUT_FILE;
    }

    static Stream<DeviceKind> available() {
        return Arrays.stream(values()).filter(DeviceKind::isAvailable);
    }

    static Stream<DeviceKind> withWindows() {
        return available().filter(DeviceKind::hasWindows);
    }
}
