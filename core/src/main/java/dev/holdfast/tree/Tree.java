package dev.holdfast.tree;

import static dev.holdfast.tree.Layout.MAX_HEIGHT;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * An immutable B+tree on the device: the items of one checkpoint. {@link TreeMerge} writes a new
 * one beside it.
 *
 * <p>A node is copied and checked whole when it is read, and against what its parent says of it, so
 * damage is an exception and never an answer. Some nodes read last are kept: the nodes of a tree do
 * not change as long as it is there. Levels go down by one at each step, so a cyclic image ends in
 * an exception too.
 *
 * <p>Thread safety: any number of readers, for as long as {@link NodeSpace} keeps the nodes: until
 * the second next checkpoint commits.
 */
public final class Tree implements Items {
    private static final int KEPT_NODES = 64;

    private final DaxDevice device;
    private final Root root;
    /** Nodes read, by a hash of their block; who uses one takes it out, and puts it back. */
    private final AtomicReferenceArray<Node> kept = new AtomicReferenceArray<>(KEPT_NODES);

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
        Node leaf = leafFor(key);
        if (leaf == null) {
            return null;
        }
        int index = leaf.floorIndex(key);
        byte[] value = leaf.compare(index, key) == 0 ? leaf.value(index) : null;
        keep(leaf);
        return value;
    }

    @Override
    public Item floor(Key key) throws IOException {
        Node leaf = leafFor(key);
        if (leaf == null) {
            return null;
        }
        int index = leaf.floorIndex(key);
        Item item = new Item(leaf.key(index), leaf.value(index));
        keep(leaf);
        return item;
    }

    /**
     * Reads the leaf that has the floor of {@code key}, for the caller to {@link #keep}, or returns
     * null: as a node's first key is exact, there is then none in the whole tree.
     */
    private Node leafFor(Key key) throws HoldfastException {
        NodeRef ref = rootRef();
        while (ref != null) {
            Node node = take(ref);
            int index = node.floorIndex(key);
            if (index >= 0 && ref.level() == 0) {
                return node;
            }
            ref = index < 0 ? null : node.child(index, ref);
            keep(node);
        }
        return null;
    }

    @Override
    public void scan(Key fromInclusive, Key toExclusive, ItemVisitor visitor) throws IOException {
        NodeRef ref = rootRef();
        if (ref != null && fromInclusive.compareTo(toExclusive) < 0) {
            scan(ref, fromInclusive, toExclusive, visitor);
        }
    }

    private boolean scan(NodeRef ref, Key from, Key to, ItemVisitor visitor) throws IOException {
        Node node = take(ref);
        try {
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
            keep(node);
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

    /** Reads a node, or takes it as it was read before. */
    private Node take(NodeRef ref) throws HoldfastException {
        Node node = kept.getAndSet(slot(ref.block()), null);
        if (node == null) {
            node = new Node();
        }
        node.readOrKeep(device, ref);
        return node;
    }

    private void keep(Node node) {
        kept.set(slot(node.block()), node);
    }

    private static int slot(long block) {
        return (int) block & KEPT_NODES - 1;
    }
}
