package dev.holdfast.fuse;

import dev.holdfast.error.HoldfastException;
import dev.holdfast.fs.FileSystem;
import dev.holdfast.fs.Inode;
import java.io.IOException;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The inodes that the kernel knows, by node id. A node's id is its inode number, which no volume
 * uses twice: so the generation is always the same.
 *
 * <p>A node is held from the first look-up that tells the kernel of it until the kernel has
 * forgotten as many look-ups; the kernel keeps what is open, so open files need no hold of their
 * own. Thread-safe.
 */
final class NodeTable {
    /** What the kernel knows of one inode; guarded by its monitor. */
    private static final class Node {
        private final Inode inode;
        private long lookups;
        private boolean isGone;
        /** Content version that the kernel's cache shows, or -1. */
        private volatile long cachedVersion = -1;

        Node(Inode inode) {
            this.inode = inode;
        }
    }

    private final FileSystem fs;
    private final Inode root;
    private final ConcurrentHashMap<Long, Node> nodes = new ConcurrentHashMap<>();

    NodeTable(FileSystem fs) throws IOException {
        this.fs = fs;
        this.root = fs.root();
        grant(root);
    }

    /** Returns the inode of a node that the kernel was told of; else the answer is ESTALE. */
    Inode inode(long id) throws FuseException {
        Node node = nodes.get(id);
        if (node == null) {
            throw new FuseException(FuseErrno.ESTALE, "node " + id + " was never given out");
        }
        return node.inode;
    }

    /** Counts a look-up of an inode. */
    void grant(Inode inode) throws HoldfastException {
        while (true) {
            Node node = nodes.computeIfAbsent(inode.number(), id -> new Node(inode));
            synchronized (node) {
                if (node.isGone) {
                    continue;
                }
                if (node.lookups == 0) {
                    holdFirst(node);
                }
                node.lookups++;
                return;
            }
        }
    }

    private void holdFirst(Node node) throws HoldfastException {
        boolean held = false;
        try {
            fs.hold(node.inode);
            held = true;
        } finally {
            if (!held) {
                node.isGone = true;
                nodes.remove(node.inode.number(), node);
            }
        }
    }

    /** Takes look-ups back; the last one lets the inode go. */
    void forget(long id, long lookups) {
        Node node = nodes.get(id);
        if (node == null || lookups <= 0) {
            return;
        }
        synchronized (node) {
            // The root is never forgotten, and nobody takes back more than was given.
            if (node.inode == root || node.isGone) {
                return;
            }
            node.lookups = Math.max(0, node.lookups - lookups);
            if (node.lookups > 0) {
                return;
            }
            node.isGone = true;
            nodes.remove(id, node);
        }
        fs.release(node.inode);
    }

    /** Lets every inode go: the kernel has ended the session. */
    void clear() {
        for (Node node : nodes.values()) {
            synchronized (node) {
                if (node.isGone) {
                    continue;
                }
                node.isGone = true;
                nodes.remove(node.inode.number(), node);
            }
            fs.release(node.inode);
        }
    }

    /** Tells whether the kernel knows an inode. */
    boolean knows(Inode inode) {
        return nodes.containsKey(inode.number());
    }

    /** Returns the content version that the kernel's cache of an inode shows, or -1. */
    long cachedVersion(Inode inode) {
        Node node = nodes.get(inode.number());
        return node == null ? -1 : node.cachedVersion;
    }

    void setCachedVersion(Inode inode, long version) {
        Node node = nodes.get(inode.number());
        if (node != null) {
            node.cachedVersion = version;
        }
    }

    int size() {
        return nodes.size();
    }

}
