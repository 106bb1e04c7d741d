package dev.holdfast.ffm;

/** The Linux errno values that Holdfast tells apart; the same on x86-64 and aarch64. */
public final class Errno {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int ESRCH = 3;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EFAULT = 14;
    public static final int EEXIST = 17;
    public static final int ENODEV = 19;
    public static final int EISDIR = 21;
    public static final int EINVAL = 22;
    public static final int EMFILE = 24;
    public static final int EFBIG = 27;
    public static final int ENOSPC = 28;
    public static final int EROFS = 30;
    public static final int ENXIO = 6;
    public static final int EPIPE = 32;
    public static final int ENAMETOOLONG = 36;
    public static final int ENOSYS = 38;
    public static final int EMSGSIZE = 90;
    public static final int EOPNOTSUPP = 95;
    public static final int ECONNRESET = 104;
    public static final int ECONNREFUSED = 111;
    public static final int EDQUOT = 122;

    private Errno() {}

    /** Returns the name and meaning of an errno, or its number. */
    public static String describe(int errno) {
        return switch (errno) {
            case EPERM -> "EPERM (operation not permitted)";
            case ENOENT -> "ENOENT (no such file or directory)";
            case ESRCH -> "ESRCH (no such process)";
            case EINTR -> "EINTR (interrupted)";
            case EIO -> "EIO (input/output error)";
            case ENXIO -> "ENXIO (no such address)";
            case EAGAIN -> "EAGAIN (held by another)";
            case ENOMEM -> "ENOMEM (no memory, or vm.max_map_count mappings)";
            case EACCES -> "EACCES (permission denied)";
            case EFAULT -> "EFAULT (bad address)";
            case EEXIST -> "EEXIST (file exists)";
            case ENODEV -> "ENODEV (cannot be mapped)";
            case EISDIR -> "EISDIR (is a directory)";
            case EINVAL -> "EINVAL (invalid argument)";
            case EMFILE -> "EMFILE (too many open files)";
            case EFBIG -> "EFBIG (file too large)";
            case ENOSPC -> "ENOSPC (no space left)";
            case EROFS -> "EROFS (read-only file system)";
            case EPIPE -> "EPIPE (nobody at the other end)";
            case ENAMETOOLONG -> "ENAMETOOLONG (name too long)";
            case ENOSYS -> "ENOSYS (the kernel lacks this call)";
            case EMSGSIZE -> "EMSGSIZE (message too long)";
            case ECONNRESET -> "ECONNRESET (connection reset)";
            case ECONNREFUSED -> "ECONNREFUSED (nobody listens)";
            case EOPNOTSUPP -> "EOPNOTSUPP (not supported)";
            case EDQUOT -> "EDQUOT (quota exceeded)";
            default -> "errno " + errno;
        };
    }
}
