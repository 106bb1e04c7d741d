package dev.holdfast.fs;

/**
 * A change of an inode's number of links, with its change time. Its inode lock is held throughout.
 */
final class LinkUpdate {
    private final Inode inode;
    private final Attributes after = new Attributes();

    LinkUpdate(Inode inode, int links, long now) {
        this.inode = inode;
        after.links = inode.attributes.links + links;
        after.ctime = now;
    }

    void log(Change change) {
        change.attributes(inode.ino, Attributes.LINKS | Attributes.CTIME, after);
    }

    void apply(FileSystem fs, long lsn) {
        synchronized (inode.attributes) {
            inode.attributes.links = after.links;
            inode.attributes.ctime = after.ctime;
        }
        inode.changedAt(lsn);
        fs.inodes().retain(inode);
    }
}
