package dev.holdfast.fuse;

import dev.holdfast.fs.FileSystem;
import dev.holdfast.fs.Inode;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * What all requests of one mount share: the volume, the nodes the kernel knows, and what was agreed
 * on.
 *
 * <ol>
 * <li>made before the mount;
 * <li>{@link #agreed} by INIT: before it every other request is refused;
 * <li>{@link #refuse} when the kernel says DESTROY, or the mount is to go;
 * <li>{@link #letGo} when no request is being served any more.
 * </ol>
 */
final class Session {
    /** The longest read or write. */
    static final int MAX_IO_BYTES = 1 << 20;

    private final FileSystem fs;
    private final FuseOptions options;
    private final NodeTable nodes;
    private final CacheRules caches;
    private final CountDownLatch started = new CountDownLatch(1);
    private final ReentrantReadWriteLock forgetting = new ReentrantReadWriteLock();
    private volatile boolean isReady;
    private volatile boolean hasEnded;
    private volatile long flags;

    Session(FileSystem fs, FuseOptions options, Channel channel) throws IOException {
        this.fs = fs;
        this.options = options;
        this.nodes = new NodeTable(fs);
        this.caches = new CacheRules(fs, nodes, channel);
    }

    FileSystem fs() {
        return fs;
    }

    FuseOptions options() {
        return options;
    }

    NodeTable nodes() {
        return nodes;
    }

    CacheRules caches() {
        return caches;
    }

    Inode inode(long node) throws FuseException {
        return nodes.inode(node);
    }

    /** Notes what INIT agreed on. */
    void agreed(long agreedFlags) {
        flags = agreedFlags;
        isReady = true;
        started.countDown();
    }

    boolean hasEnded() {
        return hasEnded;
    }

    boolean isReady() {
        return isReady;
    }

    boolean has(long flag) {
        return (flags & flag) != 0;
    }

    CountDownLatch started() {
        return started;
    }

    /** Hears that the kernel has forgotten look-ups. */
    void forget(long node, long lookups) {
        forgetting.readLock().lock();
        try {
            nodes.forget(node, lookups);
        } finally {
            forgetting.readLock().unlock();
        }
    }

    /** Waits until what other workers are forgetting is forgotten, its blocks free. */
    void awaitForgets() {
        forgetting.writeLock().lock();
        forgetting.writeLock().unlock();
    }

    /** Refuses every request from now on; those that are being served go on. */
    void refuse() {
        hasEnded = true;
        isReady = false;
    }

    /** Lets every inode go, when nothing is being served any more. */
    void letGo() {
        nodes.clear();
    }
}
