package dev.holdfast.tree;

import dev.holdfast.error.HoldfastException;

/** Receives the nodes of a tree, each before its children. */
@FunctionalInterface
public interface NodeVisitor {
    /** Takes a sound node: its block, level (0 for a leaf), number of items and bytes they take. */
    void node(long block, int level, int items, int usedBytes) throws HoldfastException;

    /**
     * Takes a node that failed a check; its subtree is left out. Ends the walk with the problem
     * unless overridden.
     */
    default void damaged(long block, int level, HoldfastException problem)
            throws HoldfastException {
        throw problem;
    }
}
