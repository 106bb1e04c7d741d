package dev.holdfast.nio;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.FileType;
import dev.holdfast.file.RenameMode;
import dev.holdfast.fs.FileSystem;
import dev.holdfast.fs.Inode;
import dev.holdfast.fs.Namespace.NewInode;
import dev.holdfast.fs.Paths.Parent;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;

/**
 * The files of a volume as seen from one directory: from the root, or from one that a secure
 * directory stream holds open. Does what takes a path; what it throws names the path.
 */
final class TreeView {
    private static final int CREATE_TRIES = 40;

    private final HoldfastFileSystem fileSystem;
    /** Where relative paths begin; null for the root. */
    private final Inode base;
    /** Throws when {@link #base} is no longer held. */
    private final Runnable requireOpen;

    TreeView(HoldfastFileSystem fileSystem, Inode base, Runnable requireOpen) {
        this.fileSystem = fileSystem;
        this.base = base;
        this.requireOpen = requireOpen;
    }

    private FileSystem core() {
        return fileSystem.core();
    }

    private Inode base() throws IOException {
        requireOpen.run();
        return base == null ? core().root() : base;
    }

    /** Returns a path as the core takes it: the empty one stands for the base itself. */
    private String text(HoldfastPath path) {
        return path.isEmpty() ? "." : path.toString();
    }

    /** Returns what a path leads to. Throws what the core throws. */
    Inode find(HoldfastPath path, boolean follow) throws IOException {
        return core().paths().resolveFrom(base(), text(path), follow);
    }

    private Parent parent(String text) throws IOException {
        return core().paths().parentFrom(base(), text);
    }

    /** Returns what a path leads to, or throws naming it. */
    Inode require(HoldfastPath path, boolean follow) throws IOException {
        return Errors.naming(path, () -> find(path, follow));
    }

    // ---- opening

    /** Opens, and if need be makes, a file. */
    FileChannel open(HoldfastPath path, OpenFlags flags, int mode) throws IOException {
        return Errors.naming(path, () -> {
            Inode inode = flags.createNew() ? create(text(path), FileType.FILE, mode, null)
                    : findOrCreate(path, flags, mode);
            requireOpenable(inode, path, flags);
            if (inode.type() == FileType.DIRECTORY) {
                core().hold(inode);
            } else {
                core().files().open(inode, path.toString());
            }
            OpenFile file = new OpenFile(core(), inode);
            boolean complete = false;
            try {
                if (flags.truncate() && inode.sizeBytes() > 0) {
                    core().truncation().setSize(inode, 0);
                }
                if (flags.deleteOnClose()) {
                    // At once: the content stays until the channel closes, also when we die.
                    Parent parent = parent(text(path));
                    core().namespace().unlink(parent.directory(), parent.name());
                }
                FileChannel channel = new HoldfastFileChannel(fileSystem, path, file, flags);
                fileSystem.opened(channel);
                complete = true;
                return channel;
            } finally {
                if (!complete) {
                    file.close();
                }
            }
        });
    }

    private static void requireOpenable(Inode inode, HoldfastPath path, OpenFlags flags)
            throws IOException {
        if (inode.type() == FileType.SYMLINK) {
            throw new FileSystemException(path.toString(), null,
                    "Too many levels of symbolic links (NOFOLLOW_LINKS specified)");
        }
        if (inode.type() == FileType.DIRECTORY && flags.write()) {
            throw new FileSystemException(path.toString(), null, "Is a directory");
        }
    }

    /** A file that is to be made may be the target of a symbolic link that leads nowhere yet. */
    private Inode findOrCreate(HoldfastPath path, OpenFlags flags, int mode) throws IOException {
        for (int tries = 0; tries < CREATE_TRIES; tries++) {
            try {
                return find(path, flags.follow());
            } catch (HoldfastException e) {
                if (e.code() != ErrorCode.NOT_FOUND || !flags.create()) {
                    throw e;
                }
            }
            try {
                return create(endOfLinks(text(path)), FileType.FILE, mode, null);
            } catch (HoldfastException e) {
                if (e.code() != ErrorCode.EXISTS) {
                    throw e;
                }
                // Made by another meanwhile: it is there to be opened now.
            }
        }
        throw new HoldfastException(ErrorCode.BUSY,
                path + ": others made and removed it " + CREATE_TRIES + " times meanwhile");
    }

    private String endOfLinks(String text) throws IOException {
        String at = text;
        for (int links = 0; links < CREATE_TRIES; links++) {
            Parent parent = parent(at);
            Inode link;
            try {
                link = core().namespace().lookup(parent.directory(), parent.name());
            } catch (HoldfastException e) {
                return at;
            }
            if (link.type() != FileType.SYMLINK) {
                return at;
            }
            String target = core().paths().readLink(link);
            int slash = at.lastIndexOf('/');
            at = target.startsWith("/") ? target : at.substring(0, slash + 1) + target;
        }
        throw new HoldfastException(ErrorCode.SYMLINK_LOOP, text + ": too many symbolic links");
    }

    // ---- making

    private Inode create(String text, FileType type, int mode, byte[] target) throws IOException {
        Parent parent = parent(text);
        requireName(parent, text);
        Owners owners = Owners.INSTANCE;
        return core().namespace().create(parent.directory(), parent.name(),
                new NewInode(type, mode, owners.uid(), owners.gid(), 0, target));
    }

    void createDirectory(HoldfastPath path, int mode) throws IOException {
        Errors.naming(path, () -> {
            requireName(path, ErrorCode.EXISTS);
            return create(text(path), FileType.DIRECTORY, mode, null);
        });
    }

    /** The root, and what ends in a dot, has no name that could be made or removed. */
    private void requireName(HoldfastPath path, ErrorCode code) throws IOException {
        HoldfastPath name = path.getFileName();
        if (name == null || name.isEmpty() || name.toString().equals(".")
                || name.toString().equals("..")) {
            find(path, true);
            throw new HoldfastException(code, path + " is no name in a directory");
        }
    }

    void createSymbolicLink(HoldfastPath path, HoldfastPath target) throws IOException {
        Errors.naming(path, () -> create(text(path), FileType.SYMLINK, 0777,
                core().paths().encodeTarget(target.toString())));
    }

    void createLink(HoldfastPath path, HoldfastPath existing) throws IOException {
        try {
            link(path, find(existing, false), existing);
        } catch (HoldfastException e) {
            throw e.code() != ErrorCode.EXISTS ? Errors.translate(e, path, existing)
                    : new FileAlreadyExistsException(path.toString(), existing.toString(), null);
        }
    }

    private void link(HoldfastPath path, Inode inode, HoldfastPath existing) throws IOException {
        Parent parent = parent(text(path));
        requireName(parent, text(path));
        if (inode.type() == FileType.DIRECTORY) {
            if (exists(parent)) {
                throw new HoldfastException(ErrorCode.EXISTS, path + " exists");
            }
            throw new FileSystemException(existing.toString(), path.toString(),
                    "Operation not permitted: a directory has one name only");
        }
        core().namespace().link(inode, parent.directory(), parent.name());
    }

    /** A dot, or two, is a name that every directory has. */
    private void requireName(Parent parent, String text) throws HoldfastException {
        if (parent.name().equals(".") || parent.name().equals("..")) {
            throw new HoldfastException(ErrorCode.EXISTS, text + " exists");
        }
    }

    private boolean exists(Parent parent) throws IOException {
        try {
            core().namespace().lookup(parent.directory(), parent.name());
            return true;
        } catch (HoldfastException e) {
            if (e.code() == ErrorCode.NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    // ---- removing and moving

    /** Removes a name, of a directory too if it is empty. */
    void delete(HoldfastPath path) throws IOException {
        Errors.naming(path, () -> {
            requireName(path, ErrorCode.BUSY);
            Parent parent = parent(text(path));
            while (true) {
                boolean directory = core().namespace()
                        .lookup(parent.directory(), parent.name()).type() == FileType.DIRECTORY;
                try {
                    remove(parent, directory);
                    return null;
                } catch (HoldfastException e) {
                    boolean changed = e.code() == (directory ? ErrorCode.NOT_A_DIRECTORY
                            : ErrorCode.IS_A_DIRECTORY);
                    if (!changed) {
                        throw e;
                    }
                }
            }
        });
    }

    /** Removes a name that must, or must not, be a directory's. */
    void delete(HoldfastPath path, boolean directory) throws IOException {
        Errors.naming(path, () -> {
            remove(parent(text(path)), directory);
            return null;
        });
    }

    private void remove(Parent parent, boolean directory) throws IOException {
        if (directory) {
            core().namespace().rmdir(parent.directory(), parent.name());
        } else {
            core().namespace().unlink(parent.directory(), parent.name());
        }
    }

    /** Renames within the volume; {@code target} is seen from {@code other}. */
    void rename(HoldfastPath source, TreeView other, HoldfastPath target, RenameMode mode)
            throws IOException {
        Errors.naming(source, target, () -> {
            requireName(source, ErrorCode.BUSY);
            other.requireName(target, mode == RenameMode.NO_REPLACE ? ErrorCode.EXISTS
                    : ErrorCode.BUSY);
            Parent from = parent(text(source));
            Parent to = other.parent(other.text(target));
            core().renamer().rename(from.directory(), from.name(), to.directory(), to.name(), mode);
        });
    }

    // ---- looking

    String readLink(HoldfastPath path) throws IOException {
        Inode link = require(path, false);
        if (link.type() != FileType.SYMLINK) {
            throw new NotLinkException(path.toString());
        }
        return Errors.naming(path, () -> core().paths().readLink(link));
    }

    /** Returns a directory, for a stream of its names. */
    Inode requireDirectory(HoldfastPath path, boolean follow) throws IOException {
        Inode inode = null;
        try {
            inode = find(path, follow);
        } catch (HoldfastException e) {
            if (e.code() != ErrorCode.NOT_A_DIRECTORY) {
                throw Errors.translate(e, path, null);
            }
        }
        if (inode == null || inode.type() != FileType.DIRECTORY) {
            throw new NotDirectoryException(path.toString());
        }
        return inode;
    }

    /** Returns the path without ".", "..", and, if they are to be followed, symbolic links. */
    String realPath(HoldfastPath path, boolean follow) throws IOException {
        return Errors.naming(path, () -> {
            find(path, follow);
            return new RealPath(core(), follow).of(path.inVolume());
        });
    }

    HoldfastAttributeView view(String name, Path path, boolean follow) {
        HoldfastPath ours = HoldfastPath.require(path);
        return new HoldfastAttributeView(fileSystem, name, path, () -> find(ours, follow));
    }

    UserView userView(Path path, boolean follow) {
        HoldfastPath ours = HoldfastPath.require(path);
        return new UserView(fileSystem, path, () -> find(ours, follow));
    }
}
