package dev.holdfast.fuse;

import dev.holdfast.fs.Limits;

/** INIT: agrees with the kernel on a version of the protocol and on what both can do. */
final class Handshake {
    private static final int MAX_BACKGROUND = 64;
    private static final int CONGESTION = 48;

    private static final long WANTED = Wire.ASYNC_READ | Wire.ATOMIC_O_TRUNC | Wire.BIG_WRITES
            | Wire.DO_READDIRPLUS | Wire.READDIRPLUS_AUTO | Wire.ASYNC_DIO | Wire.PARALLEL_DIROPS
            | Wire.MAX_PAGES | Wire.CACHE_SYMLINKS | Wire.HANDLE_KILLPRIV_V2 | Wire.INIT_EXT
            | Wire.DIRECT_IO_ALLOW_MMAP | Wire.POSIX_ACL | Wire.DONT_MASK | Wire.SETXATTR_EXT
            | Wire.EXPORT_SUPPORT;

    private Handshake() {}

    static void serve(Request request, Reply reply, Session session) throws FuseException {
        if (session.isReady() || session.hasEnded()) {
            throw request.invalid("a second INIT");
        }
        int major = request.getInt(Wire.INIT_MAJOR);
        int minor = request.getInt(Wire.INIT_MINOR);
        if (major < Wire.MAJOR || major == Wire.MAJOR && minor < Wire.OLDEST_MINOR) {
            throw new FuseException(FuseErrno.EPROTO, "the kernel speaks FUSE " + major + "."
                    + minor + "; " + Wire.MAJOR + "." + Wire.OLDEST_MINOR + " is needed");
        }
        int at = reply.add(Wire.INIT_OUT_BYTES);
        reply.putInt(at + Wire.INIT_MAJOR, Wire.MAJOR);
        if (major > Wire.MAJOR) {
            // The kernel asks again with the version it is answered.
            return;
        }
        long offered = offered(request);
        long wanted = WANTED | (session.options().isWriteback() ? Wire.WRITEBACK_CACHE : 0);
        long agreed = offered & wanted;
        reply.putInt(at + Wire.INIT_MINOR, Math.min(minor, Wire.MINOR));
        reply.putInt(at + Wire.INIT_READAHEAD, request.getInt(Wire.INIT_READAHEAD));
        reply.putInt(at + Wire.INIT_FLAGS, (int) agreed);
        reply.putInt(at + Wire.INIT_OUT_FLAGS2, (int) (agreed >>> Integer.SIZE));
        reply.putShort(at + Wire.INIT_MAX_BACKGROUND, MAX_BACKGROUND);
        reply.putShort(at + Wire.INIT_CONGESTION, CONGESTION);
        reply.putInt(at + Wire.INIT_MAX_WRITE, Session.MAX_IO_BYTES);
        reply.putInt(at + Wire.INIT_TIME_GRANULARITY, 1);
        reply.putShort(at + Wire.INIT_MAX_PAGES, Session.MAX_IO_BYTES / Limits.BLOCK_BYTES);
        session.agreed(agreed);
    }

    private static long offered(Request request) throws FuseException {
        long flags = request.getSize(Wire.INIT_FLAGS);
        boolean hasMore = (flags & Wire.INIT_EXT) != 0
                && request.bodyBytes() >= Wire.INIT_IN_FLAGS2 + Integer.BYTES;
        return hasMore ? flags | request.getSize(Wire.INIT_IN_FLAGS2) << Integer.SIZE : flags;
    }
}
