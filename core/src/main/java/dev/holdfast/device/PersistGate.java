package dev.holdfast.device;

import java.util.concurrent.atomic.LongAdder;

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
    private final LongAdder entered = new LongAdder();
    private final LongAdder exited = new LongAdder();
    private volatile boolean closed;

    /** Enters, or throws {@link IllegalStateException} when closed. Pair with {@link #exit}. */
    void enter() {
        entered.increment();
        // The increment is ordered before this load, and close() orders its store before its sums:
        // either this thread sees the gate closed, or close() sees this thread inside.
        if (closed) {
            exited.increment();
            throw new IllegalStateException("the device is closed");
        }
    }

    void exit() {
        exited.increment();
    }

    /** Closes, and waits for whoever is inside. Returns false when it was closed already. */
    synchronized boolean close() {
        if (closed) {
            return false;
        }
        closed = true;
        // Exits are summed first: if the later sum of entries is the same, all have left.
        while (exited.sum() != entered.sum()) {
            Thread.onSpinWait();
        }
        return true;
    }

    synchronized void reopen() {
        closed = false;
    }
}
