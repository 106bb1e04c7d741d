package dev.holdfast.fs;

import dev.holdfast.codec.LittleEndian;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;

/**
 * A run of a file that lies in one run of the device. All in blocks. Item layout: device block 8,
 * count 4, state 4 (0 unwritten, 1 written).
 */
record Extent(long fileBlock, long deviceBlock, long count, boolean written) {
    static final int BYTES = 16;

    long fileEnd() {
        return fileBlock + count;
    }

    /** Tells whether {@code next} continues this extent in the file and on the device. */
    boolean continuedBy(Extent next) {
        return fileEnd() == next.fileBlock && deviceBlock + count == next.deviceBlock
                && written == next.written && count + next.count <= Limits.EXTENT_BLOCKS;
    }

    Extent joinedWith(Extent next) {
        return new Extent(fileBlock, deviceBlock, count + next.count, written);
    }

    /** Returns the part of this extent from {@code from} to {@code to}, which lie within it. */
    Extent part(long from, long to) {
        return new Extent(from, deviceBlock + (from - fileBlock), to - from, written);
    }

    byte[] encode() {
        byte[] bytes = new byte[BYTES];
        LittleEndian.putLong(bytes, 0, deviceBlock);
        LittleEndian.putInt(bytes, 8, (int) count);
        LittleEndian.putInt(bytes, 12, written ? 1 : 0);
        return bytes;
    }

    static Extent decode(long ino, long fileBlock, byte[] bytes) throws HoldfastException {
        if (bytes.length != BYTES) {
            throw new HoldfastException(ErrorCode.CORRUPT, "inode " + ino + ", file block "
                    + fileBlock + ": extent item of " + bytes.length + " bytes");
        }
        long device = LittleEndian.getLong(bytes, 0);
        int count = LittleEndian.getInt(bytes, 8);
        int state = LittleEndian.getInt(bytes, 12);
        long limit = Limits.VOLUME_MAX_BYTES / Limits.BLOCK_BYTES;
        if (count <= 0 || device <= 0 || device > limit || state < 0 || state > 1 || fileBlock < 0
                || fileBlock > limit) {
            throw new HoldfastException(ErrorCode.CORRUPT, "inode " + ino + ", file block "
                    + fileBlock + ": extent out of range");
        }
        return new Extent(fileBlock, device, count, state == 1);
    }
}
