package dev.holdfast.device;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.ffm.FileStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What sysfs says about a device-dax node, whose character device has no size of its own. */
final class DaxNode {
    private static final Path SYSFS = Path.of("/sys/dev/char");
    private static final long DEFAULT_ALIGNMENT_BYTES = 2L << 20;

    private DaxNode() {}

    /** Returns the size of a node; refuses a node that is not device-dax. */
    static long sizeBytes(Path path, FileStatus status) throws HoldfastException {
        return sizeBytes(path, directory(SYSFS, status));
    }

    static long sizeBytes(Path path, Path directory) throws HoldfastException {
        try {
            return number(directory.resolve("size"));
        } catch (IOException | NumberFormatException e) {
            throw new HoldfastException(ErrorCode.INVALID, path
                    + " is a character device but not device-dax: it has no size in sysfs", e);
        }
    }

    /** Returns the range that can be mapped by itself: 4 KiB, 2 MiB or 1 GiB. */
    static long alignmentBytes(FileStatus status) {
        return alignmentBytes(directory(SYSFS, status));
    }

    static long alignmentBytes(Path directory) {
        for (String file : new String[] {"align", "device/align", "dax_region/align"}) {
            try {
                return number(directory.resolve(file));
            } catch (IOException | NumberFormatException notHere) {
                // Its place changed between kernels.
            }
        }
        return DEFAULT_ALIGNMENT_BYTES;
    }

    static Path directory(Path root, FileStatus status) {
        return root.resolve(status.nodeMajor() + ":" + status.nodeMinor());
    }

    private static long number(Path file) throws IOException {
        String text = Files.readString(file).trim();
        return Long.decode(text);
    }
}
