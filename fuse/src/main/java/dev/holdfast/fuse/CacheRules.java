package dev.holdfast.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.holdfast.fs.FileSystem;
import dev.holdfast.fs.Inode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Keeps the kernel's cache of file content honest while users within this process change files too.
 *
 * <ol>
 * <li>An open keeps cached pages only if nobody but this mount changed the file since they were
 * known to be good: so a program that opens a file sees what was written before.
 * <li>Nor does it keep them if the next read is one to be noted in the access time: the kernel
 * answers reads of what it has cached by itself, and tells nobody.
 * <li>A file's first writable mapping drops its cached pages; while there is one, opens go past the
 * cache.
 * </ol>
 * What a handle that was open before reads through the cache may be as old as that drop.
 */
final class CacheRules {
    private final FileSystem fs;
    private final NodeTable nodes;
    private final Channel channel;

    CacheRules(FileSystem fs, NodeTable nodes, Channel channel) {
        this.fs = fs;
        this.nodes = nodes;
        this.channel = channel;
        fs.mappings().onWritable(this::mapped);
    }

    /** Returns the flags that tell the kernel how to treat a file being opened with some flags. */
    int openFlags(Inode inode, int flags) {
        if (fs.mappings().isWritable(inode)) {
            return Wire.FOPEN_DIRECT_IO | Wire.FOPEN_PARALLEL_DIRECT_WRITES;
        }
        long version = inode.contentVersion();
        boolean isGood = nodes.cachedVersion(inode) == version;
        nodes.setCachedVersion(inode, version);
        boolean mayKeep = !notesAccess(flags) || fs.files().isAccessNoted(inode);
        return isGood && mayKeep ? Wire.FOPEN_KEEP_CACHE : 0;
    }

    private static boolean notesAccess(int flags) {
        return (flags & Wire.O_ACCESS) != Wire.O_WRONLY && (flags & Wire.O_NOATIME) == 0;
    }

    /** Returns what {@link #changed} must be told after a change through the mount. */
    long before(Inode inode) {
        return inode.contentVersion();
    }

    /** Notes a change through the mount: if it was the only one, the cache is as good as before. */
    void changed(Inode inode, long before) {
        if (nodes.cachedVersion(inode) == before && inode.contentVersion() == before + 1) {
            nodes.setCachedVersion(inode, before + 1);
        }
    }

    private void mapped(Inode inode) {
        // All of it: a length of zero goes to the end.
        invalidate(inode, 0);
    }

    /** Attributes changed in a way of which the kernel will not hear by a reply. */
    void attributesChanged(Inode inode) {
        invalidate(inode, Wire.INVALIDATE_ATTRIBUTES_ONLY);
    }

    private void invalidate(Inode inode, long fromOffset) {
        if (!nodes.knows(inode)) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            long length = Wire.OUT_HEADER_BYTES + Wire.INVALIDATE_BYTES;
            MemorySegment note = arena.allocate(length, 8);
            note.set(JAVA_INT_UNALIGNED, Wire.OUT_LENGTH, (int) length);
            note.set(JAVA_INT_UNALIGNED, Wire.OUT_ERROR, Wire.NOTIFY_INVALIDATE_INODE);
            int body = Wire.OUT_HEADER_BYTES;
            note.set(JAVA_LONG_UNALIGNED, body + Wire.INVALIDATE_NODE, inode.number());
            note.set(JAVA_LONG_UNALIGNED, body + Wire.INVALIDATE_OFFSET, fromOffset);
            note.set(JAVA_LONG_UNALIGNED, body + Wire.INVALIDATE_LENGTH, 0);
            channel.send(note, length);
        } catch (IOException notCachedOrUnmounted) {
            // ENOENT: the kernel has forgotten the inode meanwhile, and its pages with it.
        }
    }
}
