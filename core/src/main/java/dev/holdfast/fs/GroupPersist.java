package dev.holdfast.fs;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes ranges durable for many threads with few barriers, on media where a barrier takes long: who comes
 * while one is under way joins the next, which one of them executes for all.
 *
 * <p>Lock rule: {@code turn} is held for a barrier, {@code this} to join a group, never the other way round.
 */
final class GroupPersist {
    /** What one barrier makes durable. */
    private static final class Group {
        private long[] ranges = new long[16];
        private int count;
        private boolean done;
        private IOException failure;

        void add(long offset, long length) {
            if (2 * count == ranges.length) {
                ranges = Arrays.copyOf(ranges, 2 * ranges.length);
            }
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

    private final FileSystem fs;
    private final ReentrantLock turn = new ReentrantLock();
    private Group open = new Group();

    GroupPersist(FileSystem fs) {
        this.fs = fs;
    }

    /** Returns when every store to the range, before this call, is durable. */
    void persist(long offset, long length) throws IOException {
        Group mine;
        synchronized (this) {
            mine = open;
            mine.add(offset, length);
        }
        turn.lock();
        try {
            if (!mine.done) {
                lead(mine);
            }
        } finally {
            turn.unlock();
        }
        if (mine.failure != null) {
            throw mine.failure;
        }
    }

    /** Closes the group and executes its barrier; all members come after it, by {@code turn}. */
    private void lead(Group group) {
        synchronized (this) {
            open = new Group();
        }
        try {
            fs.stopOnFailure(() -> fs.device().persist(group.ranges, group.count));
        } catch (IOException e) {
            group.failure = e;
        }
        group.done = true;
    }
}
