package dev.holdfast.fuse;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.FileStat;
import dev.holdfast.file.FileType;
import dev.holdfast.file.NameText;
import dev.holdfast.file.RenameMode;
import dev.holdfast.fs.Inode;
import dev.holdfast.fs.Namespace.NewInode;
import java.io.IOException;

/** Everything that looks up, makes, links, moves and removes names. */
final class NameOps {
    private static final int SET_GROUP_ID = 02000;
    private static final int LINK_MODE = 0777;
    private static final int RIGHTS = 0777;

    private final Session session;
    private final AttributeWriter writer;

    NameOps(Session session, AttributeWriter writer) {
        this.session = session;
        this.writer = writer;
    }

    void lookup(Request request, Reply reply) throws IOException {
        String name = request.string(0);
        if (name.equals(".")) {
            // A handle that somebody kept, of a node that the kernel may have forgotten.
            writer.addEntry(session.fs().namespace().find(request.node()), reply);
            return;
        }
        Inode directory = session.inode(request.node());
        Inode found = session.fs().namespace().lookupOrNull(directory, name);
        if (found != null) {
            writer.addEntry(found, reply);
        } else if (!writer.addNoEntry(reply)) {
            reply.refuse(FuseErrno.ENOENT);
        }
    }

    void makeNode(Request request, Reply reply) throws IOException {
        int mode = request.getInt(Wire.MKNOD_MODE);
        FileType type = (mode & FileType.MODE_MASK) == 0 ? FileType.FILE : FileType.ofMode(mode);
        if (type == null || type == FileType.DIRECTORY || type == FileType.SYMLINK) {
            throw request.invalid("no type of node: mode " + Integer.toOctalString(mode));
        }
        boolean isDevice = type == FileType.CHARACTER_DEVICE || type == FileType.BLOCK_DEVICE;
        long device = isDevice ? request.getSize(Wire.MKNOD_DEVICE) : 0;
        writer.addEntry(make(request, request.string(Wire.MKNOD_BYTES), type, mode,
                request.getInt(Wire.MKNOD_UMASK), device, null),
                reply);
    }

    void makeDirectory(Request request, Reply reply) throws IOException {
        writer.addEntry(make(request, request.string(Wire.MKDIR_BYTES), FileType.DIRECTORY,
                request.getInt(Wire.MKDIR_MODE), request.getInt(Wire.MKDIR_UMASK), 0, null), reply);
    }

    void makeLink(Request request, Reply reply) throws IOException {
        String name = request.string(0);
        byte[] target = session.fs().paths().encodeTarget(request.string(request.after(0)));
        writer.addEntry(make(request, name, FileType.SYMLINK, LINK_MODE, 0, 0, target), reply);
    }

    private Inode make(Request request, String name, FileType type, int mode, int umask,
            long device, byte[] target) throws IOException {
        Inode directory = session.inode(request.node());
        return session.fs().namespace().create(directory, name,
                newInode(request, directory, type, mode, umask, device, target));
    }

    /**
     * In a set-group-id directory, what is made has the directory's group, and directories the bit.
     */
    private NewInode newInode(Request request, Inode directory, FileType type, int mode, int umask,
            long device, byte[] target) {
        FileStat parent = session.fs().attributes().stat(directory);
        boolean inherits = (parent.mode() & SET_GROUP_ID) != 0;
        int bits = mode & ~FileType.MODE_MASK & 0xffff;
        if (inherits && type == FileType.DIRECTORY) {
            bits |= SET_GROUP_ID;
        }
        return new NewInode(type, bits, umask & RIGHTS, request.uid(),
                inherits ? parent.gid() : request.gid(), device, target);
    }

    /**
     * Makes and opens a file; one that somebody made meanwhile is opened, unless that is refused.
     */
    void create(Request request, Reply reply) throws IOException {
        String name = request.string(Wire.CREATE_BYTES);
        Inode inode;
        try {
            inode = make(request, name, FileType.FILE, request.getInt(Wire.CREATE_MODE),
                    request.getInt(Wire.CREATE_UMASK), 0, null);
        } catch (HoldfastException e) {
            boolean mustMake = (request.getInt(Wire.CREATE_FLAGS) & Wire.O_EXCL) != 0;
            if (e.code() != ErrorCode.EXISTS || mustMake) {
                throw e;
            }
            inode = session.fs().namespace().lookup(session.inode(request.node()), name);
        }
        if (inode.type() != FileType.FILE) {
            throw new FuseException(FuseErrno.EEXIST, "made meanwhile, and no file: " + name);
        }
        writer.addEntry(inode, reply);
        addOpen(request, inode, reply);
    }

    void createNameless(Request request, Reply reply) throws IOException {
        Inode directory = session.inode(request.node());
        Inode inode = session.fs().namespace().createNameless(directory, newInode(request,
                directory, FileType.FILE, request.getInt(Wire.CREATE_MODE),
                request.getInt(Wire.CREATE_UMASK), 0, null));
        try {
            writer.addEntry(inode, reply);
        } finally {
            session.fs().release(inode);
        }
        addOpen(request, inode, reply);
    }

    private void addOpen(Request request, Inode inode, Reply reply) throws IOException {
        int at = reply.add(Wire.OPEN_OUT_BYTES);
        reply.putInt(at + Wire.OPEN_OUT_FLAGS,
                session.caches().openFlags(inode, request.getInt(Wire.CREATE_FLAGS)));
    }

    void link(Request request, Reply reply) throws IOException {
        Inode directory = session.inode(request.node());
        Inode inode = session.inode(request.getLong(Wire.LINK_NODE));
        session.fs().namespace().link(inode, directory, request.string(Wire.LINK_BYTES));
        writer.addEntry(inode, reply);
    }

    void unlink(Request request, Reply reply) throws IOException {
        session.fs().namespace().unlink(session.inode(request.node()), request.string(0));
    }

    void removeDirectory(Request request, Reply reply) throws IOException {
        session.fs().namespace().rmdir(session.inode(request.node()), request.string(0));
    }

    void rename(Request request, Reply reply) throws IOException {
        rename(request, Wire.RENAME_BYTES, RenameMode.REPLACE);
    }

    void rename2(Request request, Reply reply) throws IOException {
        int flags = request.getInt(Wire.RENAME2_FLAGS);
        rename(request, Wire.RENAME2_BYTES, switch (flags) {
            case 0 -> RenameMode.REPLACE;
            case Wire.RENAME_NO_REPLACE -> RenameMode.NO_REPLACE;
            case Wire.RENAME_EXCHANGE -> RenameMode.EXCHANGE;
            default -> throw request.invalid("rename flags " + flags);
        });
    }

    private void rename(Request request, int names, RenameMode mode) throws IOException {
        Inode from = session.inode(request.node());
        Inode to = session.inode(request.getLong(Wire.RENAME_DIRECTORY));
        session.fs().renamer().rename(from, request.string(names), to,
                request.string(request.after(names)), mode);
    }

    void readLink(Request request, Reply reply) throws IOException {
        Inode link = session.inode(request.node());
        byte[] target = NameText.encode(session.fs().paths().readLink(link));
        session.fs().files().touchAccess(link);
        reply.putBytes(reply.add(target.length), target);
    }
}
