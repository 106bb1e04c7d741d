package dev.holdfast.fs;

import java.util.concurrent.locks.StampedLock;

/**
 * Lets stores through mappings in, and shuts them out while the volume is frozen (H7). Striped by thread, so
 * that faults on different cores do not share a line.
 */
final class FreezeGate {
    private static final int STRIPES = 16;

    private final StampedLock[] stripes = new StampedLock[STRIPES];

    FreezeGate() {
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new StampedLock();
        }
    }

    private StampedLock stripe() {
        return stripes[(int) (Thread.currentThread().threadId() % STRIPES)];
    }

    void enter(boolean stores) {
        if (stores) {
            stripe().asReadLock().lock();
        }
    }

    void leave(boolean stores) {
        if (stores) {
            stripe().asReadLock().unlock();
        }
    }

    void freeze() {
        for (StampedLock stripe : stripes) {
            stripe.asWriteLock().lock();
        }
    }

    void thaw() {
        for (StampedLock stripe : stripes) {
            stripe.asWriteLock().unlock();
        }
    }
}
