package dev.holdfast.fs;

/**
 * What gaining or losing names does to a directory's attributes. The directory's inode lock is held
 * exclusively from the constructor to {@link #apply}. A directory's size is its number of names.
 */
final class ParentUpdate {
    private static final int FIELDS =
            Attributes.SIZE | Attributes.MTIME | Attributes.CTIME | Attributes.LINKS;

    private final Inode directory;
    private final Attributes after = new Attributes();

    ParentUpdate(Inode directory, int names, int subdirectories, long now) {
        this.directory = directory;
        after.size = directory.attributes.size + names;
        after.links = directory.attributes.links + subdirectories;
        after.mtime = now;
        after.ctime = now;
    }

    void log(Change change) {
        change.attributes(directory.ino, FIELDS, after);
    }

    void apply(FileSystem fs, long lsn) {
        synchronized (directory.attributes) {
            directory.setSize(after.size);
            directory.attributes.links = after.links;
            directory.attributes.mtime = after.mtime;
            directory.attributes.ctime = after.ctime;
        }
        directory.dataChangedAt(lsn);
        fs.inodes().retain(directory);
    }
}
