package dev.holdfast.nio.lucene;

import dev.holdfast.Volume;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.MemfdDevice;
import dev.holdfast.nio.Holdfast;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/** A volume in memory for the tests of one class; each test gets a directory of its own in it. */
final class TestVolume {
    private static final long SIZE_BYTES = 1L << 30;

    private final AtomicLong directories = new AtomicLong();
    private final MemfdDevice device;
    private final Volume volume;
    private final FileSystem fileSystem;

    TestVolume() throws IOException {
        device = MemfdDevice.create("lucene", SIZE_BYTES);
        volume = Volume.create(device, VolumeOptions.defaults());
        fileSystem = Holdfast.newFileSystem(volume);
    }

    /** Returns what stands on the volume for a directory that Lucene's tests made elsewhere. */
    Path directoryFor(Path elsewhere) throws IOException {
        Path ours = fileSystem.getPath("/" + elsewhere.getFileName());
        return Files.createDirectories(ours);
    }

    Path newDirectory() throws IOException {
        return Files.createDirectory(fileSystem.getPath("/" + directories.incrementAndGet()));
    }

    void close() throws IOException {
        fileSystem.close();
        volume.close();
        device.close();
    }
}
