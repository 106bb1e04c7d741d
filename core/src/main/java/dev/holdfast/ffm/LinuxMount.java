package dev.holdfast.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The system calls that serve a mount: the traffic of a channel, mounting itself, and the helper
 * program that mounts for users who may not. As {@link Linux}, plain numbers and any thread.
 */
public final class LinuxMount {
    public static final int MS_RDONLY = 1;
    public static final int MS_NOSUID = 2;
    public static final int MS_NODEV = 4;
    public static final int MNT_DETACH = 2;
    /** Bytes of a {@code struct iovec}: address 8, length 8. */
    public static final long IOVEC_BYTES = 16;

    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final long MSGHDR_BYTES = 56;
    private static final long CONTROL_BYTES = 24;
    private static final int SCM_RIGHTS_BYTES = 20;

    private static final MethodHandle READ =
            Linux.call("read", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle WRITE =
            Linux.call("write", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle WRITEV =
            Linux.call("writev", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle MOUNT = Linux.call(
            "mount", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
    private static final MethodHandle UMOUNT2 =
            Linux.call("umount2", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle GETEUID = Linux.call("geteuid", JAVA_INT);
    private static final MethodHandle GETEGID = Linux.call("getegid", JAVA_INT);
    private static final MethodHandle SETSID = Linux.call("setsid", JAVA_INT);
    private static final MethodHandle SOCKETPAIR =
            Linux.call("socketpair", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle RECVMSG =
            Linux.call("recvmsg", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle POSIX_SPAWNP = Linux.call(
            "posix_spawnp", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle WAITPID =
            Linux.call("waitpid", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);

    private LinuxMount() {}

    /** Reads into {@code buffer}; returns the bytes read. */
    public static long read(int fd, MemorySegment buffer) throws ErrnoException {
        MemorySegment state = Linux.STATE.get();
        try {
            return Linux.check("read",
                    (long) READ.invokeExact(state, fd, buffer, buffer.byteSize()), state);
        } catch (Throwable t) {
            throw Linux.failure(t);
        }
    }

    /** Writes the first {@code length} bytes of {@code buffer}, in one call. */
    public static long write(int fd, MemorySegment buffer, long length) throws ErrnoException {
        MemorySegment state = Linux.STATE.get();
        try {
            return Linux.check("write", (long) WRITE.invokeExact(
                    state, fd, buffer.asSlice(0, length), length), state);
        } catch (Throwable t) {
            throw Linux.failure(t);
        }
    }

    /** Writes what the first {@code count} entries of a table of iovecs show, in one call. */
    public static long writev(int fd, MemorySegment iovecs, int count) throws ErrnoException {
        MemorySegment state = Linux.STATE.get();
        MemorySegment table = iovecs.asSlice(0, count * IOVEC_BYTES);
        try {
            return Linux.check("writev", (long) WRITEV.invokeExact(state, fd, table, count), state);
        } catch (Throwable t) {
            throw Linux.failure(t);
        }
    }

    /** Mounts a file system; needs privilege. */
    public static void mount(String source, String target, String type, long flags, String data)
            throws ErrnoException {
        MemorySegment state = Linux.STATE.get();
        try (Arena arena = Arena.ofConfined()) {
            int result = (int) MOUNT.invokeExact(state, arena.allocateFrom(source),
                    arena.allocateFrom(target), arena.allocateFrom(type), flags,
                    arena.allocateFrom(data));
            Linux.check("mount " + target, result, state);
        } catch (Throwable t) {
            throw Linux.failure(t);
        }
    }

    /** Unmounts; with {@link #MNT_DETACH} at once for new users, and for all when they are gone. */
    public static void unmount(String target, int flags) throws ErrnoException {
        MemorySegment state = Linux.STATE.get();
        try (Arena arena = Arena.ofConfined()) {
            int result = (int) UMOUNT2.invokeExact(state, arena.allocateFrom(target), flags);
            Linux.check("umount " + target, result, state);
        } catch (Throwable t) {
            throw Linux.failure(t);
        }
    }

    /** Returns the effective user of this process. */
    public static int effectiveUser() {
        return number(GETEUID);
    }

    /** Returns the effective group of this process. */
    public static int effectiveGroup() {
        return number(GETEGID);
    }

    /** Makes this process the leader of a session without a terminal, if it leads no group yet. */
    public static void newSession() {
        number(SETSID);
    }

    private static int number(MethodHandle call) {
        MemorySegment state = Linux.STATE.get();
        try {
            return (int) call.invokeExact(state);
        } catch (Throwable t) {
            throw Linux.unexpected(t);
        }
    }

    /** Makes a connected pair of sockets, which programs started by {@link #spawn} inherit. */
    public static int[] socketPair() throws ErrnoException {
        MemorySegment state = Linux.STATE.get();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pair = arena.allocate(8, 4);
            int result = (int) SOCKETPAIR.invokeExact(state, AF_UNIX, SOCK_STREAM, 0, pair);
            Linux.check("socketpair", result, state);
            return new int[] {pair.get(JAVA_INT, 0), pair.get(JAVA_INT, 4)};
        } catch (Throwable t) {
            throw Linux.failure(t);
        }
    }

    /** Receives a descriptor sent through a socket; returns -1 when the sender sent none. */
    public static int receiveDescriptor(int socket) throws ErrnoException {
        MemorySegment state = Linux.STATE.get();
        try (Arena arena = Arena.ofConfined()) {
            // struct msghdr: name 0, iov 16, iov count 24, control 32, control length 40.
            MemorySegment message = arena.allocate(MSGHDR_BYTES, 8);
            MemorySegment iovec = arena.allocate(IOVEC_BYTES, 8);
            iovec.set(ADDRESS, 0, arena.allocate(1));
            iovec.set(JAVA_LONG, 8, 1);
            MemorySegment control = arena.allocate(CONTROL_BYTES, 8);
            message.set(ADDRESS, 16, iovec);
            message.set(JAVA_LONG, 24, 1);
            message.set(ADDRESS, 32, control);
            message.set(JAVA_LONG, 40, CONTROL_BYTES);
            long received = Linux.check("recvmsg",
                    (long) RECVMSG.invokeExact(state, socket, message, 0), state);
            // struct cmsghdr: length 8, level 4, type 4, then the descriptor.
            boolean has = received > 0 && message.get(JAVA_LONG, 40) >= SCM_RIGHTS_BYTES;
            return has ? control.get(JAVA_INT, 16) : -1;
        } catch (Throwable t) {
            throw Linux.failure(t);
        }
    }

    /** Starts a program of the search path; it inherits descriptors without close-on-exec. */
    public static int spawn(String[] command, String[] environment) throws ErrnoException {
        MemorySegment state = Linux.STATE.get();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pid = arena.allocate(4, 4);
            int errno = (int) POSIX_SPAWNP.invokeExact(state, pid, arena.allocateFrom(command[0]),
                    MemorySegment.NULL, MemorySegment.NULL, strings(arena, command),
                    strings(arena, environment));
            if (errno != 0) {
                throw new ErrnoException("starting " + command[0], errno);
            }
            return pid.get(JAVA_INT, 0);
        } catch (Throwable t) {
            throw Linux.failure(t);
        }
    }

    private static MemorySegment strings(Arena arena, String[] strings) {
        MemorySegment table = arena.allocate((strings.length + 1) * 8L, 8);
        for (int i = 0; i < strings.length; i++) {
            table.set(ADDRESS, i * 8L, arena.allocateFrom(strings[i]));
        }
        return table;
    }

    /** Waits for a program that {@link #spawn} started; returns its wait status. */
    public static int waitFor(int pid) throws ErrnoException {
        MemorySegment state = Linux.STATE.get();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(4, 4);
            Linux.check("waitpid", (int) WAITPID.invokeExact(state, pid, status, 0), state);
            return status.get(JAVA_INT, 0);
        } catch (Throwable t) {
            throw Linux.failure(t);
        }
    }
}
