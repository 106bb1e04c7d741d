package dev.holdfast.tree;

import static dev.holdfast.tree.Layout.ITEM_SLOT_BYTES;
import static dev.holdfast.tree.Layout.NODE_CAPACITY;

import java.io.IOException;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Merges changes into one level of a tree. Works in <em>runs</em>: neighbouring nodes with changes
 * are packed anew, as one sequence of items, each node as full as it gets. A node beside a run that
 * would fit together with the run's first or last node is pulled into it.
 *
 * <p>Not thread-safe; used for one level once.
 */
final class LevelMerge {
    private final TreeMerge merge;
    private final Tree base;
    private final int level;
    /** What changes in the level above: children that go (null) and that come. */
    private final TreeMap<Key, byte[]> parentChanges = new TreeMap<>();
    /** The node being packed. */
    private NodeBuilder builder = new NodeBuilder();
    private NodeRef lastWritten;
    private long nodesWritten;
    /** First node of the run in the base tree; null when its left neighbour no longer matters. */
    private NodeRef runStart;
    private boolean runHasOutput;

    LevelMerge(TreeMerge merge, int level) {
        this.merge = merge;
        this.base = merge.base();
        this.level = level;
    }

    long nodesWritten() {
        return nodesWritten;
    }

    NodeRef lastWritten() {
        return lastWritten;
    }

    /** Merges {@code changes} into the level and returns those that follow for the level above. */
    TreeMap<Key, byte[]> run(NavigableMap<Key, byte[]> changes) throws IOException {
        if (level >= base.root().height()) {
            for (var change : changes.entrySet()) {
                append(change.getKey(), change.getValue());
            }
            endRun();
            return parentChanges;
        }
        var node = new Node();
        Key next = changes.isEmpty() ? null : changes.firstKey();
        while (next != null) {
            NodeRef ref = locate(node, next);
            var inNode = within(changes, next, ref);
            Key end = alters(node, inNode) ? mergeRun(changes, node, ref, inNode) : ref.end();
            next = end == null ? null : changes.ceilingKey(end);
        }
        return parentChanges;
    }

    /** Reads a node of this level; its reference then has its first key, the root's too. */
    private NodeRef locate(Node node, Key key) throws IOException {
        NodeRef ref = base.locate(node, level, key);
        return new NodeRef(ref.block(), level, ref.generation(), node.key(0), ref.end());
    }

    private static NavigableMap<Key, byte[]> within(
            NavigableMap<Key, byte[]> changes, Key from, NodeRef ref) {
        return ref.end() == null
                ? changes.tailMap(from, true)
                : changes.subMap(from, true, ref.end(), false);
    }

    /** Tells whether any change makes a difference: a removal of what is not there does not. */
    private static boolean alters(Node node, NavigableMap<Key, byte[]> changes) {
        for (var change : changes.entrySet()) {
            int index = node.floorIndex(change.getKey());
            boolean present = index >= 0 && node.compare(index, change.getKey()) == 0;
            byte[] value = change.getValue();
            if (value == null ? present : !(present && node.valueEquals(index, value))) {
                return true;
            }
        }
        return false;
    }

    /**
     * Packs a run that starts with {@code node}; returns where it ended, null at the level's end.
     */
    private Key mergeRun(NavigableMap<Key, byte[]> changes, Node node, NodeRef start,
            NavigableMap<Key, byte[]> changesOfStart) throws IOException {
        runStart = start;
        runHasOutput = false;
        absorb(node, start, changesOfStart);
        Key end = start.end();
        while (end != null) {
            NodeRef right = locate(node, end);
            var inRight = within(changes, end, right);
            boolean altered = alters(node, inRight);
            if (!altered && !joins(node)) {
                break;
            }
            absorb(node, right, inRight);
            end = right.end();
        }
        endRun();
        return end;
    }

    /** Tells whether the unchanged node to the right of the run has to become part of it. */
    private boolean joins(Node right) throws IOException {
        if (builder.count() > 0) {
            return builder.fits(right.usedBytes());
        }
        // Nothing is left of the run: the nodes beside it are now neighbours of each other.
        var left = new Node();
        return leftNeighbour(left) != null
                && left.usedBytes() + right.usedBytes() <= NODE_CAPACITY;
    }

    private NodeRef leftNeighbour(Node node) throws IOException {
        if (runStart.first().equals(Key.MIN)) {
            return null;
        }
        NodeRef left = locate(node, runStart.first().previous());
        return left.block() == runStart.block() ? null : left;
    }

    /** Replaces a node of the base: packs its items as the changes leave them. */
    private void absorb(Node node, NodeRef ref, NavigableMap<Key, byte[]> changes)
            throws IOException {
        parentChanges.put(ref.first(), null);
        merge.free(ref);
        int index = 0;
        for (var change : changes.entrySet()) {
            Key key = change.getKey();
            while (index < node.count() && node.compare(index, key) < 0) {
                keep(node, index++);
            }
            if (index < node.count() && node.compare(index, key) == 0) {
                count(-1, node.valueLength(index));
                index++;
            }
            append(key, change.getValue());
        }
        while (index < node.count()) {
            keep(node, index++);
        }
    }

    private void keep(Node node, int index) throws IOException {
        makeRoom(node.valueLength(index));
        node.copyTo(builder, index);
    }

    private void append(Key key, byte[] value) throws IOException {
        if (value == null) {
            return;
        }
        if (value.length > Layout.MAX_VALUE_BYTES) {
            throw new IllegalArgumentException("value of item " + key + " has " + value.length
                    + " bytes; the limit is " + Layout.MAX_VALUE_BYTES);
        }
        makeRoom(value.length);
        builder.append(key, value, 0, value.length);
        count(1, value.length);
    }

    private void count(int sign, int valueBytes) {
        if (level == 0) {
            merge.count(sign, valueBytes);
        }
    }

    private void makeRoom(int valueBytes) throws IOException {
        if (!builder.fits(ITEM_SLOT_BYTES + valueBytes)) {
            writeNode();
        }
    }

    private void endRun() throws IOException {
        if (builder.count() > 0) {
            writeNode();
        }
    }

    private void writeNode() throws IOException {
        if (!runHasOutput && runStart != null) {
            joinLeft();
        }
        runHasOutput = true;
        lastWritten = merge.write(builder, level);
        nodesWritten++;
        parentChanges.put(lastWritten.first(), TreeMerge.childValue(lastWritten));
        builder.clear();
    }

    /** Pulls in the node to the left of the run if the run's first node has room for it. */
    private void joinLeft() throws IOException {
        var node = new Node();
        NodeRef left = leftNeighbour(node);
        if (left == null || !builder.fits(node.usedBytes())) {
            return;
        }
        parentChanges.put(left.first(), null);
        merge.free(left);
        var joined = new NodeBuilder();
        for (int i = 0; i < node.count(); i++) {
            node.copyTo(joined, i);
        }
        joined.appendAll(builder);
        builder = joined;
    }
}
