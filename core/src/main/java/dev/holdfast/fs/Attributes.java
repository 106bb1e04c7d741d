package dev.holdfast.fs;

import dev.holdfast.codec.LittleEndian;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.FileType;

/**
 * The fields of an inode item. Mutable; guarded by its inode's lock, or owned by one replay.
 *
 * <p>Layout, little-endian: mode 4, uid 4, gid 4, links 4, size 8, blocks 8, four times 8 each
 * (nanoseconds since 1970), device 8, parent 8: {@value #BYTES} bytes.
 */
final class Attributes {
    static final int BYTES = 80;

    static final int MODE = 1;
    static final int UID = 1 << 1;
    static final int GID = 1 << 2;
    static final int LINKS = 1 << 3;
    static final int SIZE = 1 << 4;
    static final int ATIME = 1 << 5;
    static final int MTIME = 1 << 6;
    static final int CTIME = 1 << 7;
    static final int PARENT = 1 << 8;
    static final int ALL_FIELDS = (1 << 9) - 1;

    int mode;
    int uid;
    int gid;
    int links;
    long size;
    /** Blocks allocated; not settable, it follows from MAP and UNMAP. */
    long blocks;
    long atime;
    long mtime;
    long ctime;
    long btime;
    /** Device number of a device node. */
    long device;
    /** Parent of a directory; 0 for anything else. */
    long parent;

    byte[] encode() {
        byte[] bytes = new byte[BYTES];
        LittleEndian.putInt(bytes, 0, mode);
        LittleEndian.putInt(bytes, 4, uid);
        LittleEndian.putInt(bytes, 8, gid);
        LittleEndian.putInt(bytes, 12, links);
        LittleEndian.putLong(bytes, 16, size);
        LittleEndian.putLong(bytes, 24, blocks);
        LittleEndian.putLong(bytes, 32, atime);
        LittleEndian.putLong(bytes, 40, mtime);
        LittleEndian.putLong(bytes, 48, ctime);
        LittleEndian.putLong(bytes, 56, btime);
        LittleEndian.putLong(bytes, 64, device);
        LittleEndian.putLong(bytes, 72, parent);
        return bytes;
    }

    static Attributes decode(byte[] bytes, long ino) throws HoldfastException {
        if (bytes.length != BYTES) {
            throw new HoldfastException(ErrorCode.CORRUPT,
                    "inode " + ino + ": item of " + bytes.length + " bytes, not " + BYTES);
        }
        Attributes result = new Attributes();
        result.mode = LittleEndian.getInt(bytes, 0);
        result.uid = LittleEndian.getInt(bytes, 4);
        result.gid = LittleEndian.getInt(bytes, 8);
        result.links = LittleEndian.getInt(bytes, 12);
        result.size = LittleEndian.getLong(bytes, 16);
        result.blocks = LittleEndian.getLong(bytes, 24);
        result.atime = LittleEndian.getLong(bytes, 32);
        result.mtime = LittleEndian.getLong(bytes, 40);
        result.ctime = LittleEndian.getLong(bytes, 48);
        result.btime = LittleEndian.getLong(bytes, 56);
        result.device = LittleEndian.getLong(bytes, 64);
        result.parent = LittleEndian.getLong(bytes, 72);
        result.requireInRange(ino);
        return result;
    }

    /** Throws CORRUPT for what no inode can have. */
    void requireInRange(long ino) throws HoldfastException {
        if (size < 0 || size > Limits.FILE_MAX_BYTES || links < 0 || blocks < 0
                || FileType.ofMode(mode) == null) {
            throw new HoldfastException(ErrorCode.CORRUPT,
                    "inode " + ino + ": size, links, blocks or type out of range");
        }
    }

    FileType type() {
        return FileType.ofMode(mode);
    }
}
