package dev.holdfast.fuse;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.AllocateMode;
import dev.holdfast.file.FileType;
import dev.holdfast.fs.Inode;
import dev.holdfast.fs.Limits;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** The content of files: open, read, write, sync, space, seek and copy. */
final class FileOps {
    /** What one COPY_FILE_RANGE copies at most, so that its caller can be interrupted. */
    private static final long MAX_COPY_BYTES = 16L << 20;
    private static final int NO_SPACE_TRIES = 3;

    private final Session session;

    FileOps(Session session) {
        this.session = session;
    }

    void open(Request request, Reply reply) throws IOException {
        Inode inode = session.inode(request.node());
        requireFile(inode);
        int flags = request.getInt(Wire.OPEN_FLAGS);
        if ((flags & Wire.O_TRUNC) != 0) {
            session.fs().truncation().setSize(inode, 0);
            if ((request.getInt(Wire.OPEN_OPEN_FLAGS) & Wire.OPEN_KILL_SUIDGID) != 0) {
                session.fs().attributes().dropPrivileges(inode, Caller.of(request));
            }
        }
        int at = reply.add(Wire.OPEN_OUT_BYTES);
        reply.putInt(at + Wire.OPEN_OUT_FLAGS, session.caches().openFlags(inode, flags));
    }

    private static void requireFile(Inode inode) throws FuseException {
        if (inode.type() != FileType.FILE) {
            throw new FuseException(inode.type() == FileType.DIRECTORY ? FuseErrno.EISDIR
                    : FuseErrno.EINVAL, inode + " is no file");
        }
    }

    void openDirectory(Request request, Reply reply) throws IOException {
        Inode inode = session.inode(request.node());
        if (inode.type() != FileType.DIRECTORY) {
            throw new FuseException(FuseErrno.ENOTDIR, inode + " is not a directory");
        }
        reply.add(Wire.OPEN_OUT_BYTES);
    }

    /** Nothing to let go of: the kernel's look-ups keep what is open. */
    void release(Request request, Reply reply) throws IOException {
        session.inode(request.node());
    }

    /** Sends straight from the volume, while the blocks cannot leave the file. */
    void read(Request request, Reply reply) throws IOException {
        Inode inode = session.inode(request.node());
        long offset = offset(request, Wire.READ_OFFSET);
        long size = Math.min(request.getSize(Wire.READ_SIZE), Session.MAX_IO_BYTES);
        if (offset >= Limits.FILE_MAX_BYTES) {
            requireFile(inode);
            return;
        }
        if ((request.getInt(Wire.READ_OPEN_FLAGS) & Wire.O_NOATIME) == 0) {
            session.fs().files().touchAccess(inode);
        }
        session.fs().files().readInPlace(inode, offset, size, reply);
    }

    private static long offset(Request request, int field) throws FuseException {
        long offset = request.getLong(field);
        if (offset < 0) {
            throw request.invalid("a negative offset");
        }
        return offset;
    }

    void write(Request request, Reply reply) throws IOException {
        Inode inode = session.inode(request.node());
        long offset = offset(request, Wire.WRITE_OFFSET);
        long size = request.getSize(Wire.WRITE_SIZE);
        if (size != request.bodyBytes() - Wire.WRITE_BYTES) {
            throw request.invalid("data of another length than it says");
        }
        MemorySegment data = request.bytes(Wire.WRITE_BYTES, size);
        int flags = request.getInt(Wire.WRITE_FLAGS);
        if ((flags & Wire.WRITE_KILL_SUIDGID) != 0) {
            session.fs().attributes().dropPrivileges(inode, Caller.of(request));
        } else if ((flags & Wire.WRITE_CACHE) == 0) {
            // What the page cache writes back was written before; capabilities may be newer.
            session.fs().attributes().dropCapabilities(inode);
        }
        long before = session.caches().before(inode);
        long written = store(inode, offset, data);
        session.caches().changed(inode, before);
        if ((request.getInt(Wire.WRITE_OPEN_FLAGS) & Wire.O_DSYNC) != 0) {
            session.fs().files().fdatasync(inode);
        }
        int at = reply.add(Wire.WRITE_OUT_BYTES);
        reply.putInt(at, (int) written);
    }

    /**
     * Writes, again where space is short: a file just removed gives its blocks back when the kernel
     * has forgotten it, which another worker may be hearing at this moment.
     */
    private long store(Inode inode, long offset, MemorySegment data) throws IOException {
        for (int tries = 1; ; tries++) {
            try {
                return session.fs().files().write(inode, offset, data);
            } catch (HoldfastException e) {
                if (e.code() != ErrorCode.NO_SPACE || tries == NO_SPACE_TRIES) {
                    throw e;
                }
                session.awaitForgets();
            }
        }
    }

    void sync(Request request, Reply reply) throws IOException {
        Inode inode = session.inode(request.node());
        if ((request.getInt(Wire.FSYNC_FLAGS) & Wire.FSYNC_DATA_ONLY) != 0) {
            session.fs().files().fdatasync(inode);
        } else {
            session.fs().files().fsync(inode);
        }
    }

    void syncAll(Request request, Reply reply) throws IOException {
        session.fs().sync();
    }

    void allocate(Request request, Reply reply) throws IOException {
        Inode inode = session.inode(request.node());
        requireFile(inode);
        long offset = offset(request, Wire.FALLOCATE_OFFSET);
        long length = request.getLong(Wire.FALLOCATE_LENGTH);
        int mode = request.getInt(Wire.FALLOCATE_MODE);
        if (length <= 0) {
            throw request.invalid("an empty range");
        }
        if (offset > Limits.FILE_MAX_BYTES - length) {
            throw new FuseException(FuseErrno.EFBIG, "a range past the largest file");
        }
        boolean keepSize = (mode & Wire.FALLOCATE_KEEP_SIZE) != 0;
        var fs = session.fs();
        switch (mode & ~Wire.FALLOCATE_KEEP_SIZE) {
            case 0 -> fs.files().allocate(inode, offset, length,
                    keepSize ? AllocateMode.UNWRITTEN_KEEP_SIZE : AllocateMode.UNWRITTEN);
            case Wire.FALLOCATE_ZERO_RANGE ->
                    fs.truncation().zeroRange(inode, offset, length, keepSize);
            case Wire.FALLOCATE_PUNCH_HOLE -> {
                if (!keepSize) {
                    throw unsupported(mode);
                }
                fs.truncation().punch(inode, offset, length);
            }
            default -> throw unsupported(mode);
        }
        if (request.uid() != 0) {
            session.fs().attributes().dropPrivileges(inode, Caller.of(request));
        }
    }

    private static FuseException unsupported(int mode) {
        return new FuseException(FuseErrno.EOPNOTSUPP, "fallocate mode " + mode);
    }

    void seek(Request request, Reply reply) throws IOException {
        Inode inode = session.inode(request.node());
        if (session.has(Wire.WRITEBACK_CACHE)) {
            // The kernel asks, and keeps to itself what is written: that data would seem a hole.
            // Told that there is no such operation, it calls all of every file data.
            throw new FuseException(FuseErrno.ENOSYS, "no holes with a write-back cache");
        }
        long offset = request.getLong(Wire.LSEEK_OFFSET);
        int whence = request.getInt(Wire.LSEEK_WHENCE);
        if (whence != Wire.SEEK_DATA && whence != Wire.SEEK_HOLE) {
            throw request.invalid("whence " + whence);
        }
        try {
            long found = session.fs().files().seek(inode, offset, whence == Wire.SEEK_DATA);
            reply.putLong(reply.add(Wire.LSEEK_OUT_BYTES), found);
        } catch (HoldfastException e) {
            if (e.code() == ErrorCode.NO_DATA) {
                throw new FuseException(FuseErrno.ENXIO, e.getMessage());
            }
            throw e;
        }
    }

    /** Copies through the worker's buffer, past the request; may copy less than asked. */
    void copy(Request request, Reply reply) throws IOException {
        Inode from = session.inode(request.node());
        Inode to = session.inode(request.getLong(Wire.COPY_NODE_OUT));
        requireFile(from);
        requireFile(to);
        long in = offset(request, Wire.COPY_OFFSET_IN);
        long out = offset(request, Wire.COPY_OFFSET_OUT);
        long length = request.getLong(Wire.COPY_LENGTH);
        if (length < 0 || request.getLong(Wire.COPY_FLAGS) != 0) {
            throw request.invalid("a length or flags out of range");
        }
        if (request.uid() != 0) {
            session.fs().attributes().dropPrivileges(to, Caller.of(request));
        }
        MemorySegment buffer = request.spare(Session.MAX_IO_BYTES);
        noteAccess(from);
        long wanted = Math.min(length, MAX_COPY_BYTES);
        long done = 0;
        while (done < wanted && in + done < Limits.FILE_MAX_BYTES) {
            long part = Math.min(wanted - done, buffer.byteSize());
            long read = session.fs().files().read(from, in + done, buffer.asSlice(0, part));
            if (read == 0) {
                break;
            }
            long written = written(to, out + done, buffer.asSlice(0, read), done > 0);
            done += written;
            if (written < read) {
                break;
            }
        }
        reply.putInt(reply.add(Wire.WRITE_OUT_BYTES), (int) done);
    }

    /** The kernel knows that the target of a copy changed, and does not think of its source. */
    private void noteAccess(Inode inode) {
        long before = session.fs().attributes().stat(inode).accessNanos();
        session.fs().files().touchAccess(inode);
        if (session.fs().attributes().stat(inode).accessNanos() != before) {
            session.caches().attributesChanged(inode);
        }
    }

    /** Writes a part; a lack of space after others is a short count, not a failure. */
    private long written(Inode to, long offset, MemorySegment data, boolean hasOthers)
            throws IOException {
        try {
            return store(to, offset, data);
        } catch (HoldfastException e) {
            if (hasOthers && e.code() == ErrorCode.NO_SPACE) {
                return 0;
            }
            throw e;
        }
    }
}
