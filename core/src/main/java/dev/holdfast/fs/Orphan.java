package dev.holdfast.fs;

import dev.holdfast.codec.LittleEndian;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;

/**
 * Work that a crash must not lose: blocks of a range to free, and perhaps the inode with them. Item
 * layout: kind 8, from block 8, to block 8.
 */
record Orphan(long ino, Kind kind, long fromBlock, long toBlock) {
    static final int BYTES = 24;

    enum Kind {
        /** Free the range; the inode stays. */
        FREE_RANGE,
        /** The inode has no name left: free everything and delete it when nobody holds it. */
        DELETE
    }

    byte[] encode() {
        byte[] bytes = new byte[BYTES];
        LittleEndian.putLong(bytes, 0, kind.ordinal());
        LittleEndian.putLong(bytes, 8, fromBlock);
        LittleEndian.putLong(bytes, 16, toBlock);
        return bytes;
    }

    static Orphan decode(long ino, byte[] bytes) throws HoldfastException {
        if (bytes.length != BYTES) {
            throw new HoldfastException(ErrorCode.CORRUPT,
                    "orphan " + ino + ": item of " + bytes.length + " bytes");
        }
        long kind = LittleEndian.getLong(bytes, 0);
        long from = LittleEndian.getLong(bytes, 8);
        long to = LittleEndian.getLong(bytes, 16);
        if (kind < 0 || kind >= Kind.values().length || from < 0 || to < from) {
            throw new HoldfastException(ErrorCode.CORRUPT, "orphan " + ino + ": out of range");
        }
        return new Orphan(ino, Kind.values()[(int) kind], from, to);
    }
}
