package dev.holdfast.fs;

import dev.holdfast.file.AttributeChange;
import dev.holdfast.file.FileStat;
import dev.holdfast.file.FileType;
import java.io.IOException;

/** Reads and changes the attributes of inodes. */
public final class FileAttributes {
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
            long lsn = fs.journal().append(
                    fs.journal().begin().attributes(inode.ino, fields, after));
            apply(inode, fields, after);
            inode.changedAt(lsn);
            fs.inodes().retain(inode);
            fs.settle(lsn);
        } finally {
            inode.lock.writeLock().unlock();
        }
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
