package dev.holdfast.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Keeps the calling thread on one processor until it is closed, by the same thread. Threads and
 * processes that it starts meanwhile stay there.
 */
public final class ThreadAffinity implements AutoCloseable {
    /** Bytes of a mask that names every processor a machine may have. */
    private static final long MASK_BYTES = 1024;

    private static final MethodHandle GET =
            Linux.call("sched_getaffinity", JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS);
    private static final MethodHandle SET =
            Linux.call("sched_setaffinity", JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS);

    private final MemorySegment before =
            Arena.ofAuto().allocate(MASK_BYTES, JAVA_LONG.byteAlignment());

    private ThreadAffinity() throws ErrnoException {
        call("sched_getaffinity", GET, before);
    }

    /** Keeps the calling thread on the first of the processors that it may run on. */
    public static ThreadAffinity first() throws ErrnoException {
        ThreadAffinity affinity = new ThreadAffinity();
        MemorySegment one = Arena.ofAuto().allocate(MASK_BYTES, JAVA_LONG.byteAlignment());
        for (long at = 0; at < MASK_BYTES; at += Long.BYTES) {
            long allowed = affinity.before.get(JAVA_LONG, at);
            if (allowed != 0) {
                one.set(JAVA_LONG, at, Long.lowestOneBit(allowed));
                break;
            }
        }
        call("sched_setaffinity", SET, one);
        return affinity;
    }

    private static void call(String name, MethodHandle handle, MemorySegment mask)
            throws ErrnoException {
        MemorySegment state = Linux.STATE.get();
        try {
            Linux.check(name, (int) handle.invokeExact(state, 0, MASK_BYTES, mask), state);
        } catch (Throwable t) {
            throw Linux.failure(t);
        }
    }

    /** Lets the thread run where it might before. */
    @Override
    public void close() throws ErrnoException {
        call("sched_setaffinity", SET, before);
    }
}
