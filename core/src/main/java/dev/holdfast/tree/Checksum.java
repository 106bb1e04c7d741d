package dev.holdfast.tree;

import java.util.zip.CRC32C;

/** The checksum of everything that the tree has on the device. */
final class Checksum {
    private Checksum() {}

    /** Returns the CRC-32C of {@code bytes[from, to)}. */
    static int crc32c(byte[] bytes, int from, int to) {
        var crc = new CRC32C();
        crc.update(bytes, from, to - from);
        return (int) crc.getValue();
    }
}
