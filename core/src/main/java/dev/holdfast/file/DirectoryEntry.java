package dev.holdfast.file;

/**
 * A name in a directory.
 *
 * @param name the name, without a path
 * @param inode inode number of what it names
 * @param type type of what it names
 * @param position place in the directory's order: a cookie that stays good while names come and go
 */
public record DirectoryEntry(String name, long inode, FileType type, long position) {}
