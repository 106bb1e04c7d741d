package dev.holdfast.fs;

import dev.holdfast.dax.AddressSpace;
import java.io.IOException;

/** What a test of the public API looks at behind it. */
public final class FileSystemProbe {
    private FileSystemProbe() {}

    /** Returns the mapping entries of a file. */
    public static AddressSpace space(FileSystem fs, String path) throws IOException {
        return fs.pages(fs.paths().resolve(path, true)).space;
    }

    /** Gives an inode in the heap a number of links that it would take long to make. */
    public static void pretendLinks(FileSystem fs, String path, int links) throws IOException {
        Inode inode = fs.paths().resolve(path, true);
        Attributes after = new Attributes();
        after.links = links;
        long lsn = fs.journal().append(
                fs.journal().begin().attributes(inode.ino, Attributes.LINKS, after));
        inode.attributes.links = links;
        inode.changedAt(lsn);
        fs.inodes().retain(inode);
    }

    /** Keeps the inode lock exclusively until the result is closed. */
    public static Runnable lock(FileSystem fs, String path) throws IOException {
        Inode inode = fs.paths().resolve(path, true);
        inode.lock.writeLock().lock();
        return inode.lock.writeLock()::unlock;
    }
}
