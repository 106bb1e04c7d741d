package dev.holdfast.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Calls on descriptors of any kind: waiting for them, an event to wake such a wait, another open
 * file on the same file. Plain numbers, as {@link Linux}; any thread.
 */
public final class Descriptors {
    /** There is something to read. */
    public static final short POLLIN = 1;
    /** Bytes of a {@code struct pollfd}: descriptor 4, events 2, what happened 2. */
    public static final long POLLFD_BYTES = 8;

    private static final int EFD_CLOEXEC_NONBLOCK = 0x80800;
    private static final int F_SETFD = 2;
    private static final int FD_CLOEXEC = 1;

    private static final MethodHandle POLL =
            Linux.call("poll", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle EVENTFD =
            Linux.call("eventfd", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle WRITE =
            Linux.call("write", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle FCNTL =
            Linux.variadic("fcntl", 2, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);

    private Descriptors() {}

    /** Fills an entry of a table for {@link #poll}. */
    public static void pollEntry(MemorySegment table, int index, int fd) {
        table.set(JAVA_INT, index * POLLFD_BYTES, fd);
        table.set(JAVA_SHORT, index * POLLFD_BYTES + 4, POLLIN);
        table.set(JAVA_SHORT, index * POLLFD_BYTES + 6, (short) 0);
    }

    /** Returns what {@link #poll} saw happen at an entry: {@link #POLLIN} and others. */
    public static int pollResult(MemorySegment table, int index) {
        return Short.toUnsignedInt(table.get(JAVA_SHORT, index * POLLFD_BYTES + 6));
    }

    /**
     * Waits until something happens at one of the first {@code count} entries. Returns at once how
     * many had something happen, or 0 when {@code timeoutMillis} (-1: none) are over or a signal
     * came. Makes no garbage.
     */
    public static int poll(MemorySegment table, int count, int timeoutMillis) {
        MemorySegment state = Linux.STATE.get();
        try {
            int happened = (int) POLL.invokeExact(state, table, (long) count, timeoutMillis);
            return Math.max(0, happened);
        } catch (Throwable t) {
            throw Linux.unexpected(t);
        }
    }

    /** Makes a descriptor that can be waited for until {@link #signal}. */
    public static int event() throws ErrnoException {
        MemorySegment state = Linux.STATE.get();
        try {
            int fd = (int) EVENTFD.invokeExact(state, 0, EFD_CLOEXEC_NONBLOCK);
            return (int) Linux.check("eventfd", fd, state);
        } catch (Throwable t) {
            throw Linux.failure(t);
        }
    }

    /** Lets everybody who waits for an event, now or later, go on. */
    public static void signal(int event) {
        MemorySegment state = Linux.STATE.get();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment one = arena.allocateFrom(JAVA_LONG, 1);
            long ignored = (long) WRITE.invokeExact(state, event, one, 8L);
        } catch (Throwable t) {
            throw Linux.unexpected(t);
        }
    }

    /**
     * Opens the file behind a descriptor once more: another open file, which holds none of the
     * locks of the first.
     */
    public static int openAgain(int fd, boolean readOnly) throws ErrnoException {
        return Linux.open("/proc/self/fd/" + fd, readOnly ? Linux.O_RDONLY : Linux.O_RDWR, 0);
    }

    /** Keeps a descriptor from programs that this process starts. */
    static void closeOnExec(int fd) throws ErrnoException {
        MemorySegment state = Linux.STATE.get();
        try {
            int result = (int) FCNTL.invokeExact(state, fd, F_SETFD, FD_CLOEXEC);
            Linux.check("fcntl(F_SETFD)", result, state);
        } catch (Throwable t) {
            throw Linux.failure(t);
        }
    }
}
