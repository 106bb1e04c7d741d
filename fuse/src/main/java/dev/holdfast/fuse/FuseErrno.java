package dev.holdfast.fuse;

import dev.holdfast.error.HoldfastException;

/** The errno values that a reply carries, and which one stands for a failure. */
final class FuseErrno {
    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int EIO = 5;
    static final int ENXIO = 6;
    static final int E2BIG = 7;
    static final int ENOMEM = 12;
    static final int EEXIST = 17;
    static final int ENODEV = 19;
    static final int ENOTDIR = 20;
    static final int EISDIR = 21;
    static final int EINVAL = 22;
    static final int ENOTTY = 25;
    static final int EFBIG = 27;
    static final int ENOSPC = 28;
    static final int EROFS = 30;
    static final int ERANGE = 34;
    static final int ENAMETOOLONG = 36;
    static final int ENOSYS = 38;
    static final int ENODATA = 61;
    static final int EPROTO = 71;
    static final int EOPNOTSUPP = 95;
    static final int ESTALE = 116;

    private FuseErrno() {}

    /** Returns the errno by which a program hears of a failure. */
    static int of(Throwable thrown) {
        return switch (thrown) {
            case FuseException e -> e.errno();
            case HoldfastException e -> of(e);
            case OutOfMemoryError e -> ENOMEM;
            default -> EIO;
        };
    }

    private static int of(HoldfastException e) {
        return switch (e.code()) {
            // Names that no program expects from a file system call.
            case BUS_ERROR, SHUT_DOWN -> EIO;
            default -> e.code().errno();
        };
    }
}
