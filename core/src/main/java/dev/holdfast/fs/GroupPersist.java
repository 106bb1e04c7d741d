package dev.holdfast.fs;

import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * Makes ranges durable for many threads with few barriers, on media where a barrier takes long: who
 * comes while one is under way joins the next group.
 *
 * <ol>
 *   <li>The first thread opens a group, others join it;
 *   <li>when the barrier under way has ended, the group waits a little for those that it has let
 *       go, who are about to come again: for as many as were there when it ended, and no longer
 *       than half of that barrier took;
 *   <li>the thread that completes the crowd, or the first one when the time is up, closes the
 *       group, executes one barrier for all, and wakes them.
 * </ol>
 *
 * A thread that is alone finds that nobody was there, and waits for nothing.
 *
 * <p>Lock rule: {@code this} is held to join and to close a group, never during a barrier. Waiting
 * is not interruptible: an interrupted thread waits on and stays interrupted.
 *
 * <p>Durability: a thread's stores come before it joins, and the barrier of its group after.
 */
final class GroupPersist {
    /** Executes a barrier for ranges given as offset and length pairs, in order of offset. */
    interface Barrier {
        void persist(long[] ranges, int count) throws IOException;
    }

    /** What one barrier makes durable. Guarded by the owner until closed. */
    private static final class Group {
        private Thread[] members = new Thread[8];
        private long[] ranges = new long[16];
        private int count;
        private Throwable failure;
        /** Written after the barrier, and after {@link #failure}. */
        private volatile boolean done;

        void add(long offset, long length) {
            if (count == members.length) {
                members = Arrays.copyOf(members, 2 * count);
                ranges = Arrays.copyOf(ranges, 4 * count);
            }
            members[count] = Thread.currentThread();
            // Kept in order, so that the device joins ranges that meet.
            int at = count++;
            while (at > 0 && ranges[2 * at - 2] > offset) {
                ranges[2 * at] = ranges[2 * at - 2];
                ranges[2 * at + 1] = ranges[2 * at - 1];
                at--;
            }
            ranges[2 * at] = offset;
            ranges[2 * at + 1] = length;
        }
    }

    private final Barrier barrier;
    /** The group that can be joined; null when nobody waits. */
    private Group open;
    private boolean busy;
    /** The threads that were there when the last barrier ended, and how long it took. */
    private int crowd;
    private long barrierNanos;

    GroupPersist(Barrier barrier) {
        this.barrier = barrier;
    }

    /** Returns when every store to the range, before this call, is durable. */
    void persist(long offset, long length) throws IOException {
        Group mine;
        boolean first;
        boolean lead;
        synchronized (this) {
            first = open == null;
            if (first) {
                open = new Group();
            }
            mine = open;
            mine.add(offset, length);
            lead = !busy && mine.count >= crowd;
            if (lead) {
                close();
            }
        }
        if (!lead && first) {
            lead = awaitTurn(mine);
        }
        if (lead) {
            lead(mine);
        } else {
            awaitBarrier(mine);
        }
        if (mine.failure != null) {
            throw again(mine.failure);
        }
    }

    private void close() {
        busy = true;
        open = null;
    }

    private void lead(Group group) {
        long start = System.nanoTime();
        try {
            barrier.persist(group.ranges, group.count);
        } catch (IOException | RuntimeException | Error e) {
            group.failure = e;
        }
        ended(group, System.nanoTime() - start);
    }

    private void ended(Group group, long nanos) {
        Thread next;
        synchronized (this) {
            busy = false;
            barrierNanos = nanos;
            crowd = group.count + (open == null ? 0 : open.count);
            next = open == null ? null : open.members[0];
        }
        group.done = true;
        LockSupport.unpark(next);
        for (int i = 0; i < group.count; i++) {
            if (group.members[i] != Thread.currentThread()) {
                LockSupport.unpark(group.members[i]);
            }
        }
    }

    /** The first thread of a group waits for the crowd; returns whether it is the one to lead. */
    private boolean awaitTurn(Group group) {
        boolean interrupted = false;
        boolean lead = false;
        long deadline = 0;
        while (true) {
            long left = 0;
            synchronized (this) {
                if (open != group) {
                    break;
                }
                if (!busy) {
                    long now = System.nanoTime();
                    deadline = deadline == 0 ? now + barrierNanos / 2 | 1 : deadline;
                    left = deadline - now;
                    lead = left <= 0 || group.count >= crowd;
                }
                if (lead) {
                    close();
                    break;
                }
            }
            if (left == 0) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, left);
            }
            interrupted |= Thread.interrupted();
        }
        restore(interrupted);
        return lead;
    }

    private void awaitBarrier(Group group) {
        boolean interrupted = false;
        while (!group.done) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        restore(interrupted);
    }

    private static void restore(boolean interrupted) {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Each thread throws an exception of its own, with its own stack. */
    private static IOException again(Throwable failure) {
        return switch (failure) {
            case HoldfastException e -> new HoldfastException(e.code(), e.getMessage(), e);
            case IOException e -> new IOException(e.getMessage(), e);
            default -> throw new IllegalStateException(failure.getMessage(), failure);
        };
    }
}
