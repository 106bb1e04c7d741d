package dev.holdfast.faultd.server;

import dev.holdfast.fs.ServedMapping;

/**
 * A mapping of a client: its number, its parameters, the core's side and the hardware's.
 *
 * @param id the number the client gave it
 * @param ino number of the file's inode
 * @param offset first byte of the file
 * @param length bytes mapped
 * @param mode as in the protocol
 */
record ServedRange(long id, long ino, long offset, long length, int mode, ServedMapping mapping,
        ClientPages pages) {
    boolean isSame(long otherIno, long otherOffset, long otherLength, int otherMode) {
        return ino == otherIno && offset == otherOffset && length == otherLength
                && mode == otherMode;
    }
}
