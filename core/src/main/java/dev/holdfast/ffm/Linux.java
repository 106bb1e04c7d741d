package dev.holdfast.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Optional;

/**
 * The system calls of Linux that Holdfast makes, as typed methods. Descriptors and addresses are
 * plain numbers: whoever owns them sees to it that they are alive and in bounds.
 *
 * <p>Numbers and layouts are those that x86-64 and aarch64 share. Where the platform is another
 * one, or a symbol is missing, {@link #isAvailable()} is false and every call throws
 * {@link UnsupportedOperationException}.
 *
 * <p>Thread safety: all methods may be called by any number of threads.
 */
public final class Linux {
    public static final int O_RDONLY = 0;
    public static final int O_RDWR = 2;
    public static final int O_CREAT = 0x40;
    public static final int O_EXCL = 0x80;
    public static final int O_CLOEXEC = 0x80000;

    public static final int PROT_NONE = 0;
    public static final int PROT_READ = 1;
    public static final int PROT_WRITE = 2;

    public static final int MAP_SHARED = 1;
    public static final int MAP_PRIVATE = 2;
    public static final int MAP_SHARED_VALIDATE = 3;
    public static final int MAP_FIXED = 0x10;
    public static final int MAP_ANONYMOUS = 0x20;
    public static final int MAP_NORESERVE = 0x4000;
    public static final int MAP_SYNC = 0x80000;

    public static final int MADV_RANDOM = 1;
    public static final int MADV_WILLNEED = 3;
    public static final int MADV_DONTNEED = 4;
    public static final int MADV_DONTFORK = 10;
    public static final int MADV_NOHUGEPAGE = 15;
    public static final int MADV_POPULATE_WRITE = 23;

    public static final int SEEK_DATA = 3;
    public static final int SEEK_HOLE = 4;

    private static final int POSIX_FADV_DONTNEED = 4;
    private static final int PUNCH_HOLE_KEEP_SIZE = 3;
    private static final int MS_SYNC = 4;
    private static final int MFD_CLOEXEC = 1;
    private static final int F_OFD_SETLK = 37;
    private static final short F_RDLCK = 0;
    private static final short F_WRLCK = 1;

    static final MemoryLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    /** Where a call leaves its errno: one a thread, so that a call makes no garbage. */
    static final ThreadLocal<MemorySegment> STATE =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CAPTURE));

    private static final MethodHandle OPEN =
            variadic("open", 2, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle CLOSE = call("close", JAVA_INT, JAVA_INT);
    private static final MethodHandle FTRUNCATE = call("ftruncate", JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle FALLOCATE =
            call("fallocate", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle FSYNC = call("fsync", JAVA_INT, JAVA_INT);
    private static final MethodHandle LSEEK =
            call("lseek", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle PREAD =
            call("pread", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle PWRITE =
            call("pwrite", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle MMAP = call(
            "mmap", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle MUNMAP = call("munmap", JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle MPROTECT =
            call("mprotect", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle MSYNC =
            call("msync", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle MADVISE =
            call("madvise", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle POSIX_FADVISE =
            call("posix_fadvise", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle MEMFD_CREATE =
            call("memfd_create", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle FCNTL =
            variadic("fcntl", 2, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle STATX =
            call("statx", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle FSTATFS = call("fstatfs", JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle GETPAGESIZE = call("getpagesize", JAVA_INT);

    private static final boolean AVAILABLE = available();
    private static final long PAGE_BYTES = AVAILABLE ? pageSize() : 4096;

    private Linux() {}

    /** Tells whether this is Linux on a 64-bit machine with every call at hand. */
    public static boolean isAvailable() {
        return AVAILABLE;
    }

    /** Returns the kernel's page size in bytes. */
    public static long pageBytes() {
        return PAGE_BYTES;
    }

    /** Opens a file; {@code O_CLOEXEC} is added. Returns its descriptor. */
    public static int open(String path, int flags, int mode) throws ErrnoException {
        MemorySegment state = STATE.get();
        try (Arena arena = Arena.ofConfined()) {
            int fd = (int) OPEN.invokeExact(
                    state, arena.allocateFrom(path), flags | O_CLOEXEC, mode);
            return (int) check("open " + path, fd, state);
        } catch (Throwable t) {
            throw failure(t);
        }
    }

    /** Closes a descriptor. Errors are not reported: the descriptor is gone either way. */
    public static void close(int fd) {
        MemorySegment state = STATE.get();
        try {
            int ignored = (int) CLOSE.invokeExact(state, fd);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** Sets the size of a file. */
    public static void ftruncate(int fd, long size) throws ErrnoException {
        MemorySegment state = STATE.get();
        try {
            check("ftruncate", (int) FTRUNCATE.invokeExact(state, fd, size), state);
        } catch (Throwable t) {
            throw failure(t);
        }
    }

    /** Allocates, or with {@code mode} bits otherwise treats, the space of a range of a file. */
    public static void fallocate(int fd, int mode, long offset, long length) throws ErrnoException {
        MemorySegment state = STATE.get();
        try {
            check("fallocate", (int) FALLOCATE.invokeExact(state, fd, mode, offset, length), state);
        } catch (Throwable t) {
            throw failure(t);
        }
    }

    /**
     * Frees the pages of a range of a file, which reads as zero from then on, in all who map it.
     */
    public static void punchHole(int fd, long offset, long length) throws ErrnoException {
        fallocate(fd, PUNCH_HOLE_KEEP_SIZE, offset, length);
    }

    /** Makes a file's, or a directory's, content and metadata durable. */
    public static void fsync(int fd) throws ErrnoException {
        MemorySegment state = STATE.get();
        try {
            check("fsync", (int) FSYNC.invokeExact(state, fd), state);
        } catch (Throwable t) {
            throw failure(t);
        }
    }

    /**
     * Finds data or a hole: returns the first offset not before {@code offset} that is of the kind
     * {@link #SEEK_DATA} or {@link #SEEK_HOLE}, or -1 when there is no data any more.
     */
    public static long seek(int fd, long offset, int whence) throws ErrnoException {
        MemorySegment state = STATE.get();
        try {
            long found = (long) LSEEK.invokeExact(state, fd, offset, whence);
            if (found < 0 && (int) ERRNO.get(state, 0L) == Errno.ENXIO) {
                return -1;
            }
            return check("lseek", found, state);
        } catch (Throwable t) {
            throw failure(t);
        }
    }

    /** Reads into {@code buffer} from {@code offset}; returns the bytes read, 0 at the end. */
    public static long pread(int fd, MemorySegment buffer, long offset) throws ErrnoException {
        MemorySegment state = STATE.get();
        try {
            long n = (long) PREAD.invokeExact(state, fd, buffer, buffer.byteSize(), offset);
            return check("pread", n, state);
        } catch (Throwable t) {
            throw failure(t);
        }
    }

    /** Writes {@code buffer} at {@code offset}; returns the bytes written, perhaps fewer. */
    public static long pwrite(int fd, MemorySegment buffer, long offset) throws ErrnoException {
        MemorySegment state = STATE.get();
        try {
            long n = (long) PWRITE.invokeExact(state, fd, buffer, buffer.byteSize(), offset);
            return check("pwrite", n, state);
        } catch (Throwable t) {
            throw failure(t);
        }
    }

    /** Maps {@code length} bytes; {@code address} is 0 unless {@code flags} fix it. */
    public static long mmap(long address, long length, int prot, int flags, int fd, long offset)
            throws ErrnoException {
        MemorySegment state = STATE.get();
        try {
            long mapped = (long) MMAP.invokeExact(state, address, length, prot, flags, fd, offset);
            return check("mmap", mapped, state);
        } catch (Throwable t) {
            throw failure(t);
        }
    }

    /**
     * Returns mapped memory as a segment that lives as long as an arena, at whose end it is
     * unmapped.
     */
    public static MemorySegment segment(long address, long length, Arena arena, Runnable unmap) {
        return MemorySegment.ofAddress(address).reinterpret(length, arena, ended -> unmap.run());
    }

    /** Unmaps a range. The caller owns it, so that this cannot fail. */
    public static void munmap(long address, long length) {
        MemorySegment state = STATE.get();
        try {
            int result = (int) MUNMAP.invokeExact(state, address, length);
            assert result == 0 : "munmap: " + Errno.describe((int) ERRNO.get(state, 0L));
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** Changes what accesses a mapped range allows. */
    public static void mprotect(long address, long length, int prot) throws ErrnoException {
        MemorySegment state = STATE.get();
        try {
            check("mprotect", (int) MPROTECT.invokeExact(state, address, length, prot), state);
        } catch (Throwable t) {
            throw failure(t);
        }
    }

    /** Writes the dirty pages of a mapped range to their file and waits ({@code MS_SYNC}). */
    public static void msync(long address, long length) throws ErrnoException {
        MemorySegment state = STATE.get();
        try {
            check("msync", (int) MSYNC.invokeExact(state, address, length, MS_SYNC), state);
        } catch (Throwable t) {
            throw failure(t);
        }
    }

    /** Gives the kernel advice about a mapped range. */
    public static void madvise(long address, long length, int advice) throws ErrnoException {
        MemorySegment state = STATE.get();
        try {
            check("madvise", (int) MADVISE.invokeExact(state, address, length, advice), state);
        } catch (Throwable t) {
            throw failure(t);
        }
    }

    /**
     * Asks that pages of a file that are clean and that nobody has mapped leave the page cache. The
     * kernel may do less, so that the result tells nothing.
     */
    public static void dropCleanPages(int fd, long offset, long length) {
        MemorySegment state = STATE.get();
        try {
            int ignored = (int) POSIX_FADVISE.invokeExact(
                    state, fd, offset, length, POSIX_FADV_DONTNEED);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** Makes a file in memory that has no name; returns its descriptor. */
    public static int memfdCreate(String name) throws ErrnoException {
        MemorySegment state = STATE.get();
        try (Arena arena = Arena.ofConfined()) {
            int fd = (int) MEMFD_CREATE.invokeExact(state, arena.allocateFrom(name), MFD_CLOEXEC);
            return (int) check("memfd_create", fd, state);
        } catch (Throwable t) {
            throw failure(t);
        }
    }

    /**
     * Takes an open-file-description lock on the whole file without waiting; returns whether it was
     * had. It goes with the last descriptor <em>and</em> mapping of this open file.
     */
    public static boolean tryLock(int fd, boolean exclusive) throws ErrnoException {
        MemorySegment state = STATE.get();
        try (Arena arena = Arena.ofConfined()) {
            // struct flock: type, whence, start, length (0: to the end), pid (0 for these locks).
            MemorySegment flock = arena.allocate(32, 8);
            flock.set(JAVA_SHORT, 0, exclusive ? F_WRLCK : F_RDLCK);
            int result = (int) FCNTL.invokeExact(state, fd, F_OFD_SETLK, flock);
            int errno = (int) ERRNO.get(state, 0L);
            if (result != 0 && (errno == Errno.EAGAIN || errno == Errno.EACCES)) {
                return false;
            }
            check("fcntl(F_OFD_SETLK)", result, state);
            return true;
        } catch (Throwable t) {
            throw failure(t);
        }
    }

    /** Returns what an open file is. */
    public static FileStatus fstat(int fd) throws ErrnoException {
        return statx(fd, "", FileStatus.AT_EMPTY_PATH);
    }

    /** Returns what a path leads to, symbolic links followed. */
    public static FileStatus stat(String path) throws ErrnoException {
        return statx(FileStatus.AT_FDCWD, path, 0);
    }

    private static FileStatus statx(int fd, String path, int flags) throws ErrnoException {
        MemorySegment state = STATE.get();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(FileStatus.LAYOUT_BYTES, 8);
            int result = (int) STATX.invokeExact(
                    state, fd, arena.allocateFrom(path), flags, FileStatus.STATX_BASIC_STATS,
                    buffer);
            check("statx " + path, result, state);
            return FileStatus.decode(buffer);
        } catch (Throwable t) {
            throw failure(t);
        }
    }

    /** Returns what file system an open file is on, and its free space. */
    public static HostStatus fstatfs(int fd) throws ErrnoException {
        MemorySegment state = STATE.get();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(HostStatus.LAYOUT_BYTES, 8);
            check("fstatfs", (int) FSTATFS.invokeExact(state, fd, buffer), state);
            return HostStatus.decode(buffer);
        } catch (Throwable t) {
            throw failure(t);
        }
    }

    private static long pageSize() {
        MemorySegment state = STATE.get();
        try {
            return (int) GETPAGESIZE.invokeExact(state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** Returns the errno that the last call of this thread left. */
    static int errno(MemorySegment state) {
        return (int) ERRNO.get(state, 0L);
    }

    static long check(String call, long result, MemorySegment state) throws ErrnoException {
        if (result < 0) {
            throw new ErrnoException(call, (int) ERRNO.get(state, 0L));
        }
        return result;
    }

    /** Returns the only checked exception a call lets out; throws anything else as it is. */
    static ErrnoException failure(Throwable t) {
        if (t instanceof ErrnoException e) {
            return e;
        }
        throw unexpected(t);
    }

    static RuntimeException unexpected(Throwable t) {
        if (t instanceof Error e) {
            throw e;
        }
        if (t instanceof NullPointerException) {
            return new UnsupportedOperationException("this system call needs 64-bit Linux", t);
        }
        return t instanceof RuntimeException e ? e : new IllegalStateException(t);
    }

    private static boolean available() {
        String arch = System.getProperty("os.arch");
        return System.getProperty("os.name").equals("Linux")
                && (arch.equals("amd64") || arch.equals("aarch64"))
                && MMAP != null && MEMFD_CREATE != null && STATX != null && FALLOCATE != null;
    }

    static MethodHandle call(String name, MemoryLayout result, MemoryLayout... arguments) {
        return link(name, result, arguments, Linker.Option.captureCallState("errno"));
    }

    static MethodHandle variadic(
            String name, int firstVariadic, MemoryLayout result, MemoryLayout... arguments) {
        return link(name, result, arguments, Linker.Option.captureCallState("errno"),
                Linker.Option.firstVariadicArg(firstVariadic));
    }

    /** Returns a handle on a C function, or null where the C library lacks it. */
    private static MethodHandle link(
            String name, MemoryLayout result, MemoryLayout[] arguments, Linker.Option... options) {
        if (!System.getProperty("os.name").equals("Linux")) {
            return null;
        }
        Linker linker = Linker.nativeLinker();
        SymbolLookup lookup = linker.defaultLookup();
        Optional<MemorySegment> symbol = lookup.find(name);
        return symbol
                .map(s -> linker.downcallHandle(
                        s, FunctionDescriptor.of(result, arguments), options))
                .orElse(null);
    }
}
