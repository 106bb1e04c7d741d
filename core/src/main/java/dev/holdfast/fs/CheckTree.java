package dev.holdfast.fs;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.CheckReport.Area;
import dev.holdfast.file.CheckReport.Place;
import dev.holdfast.mutant.Mutants;
import dev.holdfast.tree.NodeSpace;
import dev.holdfast.tree.NodeVisitor;
import dev.holdfast.tree.Root;
import dev.holdfast.tree.Slot;
import dev.holdfast.tree.Tree;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** One checkpoint's tree: every node, the counts in its root, and which nodes are marked live. */
final class CheckTree implements NodeVisitor {
    private final DaxDevice device;
    private final Slot slot;
    /** The newest checkpoint; the older one is a spare, whose loss is no damage. */
    private final boolean newest;
    private final CheckFindings findings;
    private final Set<Long> reached = new HashSet<>();
    private long items;
    private long itemBytes;
    private boolean whole = true;

    CheckTree(DaxDevice device, Slot slot, boolean newest, CheckFindings findings) {
        this.device = device;
        this.slot = slot;
        this.newest = newest;
        this.findings = findings;
    }

    /** Walks the tree; tells whether every node is whole. */
    boolean run() throws IOException {
        Tree tree = new Tree(device, slot.root());
        tree.walk(this);
        if (whole) {
            counts();
        }
        if (newest) {
            findings.nodes = reached.size();
        }
        return whole;
    }

    @Override
    public void node(long block, int level, int count, int usedBytes) {
        if (!reached.add(block)) {
            found(Area.TREE, Place.block(block), "tree node is reached twice");
        }
        if (level == 0) {
            items += count;
            itemBytes += usedBytes;
        }
    }

    @Override
    public void damaged(long block, int level, HoldfastException problem) {
        whole = false;
        found(Area.TREE, Place.block(block), problem.getMessage());
    }

    private void counts() {
        Root root = slot.root();
        if (root.items() != items || root.itemBytes() != itemBytes) {
            found(Area.TREE, Place.VOLUME, "superblock slot says " + root.items() + " items, "
                    + root.itemBytes() + " bytes; the tree has " + items + " and " + itemBytes);
        }
    }

    /** Compares the nodes reached with those marked live in {@code chunks}. */
    void bitmaps(List<NodeSpace.Chunk> chunks) throws IOException {
        NodeSpace nodes = new NodeSpace(device, Mutants.NONE);
        try {
            nodes.load(slot.generation(), chunks);
        } catch (HoldfastException e) {
            if (e.code() != ErrorCode.CORRUPT) {
                throw e;
            }
            found(Area.NODES, Place.VOLUME, e.getMessage());
            return;
        }
        for (long block : reached) {
            if (!nodes.isLive(block)) {
                found(Area.NODES, Place.block(block),
                        "tree node is not marked live, and may be written over");
            }
        }
        long unreached = nodes.liveNodes() - reached.size();
        if (unreached > 0) {
            findings.warn(Area.NODES, Place.VOLUME, unreached + " nodes are marked live in "
                    + "checkpoint " + slot.generation() + " and are not part of its tree",
                    "their space is lost; nothing else is");
        }
    }

    private void found(Area area, Place place, String problem) {
        if (newest) {
            findings.damage(area, place, problem);
        } else {
            findings.spareLost(area, place,
                    "in the older checkpoint, " + slot.generation() + ": " + problem);
        }
    }
}
