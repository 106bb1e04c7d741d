package dev.holdfast.faultd.client;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.ffm.Errno;
import dev.holdfast.ffm.ErrnoException;
import dev.holdfast.ffm.Linux;
import dev.holdfast.ffm.Userfaultfd;
import java.io.IOException;

/**
 * This process's userfaultfd, whose duplicate the owner of the volume holds. It stays open as long as
 * anything is mapped: without it, and with the owner dead, stores would go through without any commit.
 */
final class ClientFaults implements AutoCloseable {
    private static final long NEEDED = Userfaultfd.FEATURE_MISSING_SHMEM
            | Userfaultfd.FEATURE_MINOR_SHMEM | Userfaultfd.FEATURE_WP_FILES
            | Userfaultfd.FEATURE_POISON;
    private static final long HUGE = Userfaultfd.FEATURE_MISSING_HUGETLBFS
            | Userfaultfd.FEATURE_MINOR_HUGETLBFS;

    private final int descriptor;

    private ClientFaults(int descriptor) {
        this.descriptor = descriptor;
    }

    /** Opens a userfaultfd, or says what is missing and how to get it. */
    static ClientFaults open() throws IOException {
        int probe = openOne();
        long available;
        try {
            available = Userfaultfd.agree(probe, 0);
        } catch (ErrnoException e) {
            throw new HoldfastException(ErrorCode.NOT_SUPPORTED, e.getMessage(), e);
        } finally {
            Linux.close(probe);
        }
        if ((available & NEEDED) != NEEDED) {
            throw new HoldfastException(ErrorCode.NOT_SUPPORTED,
                    "this kernel's userfaultfd lacks " + missing(available)
                    + "; Linux 6.6 has them all");
        }
        int fd = openOne();
        try {
            Userfaultfd.agree(fd, available & (NEEDED | HUGE));
            return new ClientFaults(fd);
        } catch (ErrnoException e) {
            Linux.close(fd);
            throw new HoldfastException(ErrorCode.NOT_SUPPORTED, e.getMessage(), e);
        }
    }

    private static int openOne() throws HoldfastException {
        if (!Linux.isAvailable()) {
            throw new HoldfastException(ErrorCode.NOT_SUPPORTED,
                    "page faults of another process need Linux on x86-64 or aarch64");
        }
        try {
            return Userfaultfd.open();
        } catch (ErrnoException e) {
            boolean isDenied = e.errno() == Errno.EACCES || e.errno() == Errno.EPERM;
            throw new HoldfastException(isDenied ? ErrorCode.ACCESS_DENIED : ErrorCode.NOT_SUPPORTED,
                    isDenied ? "this process may not use userfaultfd: give its user access to "
                            + "/dev/userfaultfd (in a container: pass that device in), or let its "
                            + "seccomp profile allow the call userfaultfd and set the sysctl "
                            + "vm.unprivileged_userfaultfd to 1"
                            : "this kernel has no userfaultfd (CONFIG_USERFAULTFD)", e);
        }
    }

    private static String missing(long available) {
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

    @Override
    public void close() {
        Linux.close(descriptor);
    }
}
