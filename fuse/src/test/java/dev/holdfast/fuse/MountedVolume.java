package dev.holdfast.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.Volume;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.MemfdDevice;
import dev.holdfast.ffm.LinuxMount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A volume in memory, mounted at a directory of its own; closing it unmounts and checks it. */
final class MountedVolume implements AutoCloseable {
    private final MemfdDevice device;
    private final Volume volume;
    private final Path directory;
    private final FuseMount mount;

    MountedVolume(long bytes, FuseOptions options) throws IOException {
        requireFuse();
        device = MemfdDevice.create("fuse-test", bytes);
        volume = Volume.create(device, VolumeOptions.defaults());
        directory = Files.createTempDirectory("holdfast-mount");
        mount = FuseMount.mount(volume, directory, options);
    }

    MountedVolume(long bytes) throws IOException {
        this(bytes, FuseOptions.defaults());
    }

    /** Skips the test where nothing can be mounted. */
    static void requireFuse() {
        assumeTrue(Files.exists(Path.of("/dev/fuse")), "skipped: there is no /dev/fuse here");
        assumeTrue(LinuxMount.effectiveUser() == 0, "skipped: only root may mount in tests");
    }

    Volume volume() {
        return volume;
    }

    FuseMount mount() {
        return mount;
    }

    Path directory() {
        return directory;
    }

    Path path(String name) {
        return directory.resolve(name);
    }

    @Override
    public void close() throws IOException {
        try {
            mount.close();
            volume.close();
            assertThat(Volume.check(device).findings()).isEmpty();
        } finally {
            device.close();
            Files.delete(directory);
        }
    }
}
