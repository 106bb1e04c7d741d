/**
 * The checkpoint: an immutable copy-on-write B+tree on the device, the chunks its nodes live in,
 * and the two superblock slots that name its root.
 */
package dev.holdfast.tree;
