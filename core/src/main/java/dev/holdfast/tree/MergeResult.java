package dev.holdfast.tree;

/**
 * What a merge came to.
 *
 * @param root the new tree
 * @param nodesWritten nodes taken from the {@link NodeSpace}
 * @param nodesFreed nodes of the base tree that the new tree does not use
 */
public record MergeResult(Root root, long nodesWritten, long nodesFreed) {}
