package dev.holdfast.fs;

/** The codes of the ops in a record (docs/format.md). Never reused for another meaning. */
final class Op {
    static final int MAP = 1;
    static final int UNMAP = 2;
    static final int CONVERT = 3;
    static final int INODE = 4;
    static final int ATTR = 5;
    static final int INODE_DEL = 6;
    static final int DENTRY = 7;
    static final int DENTRY_DEL = 8;
    static final int XATTR = 9;
    static final int XATTR_DEL = 10;
    static final int SYMLINK = 11;
    static final int ORPHAN = 12;
    static final int ORPHAN_DEL = 13;
    static final int ZERO_LEAVE = 14;
    static final int ZERO_JOIN = 15;
    static final int CHUNK = 16;
    static final int CHUNK_DEL = 17;

    private Op() {}
}
