package dev.holdfast.fs;

import dev.holdfast.codec.LittleEndian;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.FileType;

/** What a name in a directory stands for. Content layout in its bucket: inode 8, type 1. */
record Dentry(long ino, FileType type) {
    static final int BYTES = 9;

    byte[] encode() {
        byte[] bytes = new byte[BYTES];
        LittleEndian.putLong(bytes, 0, ino);
        bytes[8] = (byte) type.code();
        return bytes;
    }

    static Dentry decode(byte[] bytes, long directory) throws HoldfastException {
        FileType type = bytes.length == BYTES ? FileType.ofCode(bytes[8]) : null;
        if (type == null || LittleEndian.getLong(bytes, 0) <= 0) {
            throw new HoldfastException(ErrorCode.CORRUPT,
                    "directory " + directory + ": an entry's inode or type is out of range");
        }
        return new Dentry(LittleEndian.getLong(bytes, 0), type);
    }
}
