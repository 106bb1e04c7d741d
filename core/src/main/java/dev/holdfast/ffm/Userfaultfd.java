package dev.holdfast.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The calls of userfaultfd as typed methods; layouts and numbers are those of the kernel's
 * {@code linux/userfaultfd.h}, the same on x86-64 and aarch64.
 *
 * <p>What is called on the path of a fault ({@link #read}, {@link #resume}, {@link #protect},
 * {@link #wake}, {@link #poison}) makes no garbage and reports what may happen there as a negative
 * errno instead of an exception: the other process changes its mappings, or dies, as it likes.
 *
 * <p>Thread safety: all methods may be called by any number of threads.
 */
public final class Userfaultfd {
    /** Minor faults on tmpfs and memfd: a page that the file has and the page table has not. */
    public static final long FEATURE_MINOR_SHMEM = 1 << 10;
    /** Minor faults on hugetlbfs. */
    public static final long FEATURE_MINOR_HUGETLBFS = 1 << 9;
    /** Missing faults on tmpfs and memfd: a page that the file has not. */
    public static final long FEATURE_MISSING_SHMEM = 1 << 5;
    /** Missing faults on hugetlbfs. */
    public static final long FEATURE_MISSING_HUGETLBFS = 1 << 4;
    /** Write protection on tmpfs, memfd and hugetlbfs. */
    public static final long FEATURE_WP_FILES = 1 << 12;
    /** {@link #poison}. */
    public static final long FEATURE_POISON = 1 << 14;

    /** Bytes of a {@code struct uffd_msg}. */
    public static final long EVENT_BYTES = 32;

    private static final byte EVENT_PAGEFAULT = 0x12;
    private static final long EVENT_FLAGS = 8;
    private static final long EVENT_ADDRESS = 16;
    private static final long FLAG_WRITE = 1;
    private static final long FLAG_WP = 1 << 1;

    private static final long API = 0xaa;
    private static final long USERFAULTFD_IOC_NEW = 0xaa00;
    private static final long UFFDIO_API = 0xc018aa3fL;
    private static final long UFFDIO_REGISTER = 0xc020aa00L;
    private static final long UFFDIO_WAKE = 0x8010aa02L;
    private static final long UFFDIO_WRITEPROTECT = 0xc018aa06L;
    private static final long UFFDIO_CONTINUE = 0xc020aa07L;
    private static final long UFFDIO_POISON = 0xc020aa08L;
    private static final long REGISTER_MISSING_WP_MINOR = 7;
    private static final long CONTINUE_MODE_WP = 1 << 1;
    private static final long WRITEPROTECT_MODE_WP = 1;
    private static final long WRITEPROTECT_MODE_DONTWAKE = 1 << 1;
    private static final int O_NONBLOCK = 0x800;
    private static final int USER_MODE_ONLY = 1;

    // Offsets in the arguments: struct uffdio_range, then the mode, then what the kernel answers.
    private static final long START = 0;
    private static final long LENGTH = 8;
    private static final long MODE = 16;
    private static final long ANSWER = 24;
    private static final long ARGUMENT_BYTES = 32;

    private static final ThreadLocal<MemorySegment> ARGUMENT =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(ARGUMENT_BYTES, 8));

    private static final MethodHandle IOCTL_POINTER =
            Linux.variadic("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS);
    private static final MethodHandle IOCTL_NUMBER =
            Linux.variadic("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SYSCALL =
            Linux.variadic("syscall", 1, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle READ =
            Linux.call("read", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);

    private Userfaultfd() {}

    /**
     * Opens a userfaultfd, non-blocking: by its device node, or else by the system call, which a
     * kernel grants to the privileged, or to all if so configured.
     *
     * @throws ErrnoException EACCES or EPERM when this process may not; ENOSYS without support
     */
    public static int open() throws ErrnoException {
        int flags = Linux.O_CLOEXEC | O_NONBLOCK;
        try {
            int node = Linux.open("/dev/userfaultfd", Linux.O_RDWR, 0);
            MemorySegment state = Linux.STATE.get();
            try {
                int fd = (int) IOCTL_NUMBER.invokeExact(state, node, USERFAULTFD_IOC_NEW, flags);
                return (int) Linux.check("ioctl(USERFAULTFD_IOC_NEW)", fd, state);
            } finally {
                Linux.close(node);
            }
        } catch (ErrnoException noNode) {
            return bySystemCall(flags);
        } catch (Throwable t) {
            throw Linux.failure(t);
        }
    }

    /**
     * Opens a userfaultfd that hears of faults of user mode only: a system call that touches a page
     * that is not mapped fails with EFAULT. The kernel grants it to everybody.
     *
     * @throws ErrnoException EPERM when a filter of system calls forbids it; ENOSYS without support
     */
    public static int openForUserMode() throws ErrnoException {
        return bySystemCall(Linux.O_CLOEXEC | O_NONBLOCK | USER_MODE_ONLY);
    }

    private static int bySystemCall(int flags) throws ErrnoException {
        long number = System.getProperty("os.arch").equals("aarch64") ? 282 : 323;
        MemorySegment state = Linux.STATE.get();
        try {
            long fd = (long) SYSCALL.invokeExact(state, number, flags);
            return (int) Linux.check("userfaultfd", fd, state);
        } catch (Throwable t) {
            throw Linux.failure(t);
        }
    }

    /**
     * Agrees with the kernel on features, once for a descriptor. Returns all features that the
     * kernel has, whether asked for or not; EINVAL when one asked for is missing.
     */
    public static long agree(int fd, long features) throws ErrnoException {
        // struct uffdio_api: api, features, ioctls.
        MemorySegment argument = argument(API, features, 0);
        check("ioctl(UFFDIO_API)", ioctl(fd, UFFDIO_API, argument));
        return argument.get(JAVA_LONG, LENGTH);
    }

    /** Has missing, minor and write-protect faults of a range of this process reported. */
    public static void register(int fd, long address, long length) throws ErrnoException {
        MemorySegment argument = argument(address, length, REGISTER_MISSING_WP_MINOR);
        check("ioctl(UFFDIO_REGISTER)", ioctl(fd, UFFDIO_REGISTER, argument));
    }

    /**
     * Reads events, as many as are there and fit; returns the bytes read, or a negative errno:
     * EAGAIN when there is none.
     */
    public static long read(int fd, MemorySegment events) {
        MemorySegment state = Linux.STATE.get();
        try {
            long n = (long) READ.invokeExact(state, fd, events, events.byteSize());
            return n < 0 ? -Linux.errno(state) : n;
        } catch (Throwable t) {
            throw Linux.unexpected(t);
        }
    }

    /** Tells whether an event is a page fault; no others are asked for. */
    public static boolean isFault(MemorySegment events, long offset) {
        return events.get(JAVA_BYTE, offset) == EVENT_PAGEFAULT;
    }

    /** Returns the address of a fault, a multiple of the page size. */
    public static long faultAddress(MemorySegment events, long offset) {
        return events.get(JAVA_LONG, offset + EVENT_ADDRESS);
    }

    /** Tells whether a fault is a store's: so says the kernel on events of any kind. */
    public static boolean isWrite(MemorySegment events, long offset) {
        return (events.get(JAVA_LONG, offset + EVENT_FLAGS) & (FLAG_WRITE | FLAG_WP)) != 0;
    }

    /**
     * Maps pages that the file has ({@code UFFDIO_CONTINUE}) and wakes who waits for them.
     *
     * @return 0 or a negative errno: EEXIST, something is mapped there; EFAULT, the file has no
     *     page there; ENOENT, nobody's range; ESRCH, the process has ended; EAGAIN, its mappings
     *     are changing
     */
    public static int resume(int fd, long address, long length, boolean writable) {
        MemorySegment argument = argument(address, length, writable ? 0 : CONTINUE_MODE_WP);
        return -ioctl(fd, UFFDIO_CONTINUE, argument);
    }

    /** Returns the bytes that a {@link #resume} of this thread, which failed, did map before. */
    public static long resumedBytes() {
        return Math.max(0, ARGUMENT.get().get(JAVA_LONG, ANSWER));
    }

    /**
     * Write-protects a range, or ends that and wakes who waits; returns 0 or a negative errno.
     */
    public static int protect(int fd, long address, long length, boolean isProtected) {
        MemorySegment argument = argument(address, length, isProtected ? WRITEPROTECT_MODE_WP : 0);
        return -ioctl(fd, UFFDIO_WRITEPROTECT, argument);
    }

    /** Removes marks for write protection in a range where nothing is mapped; wakes nobody. */
    public static int unmark(int fd, long address, long length) {
        return -ioctl(fd, UFFDIO_WRITEPROTECT,
                argument(address, length, WRITEPROTECT_MODE_DONTWAKE));
    }

    /** Has who waits in a range fault once more; returns 0 or a negative errno. */
    public static int wake(int fd, long address, long length) {
        return -ioctl(fd, UFFDIO_WAKE, argument(address, length, 0));
    }

    /**
     * Makes accesses to pages of a range that are not mapped end in SIGBUS, and wakes who waits.
     * Returns 0 or a negative errno, as {@link #resume}; EEXIST also for a page that is not mapped
     * but marked for write protection: {@link #unmark} it before.
     */
    public static int poison(int fd, long address, long length) {
        return -ioctl(fd, UFFDIO_POISON, argument(address, length, 0));
    }

    private static MemorySegment argument(long start, long length, long mode) {
        MemorySegment argument = ARGUMENT.get();
        argument.set(JAVA_LONG, START, start);
        argument.set(JAVA_LONG, LENGTH, length);
        argument.set(JAVA_LONG, MODE, mode);
        argument.set(JAVA_LONG, ANSWER, 0);
        return argument;
    }

    private static void check(String call, int errno) throws ErrnoException {
        if (errno != 0) {
            throw new ErrnoException(call, errno);
        }
    }

    /** Returns 0, or the errno. */
    private static int ioctl(int fd, long request, MemorySegment argument) {
        MemorySegment state = Linux.STATE.get();
        try {
            int result = (int) IOCTL_POINTER.invokeExact(state, fd, request, argument);
            return result < 0 ? Linux.errno(state) : 0;
        } catch (Throwable t) {
            throw Linux.unexpected(t);
        }
    }
}
