package dev.holdfast.tree;

import static dev.holdfast.tree.Layout.BLOCK_BYTES;
import static dev.holdfast.tree.Layout.CHILD_BLOCK_AT;
import static dev.holdfast.tree.Layout.CHILD_BYTES;
import static dev.holdfast.tree.Layout.CHILD_GENERATION_AT;
import static dev.holdfast.tree.Layout.ITEM_SLOT_BYTES;
import static dev.holdfast.tree.Layout.NODE_CAPACITY;

import dev.holdfast.codec.LittleEndian;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.util.Arrays;
import java.util.NavigableMap;

/**
 * Merges changes into a tree by writing new nodes beside it; the base tree stays whole.
 *
 * <p>Lifecycle of one merge:
 * <ol>
 * <li>level 0: {@link LevelMerge} rewrites the leaves that change, which changes items of level 1;
 * <li>the same for each level above, until a level has one node at most: the root;
 * <li>inner roots with a single child are dropped;
 * <li>one barrier makes every node written durable.
 * </ol>
 *
 * <p>Shape: after every merge, any two neighbouring nodes of a level together hold more bytes than
 * one node can. A level of B bytes so has at most 2 B / capacity + 1 nodes.
 *
 * <p>Not thread-safe; a {@link NodeSpace} runs one checkpoint at a time. Durable when {@link
 * #merge} returns; nothing is undone when it throws, the caller {@linkplain NodeSpace#abort
 * aborts}.
 */
public final class TreeMerge {
    private final Tree base;
    private final NodeSpace space;
    private final long generation;
    /** Offset and length of what was written, neighbours joined. */
    private long[] ranges = new long[64];
    private int rangeCount;
    private long items;
    private long itemBytes;
    private long nodesWritten;
    private long nodesFreed;

    private TreeMerge(Tree base, NodeSpace space, long generation) {
        this.base = base;
        this.space = space;
        this.generation = generation;
        this.items = base.root().items();
        this.itemBytes = base.root().itemBytes();
    }

    /**
     * Writes the tree that {@code base} becomes by {@code changes}, of which null values are
     * removals.
     *
     * @param space has a checkpoint in progress; new nodes are taken from it, unused ones given
     *     back
     * @param generation generation of the checkpoint; above that of {@code base}
     * @throws IOException NO_SPACE when the space has too few free nodes, CORRUPT when a node of
     *     the base is damaged, or what the device says when it cannot persist
     */
    public static MergeResult merge(
            Tree base, NavigableMap<Key, byte[]> changes, NodeSpace space, long generation)
            throws IOException {
        if (generation <= base.root().generation()) {
            throw new IllegalArgumentException("generation " + generation + " is not above "
                    + base.root().generation() + ", that of the base tree");
        }
        return new TreeMerge(base, space, generation).run(changes);
    }

    private MergeResult run(NavigableMap<Key, byte[]> changes) throws IOException {
        NavigableMap<Key, byte[]> levelChanges = changes;
        for (int level = 0; ; level++) {
            var pass = new LevelMerge(this, level);
            levelChanges = pass.run(levelChanges);
            if (levelChanges.isEmpty()) {
                return new MergeResult(base.root(), 0, 0);
            }
            if (level >= base.root().height() - 1 && pass.nodesWritten() <= 1) {
                return finish(pass.nodesWritten() == 0 ? null : pass.lastWritten());
            }
        }
    }

    private MergeResult finish(NodeRef top) throws IOException {
        NodeRef ref = dropThinRoots(top);
        space.persistNodes(ranges, rangeCount);
        Root root = ref == null
                ? Root.EMPTY
                : new Root(ref.block(), ref.level() + 1, ref.generation(), items, itemBytes);
        return new MergeResult(root, nodesWritten, nodesFreed);
    }

    private NodeRef dropThinRoots(NodeRef top) throws HoldfastException {
        NodeRef ref = top;
        var node = new Node();
        while (ref != null && ref.level() > 0) {
            node.read(device(), ref);
            if (node.count() > 1) {
                break;
            }
            space.free(ref.block());
            ref = node.child(0, ref);
        }
        return ref;
    }

    Tree base() {
        return base;
    }

    private DaxDevice device() {
        return base.device();
    }

    /** Writes a node to a place of its own. */
    NodeRef write(NodeBuilder builder, int level) throws IOException {
        long block = space.allocate();
        long offset = block * BLOCK_BYTES;
        device().put(offset, builder.seal(block, level, generation), 0, BLOCK_BYTES);
        addRange(offset);
        nodesWritten++;
        return new NodeRef(block, level, generation, builder.first(), null);
    }

    private void addRange(long offset) {
        int last = 2 * (rangeCount - 1);
        if (rangeCount > 0 && ranges[last] + ranges[last + 1] == offset) {
            ranges[last + 1] += BLOCK_BYTES;
            return;
        }
        if (2 * rangeCount == ranges.length) {
            ranges = Arrays.copyOf(ranges, 2 * ranges.length);
        }
        ranges[2 * rangeCount] = offset;
        ranges[2 * rangeCount + 1] = BLOCK_BYTES;
        rangeCount++;
    }

    /** Gives back a node of the base tree; its block stays as it is for two checkpoints more. */
    void free(NodeRef ref) throws HoldfastException {
        space.free(ref.block());
        nodesFreed++;
    }

    /** Counts an item that comes ({@code sign} 1) or goes (-1). */
    void count(int sign, int valueBytes) {
        items += sign;
        itemBytes += sign * Layout.itemBytes(valueBytes);
    }

    /** Returns an item value that refers to a node. */
    static byte[] childValue(NodeRef ref) {
        byte[] value = new byte[CHILD_BYTES];
        LittleEndian.putLong(value, CHILD_BLOCK_AT, ref.block());
        LittleEndian.putLong(value, CHILD_GENERATION_AT, ref.generation());
        return value;
    }

    /**
     * Returns a number of nodes that no merge of {@code changedItems} changes exceeds. Never
     * underestimates; adding changes one by one never makes it smaller.
     *
     * <p>Why it holds, level by level:
     * <ul>
     * <li><em>By paths.</em> c changes touch at most c leaves. Packing is greedy, so it needs no
     * more nodes than splitting each leaf around each new item would: at most two more an item, 3c.
     * Nodes pulled in from beside a run of changed nodes join one that is there anyway. A level
     * above, the nodes touched are parents of those touched below, and of at most two pulled in
     * beside each of at most c runs: (2l + 1) c at level l; items there have one size, and at most
     * 2c are new, two of which split a node once, so at most c nodes more: (2l + 2) c.
     * <li><em>By size.</em> Any two neighbouring nodes together are more than full, so a level of B
     * bytes has at most 2 B / capacity + 1 nodes, and the level above as many items. The leaves
     * hold at most what they held and what is added.
     * </ul>
     * Each level costs at most the smaller of the two. Levels above the old root count until one
     * node is enough.
     *
     * @param height height of the base tree
     * @param changedItems number of changes, removals too
     * @param changedBytes bytes that the items put take, see {@link Layout#itemBytes}
     * @param itemBytesInTree bytes that the items of the base tree take
     */
    public static long worstCaseNodes(
            int height, long changedItems, long changedBytes, long itemBytesInTree) {
        if (changedItems == 0) {
            return 0;
        }
        long sum = 0;
        long levelBytes = itemBytesInTree + changedBytes;
        for (int level = 0; ; level++) {
            long bySize = 2 * levelBytes / NODE_CAPACITY + 1;
            long byPaths = level == 0 ? 3 * changedItems : (2L * level + 2) * changedItems;
            sum += Math.min(bySize, byPaths);
            if (level >= height - 1 && bySize == 1) {
                return sum;
            }
            levelBytes = bySize * (ITEM_SLOT_BYTES + CHILD_BYTES);
        }
    }
}
