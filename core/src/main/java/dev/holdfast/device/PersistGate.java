package dev.holdfast.device;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Keeps a device's mapping alive while raw addresses of it are in use, without a word that all
 * threads share. Segment accesses are guarded by their arena; write-back instructions and
 * {@code madvise} are not, so they pass through here.
 *
 * <ol>
 *   <li>Open: threads enter and exit.
 *   <li>{@link #close}: nobody enters any more; returns when the last has exited.
 *   <li>{@link #reopen}: only when the unmapping that followed was refused.
 * </ol>
 */
final class PersistGate {
    private static final int STRIPES = 16;
    /** Longs from one stripe to the next: two cache lines, as lines are fetched in pairs. */
    private static final int STRIDE = 16;

    /** How many threads are inside, by stripe; a thread's stripe never changes. */
    private final AtomicLongArray inside = new AtomicLongArray(STRIPES * STRIDE);
    private volatile boolean closed;

    /** Enters, or throws {@link IllegalStateException} when closed. Pair with {@link #exit}. */
    void enter() {
        inside.getAndIncrement(stripe());
        // The increment comes before this load, and in close() the store before the loads, in the
        // one order of volatile accesses: either this thread sees the gate closed, or close()
        // sees this thread inside.
        if (closed) {
            exit();
            throw new IllegalStateException("the device is closed");
        }
    }

    void exit() {
        inside.getAndDecrement(stripe());
    }

    /** Closes, and waits for whoever is inside. Returns false when it was closed already. */
    synchronized boolean close() {
        if (closed) {
            return false;
        }
        closed = true;
        for (int i = 0; i < STRIPES * STRIDE; i += STRIDE) {
            while (inside.get(i) != 0) {
                Thread.yield();
            }
        }
        return true;
    }

    synchronized void reopen() {
        closed = false;
    }

    private static int stripe() {
        return (int) (Thread.currentThread().threadId() & STRIPES - 1) * STRIDE;
    }
}
