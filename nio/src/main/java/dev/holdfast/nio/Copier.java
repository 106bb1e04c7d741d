package dev.holdfast.nio;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.AttributeChange;
import dev.holdfast.file.FileStat;
import dev.holdfast.file.FileType;
import dev.holdfast.file.RenameMode;
import dev.holdfast.file.XattrMode;
import dev.holdfast.fs.Inode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/** Copies and moves, within a volume and between volumes. */
final class Copier {
    private static final Set<StandardOpenOption> READ = Set.of(StandardOpenOption.READ);
    private static final Set<StandardOpenOption> MAKE =
            Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);

    private final HoldfastPath source;
    private final HoldfastPath target;
    private final HoldfastFileSystem from;
    private final HoldfastFileSystem to;
    private boolean replace;
    private boolean attributes;
    private boolean atomic;
    private boolean follow = true;

    Copier(HoldfastPath source, HoldfastPath target) {
        this.source = source;
        this.target = target;
        this.from = source.getFileSystem();
        this.to = target.getFileSystem();
    }

    private void readOptions(CopyOption[] options, boolean moving) {
        for (CopyOption option : options) {
            if (option == StandardCopyOption.REPLACE_EXISTING) {
                replace = true;
            } else if (option == StandardCopyOption.COPY_ATTRIBUTES && !moving) {
                attributes = true;
            } else if (option == StandardCopyOption.ATOMIC_MOVE && moving) {
                atomic = true;
            } else if (option == LinkOption.NOFOLLOW_LINKS) {
                follow = false;
            } else if (option == null) {
                throw new NullPointerException("option");
            } else if (!option.toString().equals("INTERRUPTIBLE") || moving) {
                throw new UnsupportedOperationException(option + " is not supported");
            }
        }
    }

    /** What lies below a file does not exist: so the default provider says, here. */
    private Inode sourceInode(boolean following) throws IOException {
        try {
            return from.tree().find(source, following);
        } catch (HoldfastException e) {
            if (e.code() == ErrorCode.NOT_A_DIRECTORY) {
                throw new NoSuchFileException(source.toString());
            }
            throw Errors.translate(e, source, null);
        }
    }

    /** Returns the target, or null; an exception names the two paths. */
    private Inode targetOrNull(HoldfastPath named, HoldfastPath other) throws IOException {
        try {
            return to.tree().find(target, false);
        } catch (HoldfastException e) {
            if (e.code() == ErrorCode.NOT_FOUND) {
                return null;
            }
            throw Errors.translate(e, named, other);
        }
    }

    /** Makes room for the target; refuses if it is there and must not be replaced. */
    private void clear(Inode existing) throws IOException {
        if (existing != null) {
            if (!replace) {
                throw new FileAlreadyExistsException(target.toString());
            }
            to.tree().delete(target);
        }
    }

    // ---- moving

    void move(CopyOption... options) throws IOException {
        readOptions(options, true);
        if (from != to) {
            moveAcross();
            return;
        }
        if (atomic) {
            from.tree().rename(source, to.tree(), target, RenameMode.REPLACE);
            return;
        }
        Inode moved = sourceInode(false);
        Inode existing = targetOrNull(source, target);
        if (existing == moved) {
            return;
        }
        boolean inOneStep = existing == null || !replace
                || existing.type() != FileType.DIRECTORY && moved.type() != FileType.DIRECTORY;
        if (!inOneStep) {
            to.tree().delete(target);
        }
        from.tree().rename(source, to.tree(), target,
                replace ? RenameMode.REPLACE : RenameMode.NO_REPLACE);
    }

    private void moveAcross() throws IOException {
        if (atomic) {
            throw new AtomicMoveNotSupportedException(source.toString(), target.toString(),
                    "the volumes are not the same");
        }
        follow = false;
        attributes = true;
        Inode moved = sourceInode(false);
        if (moved.type() == FileType.DIRECTORY
                && !Errors.naming(source,
                () -> from.core().namespace().list(moved, 0, 1)).isEmpty()) {
            throw new DirectoryNotEmptyException(source.toString());
        }
        copyFrom(moved);
        from.tree().delete(source);
    }

    // ---- copying

    void copy(CopyOption... options) throws IOException {
        readOptions(options, false);
        copyFrom(sourceInode(follow));
    }

    private void copyFrom(Inode inode) throws IOException {
        Inode existing = targetOrNull(target, null);
        if (existing == inode) {
            return;
        }
        clear(existing);
        FileStat stat = from.core().attributes().stat(inode);
        switch (inode.type()) {
            case DIRECTORY -> to.tree().createDirectory(target, stat.mode());
            case SYMLINK -> to.tree().createSymbolicLink(target,
                    HoldfastPath.of(to, from.tree().readLink(source)));
            case FILE -> copyContent(stat.mode());
            default -> throw new UnsupportedOperationException(
                    source + " is a " + inode.type() + ", which cannot be copied");
        }
        if (attributes) {
            copyAttributes(inode, stat);
        }
    }

    private void copyContent(int mode) throws IOException {
        try (FileChannel in = from.tree().open(source, OpenFlags.of(READ), 0);
                FileChannel out = to.tree().open(target, OpenFlags.of(MAKE),
                        mode & ~Owners.INSTANCE.umask())) {
            boolean complete = false;
            try {
                transfer(in, out);
                complete = true;
            } finally {
                if (!complete) {
                    to.tree().delete(target);
                }
            }
        }
    }

    private static void transfer(FileChannel in, FileChannel out) throws IOException {
        long size = in.size();
        long done = 0;
        long copied = -1;
        while (done < size && copied != 0) {
            copied = in.transferTo(done, size - done, out);
            done += copied;
        }
    }

    private void copyAttributes(Inode inode, FileStat stat) throws IOException {
        Errors.naming(target, () -> {
            Inode made = to.tree().find(target, false);
            for (String name : from.core().xattrs().list(inode)) {
                to.core().xattrs().set(made, name, from.core().xattrs().get(inode, name),
                        XattrMode.CREATE_OR_REPLACE);
            }
            to.core().attributes().change(made, new AttributeChange().mode(stat.mode())
                    .uid(stat.uid()).gid(stat.gid())
                    .accessNanos(stat.accessNanos()).modifyNanos(stat.modifyNanos()));
            return null;
        });
    }
}
