package dev.holdfast.tree;

import static dev.holdfast.tree.Layout.MAX_HEIGHT;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * An immutable B+tree on the device: the items of one checkpoint. {@link TreeMerge} writes a new
 * one beside it.
 *
 * <p>A node is copied and checked whole when it is read, and against what its parent says of it, so
 * damage is an exception and never an answer. The node read last is kept: the nodes of a tree do not
 * change as long as it is there. Levels go down by one at each step, so a cyclic image ends in an
 * exception too.
 *
 * <p>Thread safety: any number of readers, for as long as {@link NodeSpace} keeps the nodes: until
 * the second next checkpoint commits.
 */
public final class Tree implements Items {
    private final DaxDevice device;
    private final Root root;
    /** A node object to read into; whoever needs more than the one makes them. */
    private final AtomicReference<Node> spare = new AtomicReference<>();

    /**
     * Opens a tree. Reads nothing yet.
     *
     * @throws HoldfastException CORRUPT when block and height cannot be those of a tree
     */
    public Tree(DaxDevice device, Root root) throws HoldfastException {
        if (root.height() < 0 || root.height() > MAX_HEIGHT
                || root.isEmpty() != (root.block() == 0)) {
            throw new HoldfastException(ErrorCode.CORRUPT, "the root of the tree is damaged: block "
                    + root.block() + ", height " + root.height());
        }
        this.device = device;
        this.root = root;
    }

    /** Returns where the tree is. */
    public Root root() {
        return root;
    }

    DaxDevice device() {
        return device;
    }

    @Override
    public byte[] get(Key key) throws IOException {
        Node node = takeNode();
        try {
            int index = descend(node, key);
            return index >= 0 && node.compare(index, key) == 0 ? node.value(index) : null;
        } finally {
            spare.set(node);
        }
    }

    @Override
    public Item floor(Key key) throws IOException {
        Node node = takeNode();
        try {
            int index = descend(node, key);
            return index >= 0 ? new Item(node.key(index), node.value(index)) : null;
        } finally {
            spare.set(node);
        }
    }

    /**
     * Reads the leaf that {@code key} belongs to and returns the index of its floor there, or -1:
     * as a node's first key is exact, there is then none in the whole tree.
     */
    private int descend(Node node, Key key) throws HoldfastException {
        NodeRef ref = rootRef();
        if (ref == null) {
            return -1;
        }
        while (true) {
            node.readOrKeep(device, ref);
            int index = node.floorIndex(key);
            if (ref.level() == 0 || index < 0) {
                return index;
            }
            ref = node.child(index, ref);
        }
    }

    @Override
    public void scan(Key fromInclusive, Key toExclusive, ItemVisitor visitor) throws IOException {
        NodeRef ref = rootRef();
        if (ref != null && fromInclusive.compareTo(toExclusive) < 0) {
            scan(ref, fromInclusive, toExclusive, visitor);
        }
    }

    private boolean scan(NodeRef ref, Key from, Key to, ItemVisitor visitor) throws IOException {
        Node node = takeNode();
        try {
            node.readOrKeep(device, ref);
            boolean leaf = ref.level() == 0;
            int start = node.floorIndex(from);
            if (start < 0 || leaf && node.compare(start, from) < 0) {
                start++;
            }
            for (int i = start; i < node.count() && node.compare(i, to) < 0; i++) {
                boolean goOn = leaf
                        ? visitor.item(node.key(i), node.value(i))
                        : scan(node.child(i, ref), from, to, visitor);
                if (!goOn) {
                    return false;
                }
            }
            return true;
        } finally {
            spare.set(node);
        }
    }

    /** Reads and checks every node, and shows each to {@code visitor} before its children. */
    public void walk(NodeVisitor visitor) throws HoldfastException {
        NodeRef ref = rootRef();
        if (ref != null) {
            walk(ref, visitor);
        }
    }

    private void walk(NodeRef ref, NodeVisitor visitor) throws HoldfastException {
        var node = new Node();
        try {
            node.read(device, ref);
        } catch (HoldfastException problem) {
            visitor.damaged(ref.block(), ref.level(), problem);
            return;
        }
        visitor.node(ref.block(), ref.level(), node.count(), node.usedBytes());
        if (ref.level() > 0) {
            for (int i = 0; i < node.count(); i++) {
                walk(node.child(i, ref), visitor);
            }
        }
    }

    /** Reads the node at {@code level} in which {@code key} is, or would be. */
    NodeRef locate(Node node, int level, Key key) throws HoldfastException {
        NodeRef ref = rootRef();
        node.read(device, ref);
        while (ref.level() > level) {
            ref = node.child(Math.max(0, node.floorIndex(key)), ref);
            node.read(device, ref);
        }
        return ref;
    }

    private NodeRef rootRef() {
        return root.isEmpty()
                ? null
                : new NodeRef(root.block(), root.height() - 1, root.generation(), null, null);
    }

    private Node takeNode() {
        Node node = spare.getAndSet(null);
        return node != null ? node : new Node();
    }
}
