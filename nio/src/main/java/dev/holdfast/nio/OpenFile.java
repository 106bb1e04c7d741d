package dev.holdfast.nio;

import dev.holdfast.fs.FileSystem;
import dev.holdfast.fs.Inode;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An inode that a channel holds.
 *
 * <ol>
 * <li>Made around an inode that is held already.
 * <li>Operations {@link #enter} and {@link #leave}, any number at a time.
 * <li>{@link #close} lets no more in; when the last one has left, the inode is let go, and with it,
 *     if it has no name any more, its content.
 * </ol>
 */
final class OpenFile {
    private static final int CLOSED = 1 << 30;
    private static final int RELEASED = CLOSED | 1 << 29;

    private final FileSystem core;
    private final Inode inode;
    private final AtomicInteger state = new AtomicInteger();

    OpenFile(FileSystem core, Inode inode) {
        this.core = core;
        this.inode = inode;
    }

    FileSystem core() {
        return core;
    }

    Inode inode() {
        return inode;
    }

    /** Begins an operation; false when the file is closed. */
    boolean enter() {
        if ((state.incrementAndGet() & CLOSED) == 0) {
            return true;
        }
        leave();
        return false;
    }

    /** Ends an operation. */
    void leave() {
        if (state.decrementAndGet() == CLOSED) {
            release();
        }
    }

    /** Lets no more operations begin. Called once. */
    void close() {
        if (state.getAndAdd(CLOSED) == 0) {
            release();
        }
    }

    /** At most once: a refused enter may bring the count back to zero again. */
    private void release() {
        if (state.compareAndSet(CLOSED, RELEASED) && !core.isClosed()) {
            core.release(inode);
        }
    }
}
