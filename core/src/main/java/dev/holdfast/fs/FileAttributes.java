package dev.holdfast.fs;

import dev.holdfast.file.AttributeChange;
import dev.holdfast.file.FileStat;
import dev.holdfast.file.FileType;
import java.io.IOException;
import java.util.function.IntPredicate;

/** Reads and changes the attributes of inodes. */
public final class FileAttributes {
    private static final int SET_USER_ID = 04000;
    private static final int SET_GROUP_ID = 02000;
    private static final int GROUP_MAY_EXECUTE = 010;
    private static final String CAPABILITIES = "security.capability";

    private final FileSystem fs;

    FileAttributes(FileSystem fs) {
        this.fs = fs;
    }

    /** Returns the attributes as they are now. */
    public FileStat stat(Inode inode) {
        Attributes a = inode.attributes;
        synchronized (a) {
            return new FileStat(inode.ino, inode.type, a.mode & ~FileType.MODE_MASK, a.links, a.uid,
                    a.gid, a.size, a.blocks, a.atime, a.mtime, a.ctime, a.btime, a.device);
        }
    }

    /** Sets attributes in one record. */
    public void change(Inode inode, AttributeChange wanted) throws IOException {
        fs.requireWritable();
        inode.lock.writeLock().lock();
        try {
            Files.requireNotDeleted(inode);
            Attributes after = new Attributes();
            after.ctime = fs.now();
            int fields = Attributes.CTIME | fill(inode, wanted, after);
            Change change = fs.journal().begin().attributes(inode.ino, fields, after);
            XattrValue list = wanted.mode() == null ? null
                    : fs.acls().follow(inode, after.mode, change);
            long lsn = fs.journal().append(change);
            if (list != null) {
                fs.acls().followed(inode, list);
            }
            apply(inode, fields, after);
            inode.changedAt(lsn);
            fs.inodes().retain(inode);
            fs.settle(lsn);
        } finally {
            inode.lock.writeLock().unlock();
        }
    }

    /**
     * Takes set-user-id, set-group-id and file capabilities away, as the write of a user without
     * privileges must.
     *
     * @param isInGroup whether that user is in a group, or may set the bit for any
     */
    public void dropPrivileges(Inode inode, IntPredicate isInGroup) throws IOException {
        inode.lock.writeLock().lock();
        try {
            FileStat stat = stat(inode);
            int left = withoutSetId(stat, isInGroup);
            if (left != stat.mode()) {
                change(inode, new AttributeChange().mode(left));
            }
            dropCapabilities(inode);
        } finally {
            inode.lock.writeLock().unlock();
        }
    }

    /** Takes file capabilities away, as every write must, whoever writes. */
    public void dropCapabilities(Inode inode) throws IOException {
        inode.lock.writeLock().lock();
        try {
            if (fs.xattrs().has(inode, CAPABILITIES)) {
                fs.xattrs().remove(inode, CAPABILITIES);
            }
        } finally {
            inode.lock.writeLock().unlock();
        }
    }

    /**
     * Returns the mode without the bits that a change of owner or content takes away.
     * Set-group-id without the group's right to execute stays with those who are in the group.
     */
    public static int withoutSetId(FileStat stat, IntPredicate isInGroup) {
        int left = stat.mode() & ~SET_USER_ID;
        boolean keepsGroup = (left & SET_GROUP_ID) == 0
                || (left & GROUP_MAY_EXECUTE) == 0 && isInGroup.test(stat.gid());
        return keepsGroup ? left : left & ~SET_GROUP_ID;
    }

    private static int fill(Inode inode, AttributeChange wanted, Attributes after) {
        int fields = 0;
        if (wanted.mode() != null) {
            after.mode = inode.type.modeBits() | wanted.mode() & ~FileType.MODE_MASK & 0xFFFF;
            fields |= Attributes.MODE;
        }
        if (wanted.uid() != null) {
            after.uid = wanted.uid();
            fields |= Attributes.UID;
        }
        if (wanted.gid() != null) {
            after.gid = wanted.gid();
            fields |= Attributes.GID;
        }
        if (wanted.accessNanos() != null) {
            after.atime = wanted.accessNanos();
            fields |= Attributes.ATIME;
        }
        if (wanted.modifyNanos() != null) {
            after.mtime = wanted.modifyNanos();
            fields |= Attributes.MTIME;
        }
        return fields;
    }

    private static void apply(Inode inode, int fields, Attributes after) {
        Attributes a = inode.attributes;
        synchronized (a) {
            a.ctime = after.ctime;
            a.mode = (fields & Attributes.MODE) != 0 ? after.mode : a.mode;
            a.uid = (fields & Attributes.UID) != 0 ? after.uid : a.uid;
            a.gid = (fields & Attributes.GID) != 0 ? after.gid : a.gid;
            a.atime = (fields & Attributes.ATIME) != 0 ? after.atime : a.atime;
            a.mtime = (fields & Attributes.MTIME) != 0 ? after.mtime : a.mtime;
        }
    }
}
