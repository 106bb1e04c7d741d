package dev.holdfast.tree;

/**
 * All it takes to read a tree. A superblock slot holds one.
 *
 * @param block block of the root node; 0 for an empty tree
 * @param height levels of the tree: 0 for an empty tree, 1 when the root is a leaf
 * @param generation generation that wrote the root node; 0 for an empty tree
 * @param items number of items
 * @param itemBytes bytes the items take in leaves, see {@link Layout#itemBytes}
 */
public record Root(long block, int height, long generation, long items, long itemBytes) {
    /** The tree without items. */
    public static final Root EMPTY = new Root(0, 0, 0, 0, 0);

    /** Tells whether the tree has no items. */
    public boolean isEmpty() {
        return height == 0;
    }
}
