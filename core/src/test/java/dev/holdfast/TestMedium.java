package dev.holdfast;

import dev.holdfast.device.CreateOptions;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.device.FileDevice;
import dev.holdfast.device.MemfdDevice;
import dev.holdfast.device.TracedDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a volume under test lies on. */
enum TestMedium {
    /** Memory: lines, or none, depending on the launcher. */
    MEMFD {
        @Override
        DaxDevice create(Path file, long sizeBytes) throws IOException {
            return MemfdDevice.create("test", sizeBytes);
        }
    },
    /** Memory that loses at a crash what was not persisted, line by line. */
    TRACED {
        @Override
        DaxDevice create(Path file, long sizeBytes) throws IOException {
            return TracedDevice.create(sizeBytes);
        }
    },
    TMPFS_FILE {
        @Override
        Path newFile() throws IOException {
            return emptyFile(Path.of("/dev/shm"));
        }
    },
    DISK_FILE {
        @Override
        Path newFile() throws IOException {
            return emptyFile(Path.of(System.getProperty("java.io.tmpdir")));
        }
    };

    /** Returns a new empty file to make the volume in, or null where it lies in no file. */
    Path newFile() throws IOException {
        return null;
    }

    DaxDevice create(Path file, long sizeBytes) throws IOException {
        return FileDevice.create(file, sizeBytes, CreateOptions.defaults().withOverwrite(true));
    }

    private static Path emptyFile(Path directory) throws IOException {
        return Files.createTempFile(directory, "holdfast-test", ".vol");
    }
}
