package dev.holdfast.file;

/**
 * What an inode is, with the type bits of its mode as Linux has them (S_IFMT) and a one-byte code.
 */
public enum FileType {
    /** A regular file. */
    FILE(0x8000, 1),
    /** A directory. */
    DIRECTORY(0x4000, 2),
    /** A symbolic link. */
    SYMLINK(0xA000, 3),
    /** A FIFO. */
    FIFO(0x1000, 4),
    /** A socket. */
    SOCKET(0xC000, 5),
    /** A character device. */
    CHARACTER_DEVICE(0x2000, 6),
    /** A block device. */
    BLOCK_DEVICE(0x6000, 7);

    /** The part of a mode that holds the type. */
    public static final int MODE_MASK = 0xF000;

    private static final FileType[] BY_CODE = values();

    private final int modeBits;
    private final int code;

    FileType(int modeBits, int code) {
        this.modeBits = modeBits;
        this.code = code;
    }

    /** Returns the type bits of a mode. */
    public int modeBits() {
        return modeBits;
    }

    /** Returns the byte that stands for the type in a directory entry. */
    public int code() {
        return code;
    }

    /** Returns the type a mode has, or null if it has none. */
    public static FileType ofMode(int mode) {
        for (FileType type : BY_CODE) {
            if (type.modeBits == (mode & MODE_MASK)) {
                return type;
            }
        }
        return null;
    }

    /** Returns the type with the given code, or null. */
    public static FileType ofCode(int code) {
        return code >= 1 && code <= BY_CODE.length ? BY_CODE[code - 1] : null;
    }
}
