package dev.holdfast.fs;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.NameText;
import dev.holdfast.file.XattrMode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Extended attributes. Names are whatever the caller says, namespace prefix included.
 *
 * <p>Durability: a value in blocks is durable before the record that names it ({@link XattrStore}).
 */
public final class Xattrs {
    private final FileSystem fs;
    private final XattrStore store;

    Xattrs(FileSystem fs) {
        this.fs = fs;
        this.store = new XattrStore(fs);
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
                    String text = NameText.decode(entry.name());
                    map.values.put(name(inode, text),
                            XattrValue.decode(entry.content(), inode.toString()));
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
        byte[] value = getOrNull(inode, text);
        if (value == null) {
            throw missing(inode, text);
        }
        return value;
    }

    /**
     * Returns an attribute's value, or null: for who often asks for what is not there, as the
     * kernel does before the first write to a file.
     */
    public byte[] getOrNull(Inode inode, String text) throws IOException {
        inode.lock.writeLock().lock();
        try {
            XattrMap map = load(inode);
            XattrValue value = map.isEmpty() ? null : map.values.get(name(inode, text));
            return value == null ? null : store.load(value, who(inode, text));
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
            throw new HoldfastException(ErrorCode.TOO_LARGE, who(inode, text) + ": "
                    + value.length + " bytes; the limit is " + Limits.XATTR_VALUE_BYTES);
        }
        fs.requireWritable();
        inode.lock.writeLock().lock();
        try {
            Files.requireNotDeleted(inode);
            Name name = name(inode, text);
            XattrValue before = load(inode).values.get(name);
            if (before != null && mode == XattrMode.CREATE) {
                throw new HoldfastException(ErrorCode.EXISTS, who(inode, text) + " exists");
            }
            if (before == null && mode == XattrMode.REPLACE) {
                throw missing(inode, text);
            }
            if (Acl.isAcl(text)) {
                fs.acls().set(inode, text, value);
                return;
            }
            XattrValue stored = store.store(value, who(inode, text));
            try {
                replace(inode, name, stored, Attributes.CTIME, changedNow());
            } catch (IOException | RuntimeException e) {
                store.giveBack(stored);
                throw e;
            }
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
            XattrValue before = load(inode).values.get(name);
            if (before == null) {
                throw missing(inode, text);
            }
            replace(inode, name, null, Attributes.CTIME, changedNow());
        } finally {
            inode.lock.writeLock().unlock();
        }
    }

    /**
     * Sets an attribute, or removes it where {@code value} is null, and with it fields of the
     * inode, in one record. The inode lock is held exclusively.
     */
    void replace(Inode inode, Name name, XattrValue value, int fields, Attributes after)
            throws IOException {
        XattrValue before = load(inode).values.get(name);
        int freed = before == null ? 0 : before.runs().size();
        Change change = fs.journal().begin();
        if (value != null) {
            change.xattr(inode.ino, name, value, freed);
        } else if (before != null) {
            change.freeing().removeXattr(inode.ino, name, freed);
        }
        long lsn = fs.journal().append(change.attributes(inode.ino, fields, after));
        if (value != null) {
            inode.xattrs.values.put(name, value);
        } else {
            inode.xattrs.values.remove(name);
        }
        synchronized (inode.attributes) {
            inode.attributes.ctime = after.ctime;
            inode.attributes.mode = (fields & Attributes.MODE) != 0 ? after.mode
                    : inode.attributes.mode;
        }
        recount(inode, before, value, lsn);
        inode.changedAt(lsn);
        fs.inodes().retain(inode);
        fs.settle(lsn);
    }

    /**
     * Removes attributes of an inode that is being deleted, in one record: up to {@code atMost}
     * attributes and runs of their blocks, but one attribute at least.
     */
    void removeSome(Inode inode, int atMost) throws IOException {
        Map<Name, XattrValue> removed = new TreeMap<>();
        Change change = fs.journal().begin().freeing();
        int weight = 0;
        for (Map.Entry<Name, XattrValue> entry : load(inode).values.entrySet()) {
            int runs = entry.getValue().runs().size();
            weight += 1 + runs;
            if (weight > atMost && !removed.isEmpty()) {
                break;
            }
            removed.put(entry.getKey(), entry.getValue());
            change.removeXattr(inode.ino, entry.getKey(), runs);
        }
        long lsn = fs.journal().append(change);
        inode.changedAt(lsn);
        for (XattrValue value : removed.values()) {
            recount(inode, value, null, lsn);
        }
        inode.xattrs.values.keySet().removeAll(removed.keySet());
    }

    private Attributes changedNow() {
        Attributes after = new Attributes();
        after.ctime = fs.now();
        return after;
    }

    /** Applies to the heap which blocks the inode has won and lost. */
    private void recount(Inode inode, XattrValue before, XattrValue after, long lsn) {
        synchronized (inode.attributes) {
            inode.attributes.blocks += (after == null ? 0 : after.blocks())
                    - (before == null ? 0 : before.blocks());
        }
        if (before != null) {
            store.freed(before, lsn);
        }
    }

    private static String who(Inode inode, String text) {
        return "attribute \"" + text + "\" of " + inode;
    }

    private static HoldfastException missing(Inode inode, String text) {
        return new HoldfastException(ErrorCode.NO_DATA,
                "no attribute \"" + text + "\" on " + inode);
    }
}
