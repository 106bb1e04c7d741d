package dev.holdfast.fuse;

import dev.holdfast.file.AttributeChange;
import dev.holdfast.file.FileStat;
import dev.holdfast.file.FileType;
import dev.holdfast.file.VolumeSpace;
import dev.holdfast.fs.FileAttributes;
import dev.holdfast.fs.Inode;
import dev.holdfast.fs.Limits;
import java.io.IOException;

/** GETATTR, STATX, SETATTR and STATFS. */
final class AttributeOps {
    private static final int OWNER = Wire.FATTR_UID | Wire.FATTR_GID;
    private static final int GROUP_MAY_WRITE = 020;
    private static final int OTHERS_MAY_WRITE = 02;

    private final Session session;
    private final AttributeWriter writer;

    AttributeOps(Session session, AttributeWriter writer) {
        this.session = session;
        this.writer = writer;
    }

    void get(Request request, Reply reply) throws IOException {
        writer.addAttributes(session.inode(request.node()), reply);
    }

    void statx(Request request, Reply reply) throws IOException {
        writer.addStatx(session.inode(request.node()), reply);
    }

    /** Sets the size first: it is what can fail for want of space, or because of a pin. */
    void set(Request request, Reply reply) throws IOException {
        Inode inode = session.inode(request.node());
        int valid = request.getInt(Wire.SETATTR_VALID);
        AttributeChange change = change(request, inode, valid);
        if ((valid & Wire.FATTR_SIZE) != 0) {
            long size = request.getLong(Wire.SETATTR_SIZE);
            if (size < 0) {
                throw request.invalid("a negative size");
            }
            long before = session.caches().before(inode);
            session.fs().truncation().setSize(inode, size);
            session.caches().changed(inode, before);
        }
        if ((valid & Wire.FATTR_KILL_SUIDGID) != 0) {
            session.fs().attributes().dropPrivileges(inode, Caller.of(request));
        }
        int others = Wire.FATTR_MODE | OWNER | Wire.FATTR_ATIME | Wire.FATTR_MTIME;
        if ((valid & others) != 0 || isEmpty(valid)) {
            session.fs().attributes().change(inode, change);
        }
        writer.addAttributes(inode, reply);
    }

    private AttributeChange change(Request request, Inode inode, int valid) throws IOException {
        AttributeChange change = new AttributeChange();
        boolean changesOwner = (valid & OWNER) != 0 || isEmpty(valid);
        if ((valid & Wire.FATTR_MODE) != 0) {
            change.mode(request.getInt(Wire.SETATTR_MODE) & ~FileType.MODE_MASK);
        } else if (changesOwner && inode.type() != FileType.DIRECTORY) {
            FileStat stat = session.fs().attributes().stat(inode);
            int left = FileAttributes.withoutSetId(stat, Caller.of(request));
            if (left != stat.mode() && isEmpty(valid)) {
                requireMayWrite(request, stat);
            }
            session.fs().attributes().dropCapabilities(inode);
            change.mode(left);
        }
        if ((valid & Wire.FATTR_UID) != 0) {
            change.uid(request.getInt(Wire.SETATTR_UID));
        }
        if ((valid & Wire.FATTR_GID) != 0) {
            change.gid(request.getInt(Wire.SETATTR_GID));
        }
        long now = session.fs().now();
        if ((valid & Wire.FATTR_ATIME) != 0) {
            change.accessNanos((valid & Wire.FATTR_ATIME_NOW) != 0 ? now
                    : time(request, Wire.SETATTR_ATIME, Wire.SETATTR_ATIME_NANOS));
        }
        if ((valid & Wire.FATTR_MTIME) != 0) {
            change.modifyNanos((valid & Wire.FATTR_MTIME_NOW) != 0 ? now
                    : time(request, Wire.SETATTR_MTIME, Wire.SETATTR_MTIME_NANOS));
        }
        return change;
    }

    /**
     * Nothing to set: a change of owner to what it is, or the kernel before a write that takes
     * set-id bits away.
     */
    private static boolean isEmpty(int valid) {
        return (valid & ~Wire.FATTR_SETS_NOTHING) == 0;
    }

    /** Of a request that sets nothing the kernel has not checked who makes it. */
    private static void requireMayWrite(Request request, FileStat stat) throws FuseException {
        int right = Caller.isIn(request, stat.gid()) ? GROUP_MAY_WRITE : OTHERS_MAY_WRITE;
        boolean may = request.uid() == 0 || request.uid() == stat.uid()
                || (stat.mode() & right) != 0;
        if (!may) {
            throw new FuseException(FuseErrno.EPERM, "neither owner nor writer");
        }
    }

    private static long time(Request request, int seconds, int nanos) throws FuseException {
        int rest = request.getInt(nanos);
        if (rest < 0 || rest >= 1_000_000_000) {
            throw request.invalid("a second of more than 999999999 nanoseconds");
        }
        return AttributeWriter.nanos(request.getLong(seconds), rest);
    }

    void statfs(Request request, Reply reply) {
        VolumeSpace space = session.fs().statfs();
        int at = reply.add(Wire.STATFS_BYTES);
        long block = Limits.BLOCK_BYTES;
        reply.putLong(at + Wire.STATFS_BLOCKS, space.totalBytes() / block);
        reply.putLong(at + Wire.STATFS_FREE, space.freeBytes() / block);
        reply.putLong(at + Wire.STATFS_AVAILABLE, space.availableBytes() / block);
        // Inodes are limited by space alone.
        reply.putLong(at + Wire.STATFS_FILES, space.totalBytes() / block);
        reply.putLong(at + Wire.STATFS_FILES_FREE, space.freeBytes() / block);
        reply.putInt(at + Wire.STATFS_BLOCK_BYTES, Limits.BLOCK_BYTES);
        reply.putInt(at + Wire.STATFS_NAME_BYTES, Limits.NAME_BYTES);
        reply.putInt(at + Wire.STATFS_FRAGMENT_BYTES, Limits.BLOCK_BYTES);
    }
}
