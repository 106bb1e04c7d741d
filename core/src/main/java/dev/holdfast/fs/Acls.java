package dev.holdfast.fs;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.FileType;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/**
 * Access control lists of inodes: kept as extended attributes, in step with the mode. Who may do
 * what is decided elsewhere, by the kernel in front of a mount.
 *
 * <p>A change of list and mode is one record.
 */
final class Acls {
    private final FileSystem fs;

    Acls(FileSystem fs) {
        this.fs = fs;
    }

    /** What a new inode gets from its directory. */
    record Inherited(int mode, Map<Name, XattrValue> attributes) {}

    private Name name(String attribute) throws HoldfastException {
        return Name.ofAttribute(attribute, fs.hash(), attribute);
    }

    /** Returns a list of an inode, or null. The inode lock is held exclusively. */
    private Acl of(Inode inode, String attribute) throws IOException {
        XattrMap map = fs.xattrs().load(inode);
        if (map.isEmpty()) {
            return null;
        }
        return map.values.get(name(attribute)) instanceof XattrValue.Inline value
                ? Acl.decode(value.bytes(), attribute + " of " + inode) : null;
    }

    /** Sets a list. One that says no more than a mode becomes the mode. Inode lock exclusive. */
    void set(Inode inode, String attribute, byte[] value) throws IOException {
        String what = attribute + " of " + inode;
        if (value.length > XattrValue.INLINE_BYTES) {
            throw new HoldfastException(ErrorCode.NO_SPACE, what + ": " + value.length
                    + " bytes; the limit is " + XattrValue.INLINE_BYTES);
        }
        Acl acl = Acl.decode(value, what);
        XattrValue stored = new XattrValue.Inline(acl.encode());
        Attributes after = new Attributes();
        after.ctime = fs.now();
        if (attribute.equals(Acl.ACCESS)) {
            after.mode = acl.applyTo(inode.attributes.mode);
            fs.xattrs().replace(inode, name(attribute), acl.isMode() ? null : stored,
                    Attributes.MODE | Attributes.CTIME, after);
        } else if (inode.type == FileType.DIRECTORY) {
            fs.xattrs().replace(inode, name(attribute), stored, Attributes.CTIME, after);
        } else {
            throw new HoldfastException(ErrorCode.ACCESS_DENIED, what + ": it is no directory");
        }
    }

    /**
     * Adds to a chmod what it does to the list, if there is one; returns the new value, or null.
     * Inode lock exclusive.
     */
    XattrValue follow(Inode inode, int mode, Change change) throws IOException {
        Acl acl = of(inode, Acl.ACCESS);
        Acl changed = acl == null ? null : acl.withMode(mode);
        if (acl == null || changed.equals(acl)) {
            return null;
        }
        XattrValue value = new XattrValue.Inline(changed.encode());
        change.xattr(inode.ino, name(Acl.ACCESS), value, 0);
        return value;
    }

    /** Applies to the heap what {@link #follow} logged. */
    void followed(Inode inode, XattrValue value) throws IOException {
        inode.xattrs.values.put(name(Acl.ACCESS), value);
    }

    /**
     * Returns what is made in a directory gets: the rights of the directory's default list, as far
     * as the mode asks for them; without such a list, the mode without {@code umask}.
     */
    Inherited inherit(Inode directory, FileType type, int mode, int umask) throws IOException {
        if (type == FileType.SYMLINK) {
            return new Inherited(mode, Map.of());
        }
        directory.lock.writeLock().lock();
        try {
            Acl given = of(directory, Acl.DEFAULT);
            if (given == null) {
                return new Inherited(mode & ~umask, Map.of());
            }
            Acl access = given.inherited(mode);
            Map<Name, XattrValue> attributes = new TreeMap<>();
            if (!access.isMode()) {
                attributes.put(name(Acl.ACCESS), new XattrValue.Inline(access.encode()));
            }
            if (type == FileType.DIRECTORY) {
                attributes.put(name(Acl.DEFAULT), new XattrValue.Inline(given.encode()));
            }
            return new Inherited(access.applyTo(mode), attributes);
        } finally {
            directory.lock.writeLock().unlock();
        }
    }
}
