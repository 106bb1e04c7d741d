package dev.holdfast.fs;

import dev.holdfast.tree.Key;

/**
 * The item types of the one key space, and the keys made from them (docs/architecture.md, Items).
 */
final class ItemType {
    static final int INODE = 1;
    static final int DENTRY = 2;
    static final int XATTR = 3;
    static final int SYMLINK = 4;
    static final int EXTENT = 5;
    static final int FREE = 6;
    static final int ZERO = 7;
    static final int CHUNK = 8;
    static final int ORPHAN = 9;

    /** The inode number that owns what belongs to the whole volume. */
    static final long VOLUME = 0;
    /** The inode number of the root directory. */
    static final long ROOT = 1;

    private ItemType() {}

    static Key inode(long ino) {
        return new Key(ino, INODE, 0);
    }

    static Key dentry(long directory, long hash) {
        return new Key(directory, DENTRY, hash);
    }

    static Key xattr(long ino, long hash) {
        return new Key(ino, XATTR, hash);
    }

    static Key symlink(long ino, int piece) {
        return new Key(ino, SYMLINK, piece);
    }

    static Key extent(long ino, long fileBlock) {
        return new Key(ino, EXTENT, fileBlock);
    }

    static Key orphan(long ino) {
        return new Key(VOLUME, ORPHAN, ino);
    }

    static Key run(int type, long block) {
        return new Key(VOLUME, type, block);
    }

    /** Returns the first key after every item of the given type. */
    static Key end(long ino, int type) {
        return new Key(ino, type + 1, 0);
    }
}
