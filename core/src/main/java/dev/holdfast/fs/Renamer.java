package dev.holdfast.fs;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.FileType;
import dev.holdfast.file.RenameMode;
import dev.holdfast.mutant.Mutant;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Renames: plain, without replacing, and exchanging. One record each.
 *
 * <p>Locks: renames that lock two directories neither of which is the other's parent, that is
 * between directories or of one directory over another, one at a time; then the directories, an
 * ancestor first, else by number; then the two inodes by number. All others lock from parent to
 * child, so that no cycle can close but through the one rename, and that one never waits for an
 * ancestor of what it holds.
 *
 * <p>Durability: the data of a file that takes another's name is made durable before the record is
 * stored, so that a crash leaves the old file or the whole new one.
 */
public final class Renamer {
    private final FileSystem fs;
    private final ReentrantLock acrossTree = new ReentrantLock();

    Renamer(FileSystem fs) {
        this.fs = fs;
    }

    /** Renames; see {@link RenameMode} for what happens when the new name is taken. */
    public void rename(Inode fromDirectory, String fromText, Inode toDirectory, String toText,
            RenameMode mode) throws IOException {
        Namespace.requireDirectory(fromDirectory);
        Namespace.requireDirectory(toDirectory);
        fs.requireWritable();
        if (fromDirectory == toDirectory
                && lockedDirectories(fromDirectory, fromText, toDirectory, toText, mode)) {
            return;
        }
        acrossTree.lock();
        try {
            lockedDirectories(fromDirectory, fromText, toDirectory, toText, mode);
        } finally {
            acrossTree.unlock();
        }
    }

    /** Tells false, with nothing done, when this has to be the only such rename and is not. */
    private boolean lockedDirectories(Inode from, String fromText, Inode to, String toText,
            RenameMode mode)
            throws IOException {
        boolean fromFirst = isAncestor(from, to) || !isAncestor(to, from) && from.ino <= to.ino;
        Inode first = fromFirst ? from : to;
        Inode second = fromFirst ? to : from;
        first.lock.writeLock().lock();
        second.lock.writeLock().lock();
        try {
            Name fromName = fs.namespace().name(fromText, from);
            Name toName = fs.namespace().name(toText, to);
            Namespace.requireAlive(to);
            Inode source = require(from, fromName);
            Dentry taken = to.directory.get(toName);
            Inode target = taken == null ? null : fs.inode(taken.ino());
            checkTarget(source, target, from, to, toName, mode);
            if (!acrossTree.isHeldByCurrentThread() && source.type == FileType.DIRECTORY
                    && target != null && target.type == FileType.DIRECTORY) {
                return false;
            }
            if (target != source) {
                lockedInodes(new Names(from, fromName, to, toName), source, target, mode);
            }
            return true;
        } finally {
            second.lock.writeLock().unlock();
            first.lock.writeLock().unlock();
        }
    }

    private record Names(Inode from, Name fromName, Inode to, Name toName) {}

    private Inode require(Inode directory, Name name) throws IOException {
        Dentry dentry = directory.directory.get(name);
        if (dentry == null) {
            throw new HoldfastException(ErrorCode.NOT_FOUND,
                    "no \"" + name + "\" in " + directory);
        }
        return fs.inode(dentry.ino());
    }

    private void checkTarget(Inode source, Inode target, Inode from, Inode to, Name toName,
            RenameMode mode) throws IOException {
        if (target == null && mode == RenameMode.EXCHANGE) {
            throw new HoldfastException(ErrorCode.NOT_FOUND, "nothing to exchange with: no \""
                    + toName + "\" in " + to);
        }
        if (target != null && mode == RenameMode.NO_REPLACE) {
            throw new HoldfastException(ErrorCode.EXISTS, "\"" + toName + "\" exists in " + to);
        }
        if (holds(source, to) || mode == RenameMode.EXCHANGE && holds(target, from)) {
            throw new HoldfastException(ErrorCode.INVALID,
                    "a directory cannot be moved into itself: " + source + " to \"" + toName
                    + "\"");
        }
        if (target == null || target == source || mode == RenameMode.EXCHANGE) {
            return;
        }
        boolean sourceIsDirectory = source.type == FileType.DIRECTORY;
        if (target.type == FileType.DIRECTORY && !sourceIsDirectory) {
            throw new HoldfastException(ErrorCode.IS_A_DIRECTORY,
                    "\"" + toName + "\" is a directory and the source is not");
        }
        if (target.type != FileType.DIRECTORY && sourceIsDirectory) {
            throw new HoldfastException(ErrorCode.NOT_A_DIRECTORY,
                    "\"" + toName + "\" is not a directory and the source is one");
        }
        if (holds(target, from)) {
            throw new HoldfastException(ErrorCode.NOT_EMPTY,
                    "\"" + toName + "\" is not empty: it holds what is to take its place");
        }
    }

    /** Tells whether an inode is the directory {@code below}, or an ancestor of it. */
    private boolean holds(Inode inode, Inode below) throws IOException {
        return inode == below || isAncestor(inode, below);
    }

    /** Tells whether {@code above} is a proper ancestor of {@code below}. */
    private boolean isAncestor(Inode above, Inode below) throws IOException {
        if (above.type != FileType.DIRECTORY) {
            return false;
        }
        Inode at = below;
        // What was removed meanwhile has nothing above it, and the rename will find that it is
        // gone.
        while (at != null && at.type == FileType.DIRECTORY && at.ino != ItemType.ROOT) {
            long parent = Namespace.parentOf(at);
            if (parent == above.ino) {
                return true;
            }
            at = fs.inodes().get(parent);
        }
        return false;
    }

    private void lockedInodes(Names names, Inode source, Inode target, RenameMode mode)
            throws IOException {
        Inode first = target == null || source.ino < target.ino ? source : target;
        Inode second = target == null || first == target ? source : target;
        first.lock.writeLock().lock();
        second.lock.writeLock().lock();
        try {
            if (mode == RenameMode.EXCHANGE) {
                exchange(names, source, target);
            } else {
                move(names, source, target);
            }
        } finally {
            second.lock.writeLock().unlock();
            first.lock.writeLock().unlock();
        }
    }

    private void move(Names names, Inode source, Inode target) throws IOException {
        boolean isDirectory = source.type == FileType.DIRECTORY;
        if (target != null) {
            if (isDirectory) {
                Namespace.requireEmpty(target, names.toName.text());
            }
            if (source.pages != null && !fs.mutants().on(Mutant.RENAME_WITHOUT_DATA)) {
                fs.files().persistData(source);
            }
        }
        int moved = isDirectory && names.from != names.to ? 1 : 0;
        if (moved == 1 && target == null) {
            Namespace.requireRoomForLink(names.to);
        }
        long now = fs.now();
        Change change = fs.journal().begin();
        if (target != null) {
            change.freeing();
        }
        change.removeDentry(names.from.ino, names.fromName);
        if (fs.mutants().on(Mutant.RENAME_IN_TWO_RECORDS)) {
            fs.journal().append(change);
            change = fs.journal().begin();
        }
        change.dentry(names.to.ino, names.toName, source.ino, source.type);
        int lostDirectory = target != null && isDirectory ? 1 : 0;
        boolean same = names.from == names.to;
        int gained = target == null ? 1 : 0;
        ParentUpdate toUpdate = new ParentUpdate(names.to, same ? gained - 1 : gained,
                moved - lostDirectory, now);
        ParentUpdate fromUpdate = same ? null : new ParentUpdate(names.from, -1, -moved, now);
        toUpdate.log(change);
        if (fromUpdate != null) {
            fromUpdate.log(change);
        }
        SourceUpdate sourceUpdate = new SourceUpdate(source, names.to, now);
        sourceUpdate.log(change);
        LinkLoss loss = target == null ? null
                : fs.orphans().loseLink(target, isDirectory ? 2 : 1, now, change);
        long lsn = fs.journal().append(change);
        names.from.directory.set(names.fromName, null, lsn);
        names.to.directory.set(names.toName, new Dentry(source.ino, source.type), lsn);
        toUpdate.apply(fs, lsn);
        if (fromUpdate != null) {
            fromUpdate.apply(fs, lsn);
        }
        sourceUpdate.apply(fs, lsn);
        if (loss != null) {
            loss.apply(lsn);
        }
        fs.settle(lsn);
    }

    private void exchange(Names names, Inode source, Inode target) throws IOException {
        long now = fs.now();
        int sourceIs = source.type == FileType.DIRECTORY ? 1 : 0;
        int targetIs = target.type == FileType.DIRECTORY ? 1 : 0;
        boolean same = names.from == names.to;
        Change change = fs.journal().begin()
                .dentry(names.to.ino, names.toName, source.ino, source.type)
                .dentry(names.from.ino, names.fromName, target.ino, target.type);
        ParentUpdate toUpdate =
                new ParentUpdate(names.to, 0, same ? 0 : sourceIs - targetIs, now);
        ParentUpdate fromUpdate =
                same ? null : new ParentUpdate(names.from, 0, targetIs - sourceIs, now);
        SourceUpdate sourceUpdate = new SourceUpdate(source, names.to, now);
        SourceUpdate targetUpdate = new SourceUpdate(target, names.from, now);
        toUpdate.log(change);
        if (fromUpdate != null) {
            fromUpdate.log(change);
        }
        sourceUpdate.log(change);
        targetUpdate.log(change);
        long lsn = fs.journal().append(change);
        names.to.directory.set(names.toName, new Dentry(source.ino, source.type), lsn);
        names.from.directory.set(names.fromName, new Dentry(target.ino, target.type), lsn);
        toUpdate.apply(fs, lsn);
        if (fromUpdate != null) {
            fromUpdate.apply(fs, lsn);
        }
        sourceUpdate.apply(fs, lsn);
        targetUpdate.apply(fs, lsn);
        fs.settle(lsn);
    }

    /** What moving does to the inode that moves: its change time, and a directory's parent. */
    private static final class SourceUpdate {
        private final Inode inode;
        private final Attributes after = new Attributes();

        SourceUpdate(Inode inode, Inode newParent, long now) {
            this.inode = inode;
            after.ctime = now;
            after.parent = newParent.ino;
        }

        private boolean isDirectory() {
            return inode.type == FileType.DIRECTORY;
        }

        void log(Change change) {
            change.attributes(inode.ino,
                    Attributes.CTIME | (isDirectory() ? Attributes.PARENT : 0), after);
        }

        void apply(FileSystem fs, long lsn) {
            synchronized (inode.attributes) {
                inode.attributes.ctime = after.ctime;
                if (isDirectory()) {
                    inode.attributes.parent = after.parent;
                }
            }
            if (fs.mutants().on(Mutant.DIRTY_FORGOTTEN_NAMING)) {
                inode.changedAt(lsn);
            } else {
                inode.dataChangedAt(lsn);
            }
            fs.inodes().retain(inode);
        }
    }
}
