package dev.holdfast.fs;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.XattrMode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Extended attributes. Names are whatever the caller says, namespace prefix included. */
public final class Xattrs {
    private final FileSystem fs;

    Xattrs(FileSystem fs) {
        this.fs = fs;
    }

    /** Returns the attributes, reading them if need be; the inode lock is held exclusively. */
    XattrMap load(Inode inode) throws IOException {
        if (inode.xattrs == null) {
            XattrMap map = new XattrMap();
            List<byte[]> buckets = fs.trees().read(tree -> {
                List<byte[]> found = new ArrayList<>();
                tree.scan(ItemType.xattr(inode.ino, 0), ItemType.end(inode.ino, ItemType.XATTR),
                        (key, value) -> found.add(value));
                return found;
            });
            for (byte[] bucket : buckets) {
                for (Bucket.Entry entry : Bucket.decode(bucket, inode.toString()).entries()) {
                    String text = Name.decode(entry.name(), 0, entry.name().length, "attribute");
                    map.values.put(name(inode, text), entry.content());
                }
            }
            inode.xattrs = map;
        }
        return inode.xattrs;
    }

    private Name name(Inode inode, String text) throws HoldfastException {
        return Name.ofAttribute(text, fs.hash(), "attribute of " + inode);
    }

    /** Returns an attribute's value. */
    public byte[] get(Inode inode, String text) throws IOException {
        inode.lock.writeLock().lock();
        try {
            byte[] value = load(inode).values.get(name(inode, text));
            if (value == null) {
                throw missing(inode, text);
            }
            return value.clone();
        } finally {
            inode.lock.writeLock().unlock();
        }
    }

    /** Tells whether there is such an attribute; the inode lock is held exclusively. */
    boolean has(Inode inode, String text) throws IOException {
        XattrMap map = load(inode);
        return !map.isEmpty() && map.values.containsKey(name(inode, text));
    }

    /** Returns the names of all attributes, sorted. */
    public List<String> list(Inode inode) throws IOException {
        inode.lock.writeLock().lock();
        try {
            return load(inode).values.keySet().stream().map(Name::text).sorted().toList();
        } finally {
            inode.lock.writeLock().unlock();
        }
    }

    /** Sets an attribute. */
    public void set(Inode inode, String text, byte[] value, XattrMode mode) throws IOException {
        if (value.length > Limits.XATTR_VALUE_BYTES) {
            throw new HoldfastException(ErrorCode.TOO_LARGE, "attribute \"" + text + "\" of " + inode
                    + ": " + value.length + " bytes; the limit is " + Limits.XATTR_VALUE_BYTES);
        }
        fs.requireWritable();
        inode.lock.writeLock().lock();
        try {
            Files.requireNotDeleted(inode);
            Name name = name(inode, text);
            boolean exists = load(inode).values.containsKey(name);
            if (exists && mode == XattrMode.CREATE) {
                throw new HoldfastException(ErrorCode.EXISTS,
                        "attribute \"" + text + "\" of " + inode + " exists");
            }
            if (!exists && mode == XattrMode.REPLACE) {
                throw missing(inode, text);
            }
            Change change = fs.journal().begin().xattr(inode.ino, name, value);
            logged(inode, change);
            inode.xattrs.values.put(name, value.clone());
        } finally {
            inode.lock.writeLock().unlock();
        }
    }

    /** Removes an attribute. */
    public void remove(Inode inode, String text) throws IOException {
        fs.requireWritable();
        inode.lock.writeLock().lock();
        try {
            Files.requireNotDeleted(inode);
            Name name = name(inode, text);
            if (!load(inode).values.containsKey(name)) {
                throw missing(inode, text);
            }
            logged(inode, fs.journal().begin().freeing().removeXattr(inode.ino, name));
            inode.xattrs.values.remove(name);
        } finally {
            inode.lock.writeLock().unlock();
        }
    }

    /** Removes up to {@code atMost} attributes of an inode that is being deleted, in one record. */
    void removeSome(Inode inode, int atMost) throws IOException {
        List<Name> names = load(inode).values.keySet().stream().limit(atMost).toList();
        Change change = fs.journal().begin().freeing();
        names.forEach(name -> change.removeXattr(inode.ino, name));
        inode.changedAt(fs.journal().append(change));
        names.forEach(inode.xattrs.values::remove);
    }

    private void logged(Inode inode, Change change) throws IOException {
        Attributes after = new Attributes();
        after.ctime = fs.now();
        change.attributes(inode.ino, Attributes.CTIME, after);
        long lsn = fs.journal().append(change);
        synchronized (inode.attributes) {
            inode.attributes.ctime = after.ctime;
        }
        inode.changedAt(lsn);
        fs.inodes().retain(inode);
        fs.settle(lsn);
    }

    private static HoldfastException missing(Inode inode, String text) {
        return new HoldfastException(ErrorCode.NO_DATA,
                "no attribute \"" + text + "\" on " + inode);
    }
}
