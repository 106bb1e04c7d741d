package dev.holdfast.fs;

import java.io.IOException;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The inodes in the heap, one object each. An inode that the tree does not describe fully yet, or
 * that has dirty data, is retained; any other lives as long as somebody uses it.
 *
 * <p>Thread-safe. Loading is serialised by inode number, in stripes.
 */
final class InodeTable {
    /** Reads an inode from the newest checkpoint; returns null if there is none. */
    interface Loader {
        Inode load(long ino) throws IOException;
    }

    private static final int STRIPES = 64;

    private final Loader loader;
    private final ConcurrentHashMap<Long, Ref> known = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Long, Inode> retained = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Long, Long> buried = new ConcurrentHashMap<>();
    private final ReferenceQueue<Inode> collected = new ReferenceQueue<>();
    private final Object[] stripes = new Object[STRIPES];

    private static final class Ref extends WeakReference<Inode> {
        private final long ino;

        Ref(Inode inode, ReferenceQueue<Inode> queue) {
            super(inode, queue);
            this.ino = inode.ino;
        }
    }

    InodeTable(Loader loader) {
        this.loader = loader;
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Object();
        }
    }

    /** Returns the inode, loading it if need be, or null if there is none. */
    Inode get(long ino) throws IOException {
        Inode inode = inHeap(ino);
        if (inode != null || ino <= 0 || buried.containsKey(ino)) {
            return inode;
        }
        synchronized (stripes[(int) (ino % STRIPES)]) {
            inode = inHeap(ino);
            // Looked at again: it may have been loaded and deleted by others since.
            if (inode == null && !buried.containsKey(ino)) {
                inode = loader.load(ino);
                if (inode != null) {
                    add(inode);
                }
            }
            return inode;
        }
    }

    private Inode inHeap(long ino) {
        Ref ref = known.get(ino);
        return ref == null ? null : ref.get();
    }

    /** Enters an inode that was just made or loaded. */
    void add(Inode inode) {
        drop(collected.poll());
        known.put(inode.ino, new Ref(inode, collected));
    }

    /**
     * Keeps an inode in the heap until {@link #release} finds that it need not be. Called after the
     * change that makes it needed is visible, so that a release meanwhile cannot miss it.
     */
    void retain(Inode inode) {
        synchronized (inode.attributes) {
            if (!inode.retained) {
                inode.retained = true;
                retained.put(inode.ino, inode);
            }
        }
    }

    /** Lets go of retained inodes that a checkpoint up to {@code lsn} fully describes. */
    void release(long lsn) {
        for (Inode inode : retained.values()) {
            synchronized (inode.attributes) {
                if (!isNeeded(inode, lsn)) {
                    inode.retained = false;
                    retained.remove(inode.ino);
                }
            }
        }
        buried.values().removeIf(deletedAt -> deletedAt <= lsn);
        for (Object ref = collected.poll(); ref != null; ref = collected.poll()) {
            drop(ref);
        }
    }

    private static boolean isNeeded(Inode inode, long lsn) {
        return inode.changeLsn() > lsn || inode.timesDirty()
                || inode.pages != null && inode.pages.space.hasDirty();
    }

    private void drop(Object ref) {
        if (ref instanceof Ref old) {
            known.remove(old.ino, old);
        }
    }

    /** Returns every retained inode: those that sync has to look at. */
    List<Inode> retainedInodes() {
        return new ArrayList<>(retained.values());
    }

    /** Forgets a deleted inode, but not that it is deleted while the tree still has it. */
    void bury(Inode inode) {
        buried.put(inode.ino, inode.changeLsn());
        known.remove(inode.ino);
        synchronized (inode.attributes) {
            inode.retained = false;
            retained.remove(inode.ino);
        }
    }

    /** Tells whether a handle, mapping or pin holds the inode. */
    boolean isHeld(Inode inode) {
        synchronized (inode.attributes) {
            return inode.holders > 0;
        }
    }

    /** Adds a holder: a handle, a mapping or a pin. */
    void hold(Inode inode) {
        synchronized (inode.attributes) {
            inode.holders++;
        }
    }

    /** Removes a holder; tells whether it was the last. */
    boolean unhold(Inode inode) {
        synchronized (inode.attributes) {
            return --inode.holders == 0;
        }
    }
}
