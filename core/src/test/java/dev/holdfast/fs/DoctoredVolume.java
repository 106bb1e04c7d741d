package dev.holdfast.fs;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.mutant.Mutants;
import dev.holdfast.tree.NodeSpace;
import dev.holdfast.tree.Overlay;
import dev.holdfast.tree.Root;
import dev.holdfast.tree.Slot;
import dev.holdfast.tree.SlotStore;
import dev.holdfast.tree.Tree;
import dev.holdfast.tree.TreeMerge;
import java.io.IOException;

/** Changes the items of a closed volume behind its back, in whole checkpoints. */
final class DoctoredVolume {
    /** A change of items. */
    interface Edit {
        void apply(Overlay items) throws IOException;
    }

    private DoctoredVolume() {}

    /** Edits the items; both superblock slots show the result. */
    static void edit(DaxDevice device, Edit edit) throws IOException {
        checkpoint(device, edit);
        checkpoint(device, items -> {});
    }

    private static void checkpoint(DaxDevice device, Edit edit) throws IOException {
        Slot slot = SlotStore.load(device).newest();
        Tree tree = new Tree(device, slot.root());
        Overlay items = new Overlay(tree);
        edit.apply(items);
        NodeSpace nodes = new NodeSpace(device, Mutants.NONE);
        nodes.load(slot.generation(), Mount.chunks(tree));
        nodes.begin();
        long generation = slot.generation() + 1;
        Root root = TreeMerge.merge(tree, items.changes(), nodes, generation).root();
        nodes.writeBitmaps(generation);
        nodes.commit();
        SlotStore.write(device, new Slot(slot.geometry(), generation, root, slot.logStartLsn(),
                slot.nextInode(), true));
    }
}
