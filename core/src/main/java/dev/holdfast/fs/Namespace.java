package dev.holdfast.fs;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.DirectoryEntry;
import dev.holdfast.file.FileType;
import dev.holdfast.mutant.Mutant;
import java.io.IOException;
import java.util.List;

/**
 * Names: look up, make, link, remove, list. Each call is one record. Renaming is in
 * {@link Renamer}.
 *
 * <p>Locks: the directory's inode lock, then the child's; a parent always before its child.
 */
public final class Namespace {
    private final FileSystem fs;

    Namespace(FileSystem fs) {
        this.fs = fs;
    }

    /**
     * What a new inode starts with; {@code umask} counts where the directory has no default list.
     */
    public record NewInode(FileType type, int mode, int umask, int uid, int gid, long device,
            byte[] target) {
        /** With the mode as it is. */
        public NewInode(FileType type, int mode, int uid, int gid, long device, byte[] target) {
            this(type, mode, 0, uid, gid, device, target);
        }
    }

    Name name(String text, Inode directory) throws HoldfastException {
        return Name.of(text, fs.hash(), directory);
    }

    /** Returns what a name stands for; "." and ".." included. */
    public Inode lookup(Inode directory, String text) throws IOException {
        Inode found = lookupOrNull(directory, text);
        if (found == null) {
            throw new HoldfastException(ErrorCode.NOT_FOUND, "no \"" + text + "\" in " + directory);
        }
        return found;
    }

    /**
     * Returns the inode of a number that was given out some time, perhaps before the volume was
     * opened; fails with {@code NOT_FOUND} if it is gone.
     */
    public Inode find(long ino) throws IOException {
        Inode inode = fs.inodes().get(ino);
        if (inode == null || inode.attributes.links == 0 && !fs.inodes().isHeld(inode)) {
            throw new HoldfastException(ErrorCode.NOT_FOUND, "no inode " + ino + " any more");
        }
        return inode;
    }

    /** Returns what a name stands for, or null: for who often asks for what is not there. */
    public Inode lookupOrNull(Inode directory, String text) throws IOException {
        requireDirectory(directory);
        if (text.equals(".")) {
            return directory;
        }
        directory.lock.readLock().lock();
        try {
            if (text.equals("..")) {
                return fs.inode(parentOf(directory));
            }
            Dentry dentry = directory.directory.get(name(text, directory));
            return dentry == null ? null : fs.inode(dentry.ino());
        } finally {
            directory.lock.readLock().unlock();
        }
    }

    static long parentOf(Inode directory) {
        synchronized (directory.attributes) {
            return directory.attributes.parent;
        }
    }

    /** Makes an inode under a name that is free. */
    public Inode create(Inode directory, String text, NewInode wanted) throws IOException {
        requireDirectory(directory);
        fs.requireWritable();
        directory.lock.writeLock().lock();
        try {
            Name name = name(text, directory);
            requireFree(directory, name);
            requireAlive(directory);
            boolean isDirectory = wanted.type == FileType.DIRECTORY;
            Inode inode = newInode(wanted, directory, isDirectory ? directory.ino : 0);
            if (isDirectory) {
                requireRoomForLink(directory);
            }
            Change change = fs.journal().begin().makeInode(inode.ino, inode.attributes);
            logAttributes(inode, change);
            if (wanted.target != null) {
                change.symlink(inode.ino, wanted.target);
            }
            change.dentry(directory.ino, name, inode.ino, inode.type);
            ParentUpdate parent = new ParentUpdate(directory, 1, isDirectory ? 1 : 0, fs.now());
            parent.log(change);
            long lsn = fs.journal().append(change);
            named(inode, lsn);
            inode.tailDirty = false;
            fs.inodes().add(inode);
            fs.inodes().retain(inode);
            directory.directory.set(name, new Dentry(inode.ino, inode.type), lsn);
            parent.apply(fs, lsn);
            fs.settle(lsn);
            return inode;
        } finally {
            directory.lock.writeLock().unlock();
        }
    }

    /**
     * Makes an inode without a name, held for the caller: it goes with its last holder, or at the
     * next mount, unless {@link #link} names it.
     */
    public Inode createNameless(Inode directory, NewInode wanted) throws IOException {
        requireDirectory(directory);
        fs.requireWritable();
        directory.lock.readLock().lock();
        try {
            requireAlive(directory);
        } finally {
            directory.lock.readLock().unlock();
        }
        Inode inode = newInode(wanted, directory, 0);
        inode.attributes.links = 0;
        inode.isNameable = true;
        inode.tailDirty = false;
        fs.inodes().hold(inode);
        Change change = fs.journal().begin().makeInode(inode.ino, inode.attributes)
                .orphan(new Orphan(inode.ino, Orphan.Kind.DELETE, 0, 0));
        logAttributes(inode, change);
        long lsn = fs.journal().append(change);
        inode.dataChangedAt(lsn);
        fs.inodes().add(inode);
        fs.inodes().retain(inode);
        fs.settle(lsn);
        return inode;
    }

    private static void logAttributes(Inode inode, Change change) {
        inode.xattrs.values.forEach((name, value) -> change.xattr(inode.ino, name, value, 0));
    }

    private Inode newInode(NewInode wanted, Inode directory, long parent) throws IOException {
        Acls.Inherited inherited =
                fs.acls().inherit(directory, wanted.type, wanted.mode, wanted.umask);
        Attributes attributes = new Attributes();
        attributes.mode = wanted.type.modeBits() | inherited.mode() & ~FileType.MODE_MASK;
        attributes.uid = wanted.uid;
        attributes.gid = wanted.gid;
        attributes.links = wanted.type == FileType.DIRECTORY ? 2 : 1;
        attributes.size = wanted.target == null ? 0 : wanted.target.length;
        attributes.device = wanted.device;
        attributes.parent = parent;
        long now = fs.now();
        attributes.atime = now;
        attributes.mtime = now;
        attributes.ctime = now;
        attributes.btime = now;
        Inode inode = fs.newInode(fs.allocateInodeNumber(), attributes);
        inode.xattrs = new XattrMap();
        inode.xattrs.values.putAll(inherited.attributes());
        inode.target = wanted.target;
        return inode;
    }

    /** D1, and the naming part of it: an inode is not found before its name is durable. */
    private void named(Inode inode, long lsn) {
        if (fs.mutants().on(Mutant.DIRTY_FORGOTTEN_NAMING)) {
            inode.changedAt(lsn);
        } else {
            inode.dataChangedAt(lsn);
        }
    }

    /** Gives an inode that is no directory one more name. */
    public void link(Inode inode, Inode directory, String text) throws IOException {
        requireDirectory(directory);
        fs.requireWritable();
        if (inode.type == FileType.DIRECTORY) {
            throw new HoldfastException(ErrorCode.ACCESS_DENIED,
                    "a directory has one name only: " + inode + " cannot be linked as " + text);
        }
        directory.lock.writeLock().lock();
        inode.lock.writeLock().lock();
        try {
            Name name = name(text, directory);
            requireFree(directory, name);
            requireAlive(directory);
            boolean isFirst = inode.attributes.links == 0;
            if (isFirst && (!inode.isNameable || inode.deleted)) {
                throw new HoldfastException(ErrorCode.NOT_FOUND, inode + " was removed meanwhile");
            }
            requireRoomForLink(inode);
            long now = fs.now();
            Change change = fs.journal().begin().dentry(directory.ino, name, inode.ino, inode.type);
            LinkUpdate links = new LinkUpdate(inode, 1, now);
            ParentUpdate parent = new ParentUpdate(directory, 1, 0, now);
            links.log(change);
            parent.log(change);
            if (isFirst) {
                change.removeOrphan(inode.ino);
            }
            long lsn = fs.journal().append(change);
            named(inode, lsn);
            inode.isNameable = false;
            links.apply(fs, lsn);
            directory.directory.set(name, new Dentry(inode.ino, inode.type), lsn);
            parent.apply(fs, lsn);
            fs.settle(lsn);
        } finally {
            inode.lock.writeLock().unlock();
            directory.lock.writeLock().unlock();
        }
    }

    /** Removes a name of something that is no directory; the inode goes with its last holder. */
    public void unlink(Inode directory, String text) throws IOException {
        remove(directory, text, false);
    }

    /** Removes an empty directory. */
    public void rmdir(Inode directory, String text) throws IOException {
        remove(directory, text, true);
    }

    private void remove(Inode directory, String text, boolean wantDirectory) throws IOException {
        requireDirectory(directory);
        fs.requireWritable();
        Inode inode;
        directory.lock.writeLock().lock();
        try {
            Name name = name(text, directory);
            Dentry dentry = directory.directory.get(name);
            if (dentry == null) {
                throw new HoldfastException(ErrorCode.NOT_FOUND,
                        "no \"" + text + "\" in " + directory);
            }
            requireKind(dentry, text, wantDirectory);
            inode = fs.inode(dentry.ino());
            inode.lock.writeLock().lock();
            try {
                removeLocked(directory, name, inode);
            } finally {
                inode.lock.writeLock().unlock();
            }
        } finally {
            directory.lock.writeLock().unlock();
        }
    }

    private static void requireKind(Dentry dentry, String text, boolean wantDirectory)
            throws HoldfastException {
        boolean isDirectory = dentry.type() == FileType.DIRECTORY;
        if (isDirectory && !wantDirectory) {
            throw new HoldfastException(ErrorCode.IS_A_DIRECTORY,
                    "\"" + text + "\" is a directory: remove it as one");
        }
        if (!isDirectory && wantDirectory) {
            throw new HoldfastException(ErrorCode.NOT_A_DIRECTORY,
                    "\"" + text + "\" is not a directory");
        }
    }

    private void removeLocked(Inode directory, Name name, Inode inode) throws IOException {
        boolean isDirectory = inode.type == FileType.DIRECTORY;
        if (isDirectory) {
            requireEmpty(inode, name.text());
        }
        long now = fs.now();
        Change change = fs.journal().begin().freeing().removeDentry(directory.ino, name);
        ParentUpdate parent = new ParentUpdate(directory, -1, isDirectory ? -1 : 0, now);
        parent.log(change);
        LinkLoss loss = fs.orphans().loseLink(inode, isDirectory ? 2 : 1, now, change);
        long lsn = fs.journal().append(change);
        directory.directory.set(name, null, lsn);
        parent.apply(fs, lsn);
        loss.apply(lsn);
        fs.settle(lsn);
    }

    static void requireEmpty(Inode directory, String text) throws IOException {
        if (!directory.directory.isEmpty()) {
            throw new HoldfastException(ErrorCode.NOT_EMPTY, "\"" + text + "\" is not empty");
        }
    }

    /** Lists names past {@code position}; see {@link Directory#list}. */
    public List<DirectoryEntry> list(Inode directory, long position, int wanted)
            throws IOException {
        requireDirectory(directory);
        directory.lock.readLock().lock();
        try {
            return directory.directory.list(position, wanted).stream()
                    .map(listed -> new DirectoryEntry(listed.name().text(), listed.dentry().ino(),
                            listed.dentry().type(), listed.name().hash()))
                    .toList();
        } finally {
            directory.lock.readLock().unlock();
        }
    }

    static void requireDirectory(Inode inode) throws HoldfastException {
        if (inode.type != FileType.DIRECTORY) {
            throw new HoldfastException(ErrorCode.NOT_A_DIRECTORY, inode + " is not a directory");
        }
    }

    static void requireAlive(Inode directory) throws HoldfastException {
        if (directory.attributes.links == 0) {
            throw new HoldfastException(ErrorCode.NOT_FOUND, directory + " was removed meanwhile");
        }
    }

    private static void requireFree(Inode directory, Name name) throws IOException {
        if (directory.directory.get(name) != null) {
            throw new HoldfastException(ErrorCode.EXISTS,
                    "\"" + name + "\" exists in " + directory);
        }
    }

    static void requireRoomForLink(Inode inode) throws HoldfastException {
        if (inode.attributes.links >= Limits.LINKS) {
            throw new HoldfastException(ErrorCode.TOO_MANY_LINKS, inode + " has "
                    + inode.attributes.links + " links, and " + Limits.LINKS + " is the limit");
        }
    }
}
