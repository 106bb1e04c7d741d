package dev.holdfast.fs;

import dev.holdfast.tree.Layout;

/** What is enforced, each with an error past it. Source: the project's design, "Limits". */
public final class Limits {
    /** Smallest volume: 1 MiB. */
    public static final long VOLUME_MIN_BYTES = 1L << 20;
    /** Largest volume: 64 TiB, one mapping. */
    public static final long VOLUME_MAX_BYTES = 64L << 40;
    /** Bytes of a block. */
    public static final int BLOCK_BYTES = 4096;
    /** Blocks of a huge page. */
    public static final int HUGE_BLOCKS = 512;
    /** Bytes of a volume's label, encoded as UTF-8. */
    public static final int LABEL_BYTES = Layout.LABEL_BYTES;
    /** Bytes of a name, encoded as UTF-8. */
    public static final int NAME_BYTES = 255;
    /** Bytes of a path, and of a symbolic link's target plus one. */
    public static final int PATH_BYTES = 4096;
    /** Hard links to an inode; subdirectories of a directory plus two. */
    public static final int LINKS = 65_000;
    /** Bytes of an extended attribute's value. */
    public static final int XATTR_VALUE_BYTES = 64 << 10;
    /** Symbolic links followed in one path. */
    public static final int SYMLINKS = 40;
    /** Largest file: the largest volume. */
    public static final long FILE_MAX_BYTES = VOLUME_MAX_BYTES;
    /** Blocks of one extent. */
    static final long EXTENT_BLOCKS = Integer.MAX_VALUE;
    /** Extents that one record may free or convert, so that a record's work is bounded. */
    static final int EXTENTS_PER_RECORD = 64;
    /** Bytes of a symbolic link's target kept in one item. */
    static final int SYMLINK_PIECE_BYTES = 2048;

    private Limits() {}
}
