package dev.holdfast.file;

/**
 * The attributes of a file of any type, as one moment showed them.
 *
 * @param inode inode number, never used again for another file of the volume
 * @param type what the file is
 * @param mode permission and set-id bits, 0 to 07777
 * @param links names of the file; for a directory two more than its subdirectories
 * @param uid owner
 * @param gid group
 * @param sizeBytes bytes of a regular file or link target; number of names of a directory
 * @param blocks blocks of 4096 bytes allocated
 * @param accessNanos last read noted, in nanoseconds since 1970 (UTC), as are the other times
 * @param modifyNanos last change of the content
 * @param changeNanos last change of content or attributes
 * @param createNanos creation
 * @param device device number of a device node, else 0
 */
public record FileStat(
        long inode,
        FileType type,
        int mode,
        int links,
        int uid,
        int gid,
        long sizeBytes,
        long blocks,
        long accessNanos,
        long modifyNanos,
        long changeNanos,
        long createNanos,
        long device) {}
