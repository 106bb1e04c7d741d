package dev.holdfast.tree;

/**
 * Where a node is, and everything its parent says of it, so that a node that is whole but stale,
 * misplaced or of another subtree is found out.
 *
 * @param block block of the node
 * @param level 0 for a leaf
 * @param generation generation that wrote the node
 * @param first first key of the node, or null where nothing says (the root)
 * @param end key that all keys of the node are below, or null when there is none
 */
record NodeRef(long block, int level, long generation, Key first, Key end) {}
