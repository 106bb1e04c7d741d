package dev.holdfast.faultd.client;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.ffm.Errno;
import dev.holdfast.ffm.ErrnoException;
import dev.holdfast.ffm.Linux;
import dev.holdfast.ffm.Userfaultfd;
import java.io.IOException;

/**
 * This process's userfaultfd, whose duplicate the owner of the volume holds. It stays open as long
 * as anything is mapped: without it, and with the owner dead, stores would go through without any
 * commit.
 */
final class ClientFaults implements AutoCloseable {
    private static final long NEEDED = Userfaultfd.FEATURE_MISSING_SHMEM
            | Userfaultfd.FEATURE_MINOR_SHMEM | Userfaultfd.FEATURE_WP_FILES
            | Userfaultfd.FEATURE_POISON;
    private static final long HUGE = Userfaultfd.FEATURE_MISSING_HUGETLBFS
            | Userfaultfd.FEATURE_MINOR_HUGETLBFS;

    /** Opens a userfaultfd. */
    private interface Opener {
        int open() throws ErrnoException;
    }

    private final int descriptor;
    private final boolean isForUserModeOnly;

    private ClientFaults(int descriptor, boolean isForUserModeOnly) {
        this.descriptor = descriptor;
        this.isForUserModeOnly = isForUserModeOnly;
    }

    /** Opens the best userfaultfd that is granted, or says what is missing and how to get it. */
    static ClientFaults open() throws IOException {
        if (!Linux.isAvailable()) {
            throw new HoldfastException(ErrorCode.NOT_SUPPORTED,
                    "page faults of another process need Linux on x86-64 or aarch64");
        }
        try {
            return open(Userfaultfd::open, false);
        } catch (ErrnoException e) {
            if (!isDenied(e)) {
                throw refusal(e);
            }
        }
        try {
            return open(Userfaultfd::openForUserMode, true);
        } catch (ErrnoException e) {
            throw refusal(e);
        }
    }

    /** The kernel says what it has to one descriptor, and agrees with another. */
    private static ClientFaults open(Opener opener, boolean isForUserModeOnly) throws IOException {
        int probe = opener.open();
        long available;
        try {
            available = Userfaultfd.agree(probe, 0);
        } finally {
            Linux.close(probe);
        }
        String missing = missing(available);
        if (!missing.isEmpty()) {
            throw new HoldfastException(ErrorCode.NOT_SUPPORTED,
                    "this kernel's userfaultfd lacks " + missing + "; Linux 6.6 has them all");
        }
        int fd = opener.open();
        try {
            Userfaultfd.agree(fd, available & (NEEDED | HUGE));
            return new ClientFaults(fd, isForUserModeOnly);
        } catch (ErrnoException e) {
            Linux.close(fd);
            throw e;
        }
    }

    private static boolean isDenied(ErrnoException e) {
        return e.errno() == Errno.EACCES || e.errno() == Errno.EPERM;
    }

    private static HoldfastException refusal(ErrnoException e) {
        if (isDenied(e)) {
            return new HoldfastException(ErrorCode.ACCESS_DENIED,
                    "this process may not use userfaultfd, not even for faults of user mode: "
                    + "a filter of system calls (seccomp, as containers have it) forbids the "
                    + "call. Let it allow userfaultfd; or pass /dev/userfaultfd in and give this "
                    + "user access to it", e);
        }
        return new HoldfastException(ErrorCode.NOT_SUPPORTED, e.errno() == Errno.ENOSYS
                ? "this kernel has no userfaultfd (CONFIG_USERFAULTFD)" : e.getMessage(), e);
    }

    /**
     * Returns the names of the features needed that are not among those available; empty if all
     * are.
     */
    static String missing(long available) {
        StringBuilder names = new StringBuilder();
        name(names, available, Userfaultfd.FEATURE_MISSING_SHMEM, "missing faults on tmpfs");
        name(names, available, Userfaultfd.FEATURE_MINOR_SHMEM, "minor faults on tmpfs");
        name(names, available, Userfaultfd.FEATURE_WP_FILES, "write protection on tmpfs");
        name(names, available, Userfaultfd.FEATURE_POISON, "poison");
        return names.toString();
    }

    private static void name(StringBuilder names, long available, long feature, String name) {
        if ((available & feature) == 0) {
            names.append(names.isEmpty() ? "" : ", ").append(name);
        }
    }

    int descriptor() {
        return descriptor;
    }

    /**
     * Tells whether system calls on pages that are not mapped fail instead of waiting for the
     * owner.
     */
    boolean isForUserModeOnly() {
        return isForUserModeOnly;
    }

    @Override
    public void close() {
        Linux.close(descriptor);
    }
}
