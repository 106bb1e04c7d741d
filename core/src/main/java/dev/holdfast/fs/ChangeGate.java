package dev.holdfast.fs;

import java.util.concurrent.locks.StampedLock;

/**
 * Lets changes in, and shuts them out while the volume is frozen or closing (H7). Outermost of the
 * file system's locks (H6); a thread that is inside may enter again. Striped by thread, so that
 * faults on different cores do not share a line.
 *
 * <ol>
 * <li>{@link #enter}, waiting while it is shut, or {@link #tryEnter}; then {@link #close}, as
 * often;
 * <li>{@link #shut}: returns when nobody is inside; {@link #open} lets those who wait in.
 * </ol>
 */
public final class ChangeGate implements AutoCloseable {
    private static final int STRIPES = 16;

    private final StampedLock[] stripes = new StampedLock[STRIPES];
    /** How often the thread has entered: a stripe is not reentrant by itself. */
    private final ThreadLocal<int[]> depths = ThreadLocal.withInitial(() -> new int[1]);

    ChangeGate() {
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new StampedLock();
        }
    }

    private StampedLock stripe() {
        return stripes[(int) (Thread.currentThread().threadId() % STRIPES)];
    }

    void enter() {
        int[] depth = depths.get();
        if (depth[0] == 0) {
            stripe().asReadLock().lock();
        }
        depth[0]++;
    }

    /** Enters unless the gate is shut. */
    boolean tryEnter() {
        int[] depth = depths.get();
        if (depth[0] == 0 && !stripe().asReadLock().tryLock()) {
            return false;
        }
        depth[0]++;
        return true;
    }

    /** Leaves. */
    @Override
    public void close() {
        int[] depth = depths.get();
        depth[0]--;
        if (depth[0] == 0) {
            stripe().asReadLock().unlock();
        }
    }

    /** Shuts everybody out; the caller is not inside. Any thread may open again. */
    void shut() {
        for (StampedLock stripe : stripes) {
            stripe.asWriteLock().lock();
        }
    }

    void open() {
        for (StampedLock stripe : stripes) {
            stripe.asWriteLock().unlock();
        }
    }
}
