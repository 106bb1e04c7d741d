package dev.holdfast;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.file.CheckReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Collectors;

/**
 * Closes and checks volumes in tests: every test that closes a volume checks it. As a resource:
 *
 * <pre>{@code
 * try (CheckedVolume checked = CheckedVolume.create(device, options)) {
 *     checked.volume().createFile("/a");
 * }
 * }</pre>
 */
public final class CheckedVolume implements AutoCloseable {
    private final Volume volume;

    private CheckedVolume(Volume volume) {
        this.volume = volume;
    }

    /** Makes a volume that is checked when it is closed. */
    public static CheckedVolume create(DaxDevice device, VolumeOptions options)
            throws IOException {
        return new CheckedVolume(Volume.create(device, options));
    }

    /** Checks, then opens a volume that is checked again when it is closed. */
    public static CheckedVolume open(DaxDevice device, VolumeOptions options) throws IOException {
        assertClean(device);
        return new CheckedVolume(Volume.open(device, options));
    }

    public Volume volume() {
        return volume;
    }

    @Override
    public void close() throws IOException {
        closeAndCheck(volume);
    }

    /** Closes a volume whose device stays open, and fails unless it is clean. */
    public static void closeAndCheck(Volume volume) throws IOException {
        volume.close();
        assertClean(volume.device());
    }

    /** Fails unless a device holds a clean volume, be it closed, crashed, or open and at rest. */
    public static void assertClean(DaxDevice device) throws IOException {
        assertClean(device.name(), Volume.check(device));
    }

    /** Fails unless a file holds a clean volume. */
    public static void assertClean(Path path) throws IOException {
        assertClean(path.toString(), Volume.check(path));
    }

    private static void assertClean(String name, CheckReport report) {
        if (!report.isClean()) {
            throw new AssertionError("check of " + name + " found:\n" + report.findings().stream()
                    .map(CheckReport.Finding::toString).collect(Collectors.joining("\n")));
        }
    }
}
