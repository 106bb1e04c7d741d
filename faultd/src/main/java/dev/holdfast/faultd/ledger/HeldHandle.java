package dev.holdfast.faultd.ledger;

/**
 * A file that a client has open.
 *
 * @param id the number the client gave it
 * @param ino the inode
 * @param flags how it was opened
 */
public record HeldHandle(long id, long ino, int flags) {}
