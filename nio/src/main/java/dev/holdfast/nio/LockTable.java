package dev.holdfast.nio;

import java.io.IOException;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The file locks of a volume. One process owns the volume, and within a process an overlap is an
 * error rather than a reason to wait: so a lock is had at once or not at all. Thread-safe.
 */
final class LockTable {
    private final Map<Long, List<Lock>> byInode = new HashMap<>();

    /** A lock that is or was held. */
    static final class Lock extends FileLock {
        private final LockTable table;
        private final long inode;
        private boolean valid = true;

        private Lock(LockTable table, FileChannel channel, long inode, long position, long size,
                boolean shared) {
            super(channel, position, size, shared);
            this.table = table;
            this.inode = inode;
        }

        private Lock(LockTable table, AsynchronousFileChannel channel, long inode, long position,
                long size, boolean shared) {
            super(channel, position, size, shared);
            this.table = table;
            this.inode = inode;
        }

        @Override
        public boolean isValid() {
            synchronized (table) {
                return valid && acquiredBy().isOpen();
            }
        }

        @Override
        public void release() throws IOException {
            if (!acquiredBy().isOpen()) {
                throw new ClosedChannelException();
            }
            table.release(this);
        }
    }

    Lock lock(FileChannel channel, long inode, long position, long size, boolean shared) {
        return add(new Lock(this, channel, inode, position, extent(position, size), shared));
    }

    Lock lock(AsynchronousFileChannel channel, long inode, long position, long size,
            boolean shared) {
        return add(new Lock(this, channel, inode, position, extent(position, size), shared));
    }

    /** A size of zero stands for everything from the position on. */
    private static long extent(long position, long size) {
        return size == 0 && position >= 0 ? Long.MAX_VALUE - position : size;
    }

    private synchronized Lock add(Lock lock) {
        List<Lock> held = byInode.computeIfAbsent(lock.inode, ino -> new ArrayList<>());
        for (Lock other : held) {
            if (other.overlaps(lock.position(), lock.size())) {
                throw new OverlappingFileLockException();
            }
        }
        held.add(lock);
        return lock;
    }

    private synchronized void release(Lock lock) {
        if (lock.valid) {
            lock.valid = false;
            List<Lock> held = byInode.get(lock.inode);
            held.remove(lock);
            if (held.isEmpty()) {
                byInode.remove(lock.inode);
            }
        }
    }

    /** Releases what a channel holds on an inode, as it closes. */
    synchronized void releaseAll(long inode, Channel channel) {
        for (Lock lock : List.copyOf(byInode.getOrDefault(inode, List.of()))) {
            if (lock.acquiredBy() == channel) {
                release(lock);
            }
        }
    }
}
