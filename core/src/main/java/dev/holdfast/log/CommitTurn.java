package dev.holdfast.log;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The commit lock: the right to persist the log, held by one thread at a time. Those who find it
 * taken wait for its release and then all look again, so that nobody whose record just became
 * durable queues behind the next commit.
 *
 * <ol>
 *   <li>{@link #tryTake}: one wins;
 *   <li>the others {@link #awaitRelease}: a short spin, as a line write-back takes less than a
 *       wake-up, then sleep;
 *   <li>{@link #release} wakes all sleepers.
 * </ol>
 *
 * <p>Taking and releasing an uncontended turn costs two atomic stores and allocates nothing.
 * Waiting is not interruptible: an interrupted thread waits on and stays interrupted.
 */
final class CommitTurn {
    private static final int SPINS = 64;
    private static final VarHandle TAKEN;

    static {
        try {
            TAKEN = MethodHandles.lookup().findVarHandle(CommitTurn.class, "taken", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition released = lock.newCondition();
    private volatile boolean taken;
    /**
     * Changed under {@link #lock}; read without it by release, after its store to {@link #taken}.
     */
    private volatile int sleepers;

    /** Takes the turn if it is free. */
    boolean tryTake() {
        return TAKEN.compareAndSet(this, false, true);
    }

    /** Gives the turn back. All stores before are seen by whoever wakes or takes it next. */
    void release() {
        // A sleeper counts itself before it looks at taken, and this stores taken before it looks
        // at the count: one of the two sees the other, so no wake-up is lost.
        taken = false;
        if (sleepers != 0) {
            wakeAll();
        }
    }

    /** Returns when the turn has been free for a moment, or earlier without reason. */
    void awaitRelease() {
        for (int i = 0; i < SPINS; i++) {
            if (!taken) {
                return;
            }
            Thread.onSpinWait();
        }
        lock.lock();
        try {
            sleepers = sleepers + 1;
            if (taken) {
                released.awaitUninterruptibly();
            }
            sleepers = sleepers - 1;
        } finally {
            lock.unlock();
        }
    }

    private void wakeAll() {
        lock.lock();
        try {
            released.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
