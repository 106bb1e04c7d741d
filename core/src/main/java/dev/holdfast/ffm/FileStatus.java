package dev.holdfast.ffm;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;

/**
 * What a file is, from {@code statx}, whose layout is the same on every architecture.
 *
 * @param mode type and permission bits
 * @param device the file system's device number, major in the upper 32 bits
 * @param inode the inode's number; with {@code device}, the identity of the file
 * @param sizeBytes the size
 * @param nodeMajor for a device node, its major number
 * @param nodeMinor for a device node, its minor number
 */
public record FileStatus(
        int mode, long device, long inode, long sizeBytes, int nodeMajor, int nodeMinor) {
    static final int AT_FDCWD = -100;
    static final int AT_EMPTY_PATH = 0x1000;
    static final int STATX_BASIC_STATS = 0x7ff;
    static final long LAYOUT_BYTES = 256;

    private static final long MODE = 28;
    private static final long INODE = 32;
    private static final long SIZE = 40;
    private static final long NODE_MAJOR = 128;
    private static final long NODE_MINOR = 132;
    private static final long DEVICE_MAJOR = 136;
    private static final long DEVICE_MINOR = 140;

    private static final int TYPE_MASK = 0xf000;
    private static final int TYPE_REGULAR = 0x8000;
    private static final int TYPE_CHARACTER_DEVICE = 0x2000;

    static FileStatus decode(MemorySegment statx) {
        long device = (long) statx.get(JAVA_INT, DEVICE_MAJOR) << 32
                | Integer.toUnsignedLong(statx.get(JAVA_INT, DEVICE_MINOR));
        return new FileStatus(
                Short.toUnsignedInt(statx.get(JAVA_SHORT, MODE)), device,
                statx.get(JAVA_LONG, INODE), statx.get(JAVA_LONG, SIZE),
                statx.get(JAVA_INT, NODE_MAJOR), statx.get(JAVA_INT, NODE_MINOR));
    }

    /** Tells whether this is a regular file. */
    public boolean isRegular() {
        return (mode & TYPE_MASK) == TYPE_REGULAR;
    }

    /** Tells whether this is a character device, such as device-dax. */
    public boolean isCharacterDevice() {
        return (mode & TYPE_MASK) == TYPE_CHARACTER_DEVICE;
    }

    /** Tells whether the other is the same file. */
    public boolean sameFile(FileStatus other) {
        return device == other.device && inode == other.inode;
    }
}
