package dev.holdfast.fs;

import dev.holdfast.dax.MapFlags;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.FileType;
import dev.holdfast.mm.SegmentSource;
import dev.holdfast.mm.Vma;
import java.io.IOException;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Every mapping of the volume that may still have segments in users' hands. Thread-safe. */
public final class Mappings {
    private final FileSystem fs;
    private final Set<FileMapping> open = ConcurrentHashMap.newKeySet();
    private volatile Consumer<Inode> writableListener = inode -> { };

    Mappings(FileSystem fs) {
        this.fs = fs;
    }

    /**
     * Maps a range of a file. For a writable shared mapping, blocks for its holes up to the end of the file
     * are promised, so that lack of space is an error here.
     *
     * @param flags of {@link MapFlags}
     * @param hugeAllowed whether 2 MiB entries may be used
     */
    public FileMapping map(Inode inode, long fileOffset, long length, int flags, boolean writable,
            boolean hugeAllowed) throws IOException {
        Files.requireFile(inode);
        boolean shared = (flags & MapFlags.SHARED) != 0;
        if (writable && shared) {
            fs.requireWritable();
        } else {
            fs.requireAlive();
        }
        Files.requireOffset(inode, fileOffset, length);
        FilePages pages = fs.pages(inode);
        MapFlags.check(flags, inode.type == FileType.FILE, fs.device().medium(),
                pages.host.fileName());
        long start = fileOffset / Limits.BLOCK_BYTES * Limits.BLOCK_BYTES;
        if (length == 0) {
            throw new HoldfastException(ErrorCode.INVALID,
                    pages.host.fileName() + ": an empty range cannot be mapped");
        }
        Vma vma = new Vma(start, fileOffset + length - start, shared, (flags & MapFlags.SYNC) != 0,
                writable, hugeAllowed);
        fs.inodes().hold(inode);
        FileMapping mapping = null;
        try {
            mapping = promised(inode, pages, vma);
            if (shared && writable) {
                writableListener.accept(inode);
            }
            return mapping;
        } finally {
            if (mapping == null) {
                fs.release(inode);
            }
        }
    }

    /**
     * Sets who is told of each writable shared mapping once it is there, before anybody can store
     * through it. Called without locks.
     */
    public void onWritable(Consumer<Inode> listener) {
        writableListener = Objects.requireNonNull(listener);
    }

    /** Tells whether stores can reach a file through a mapping that is open, or held by a segment. */
    public boolean isWritable(Inode inode) {
        for (FileMapping mapping : open) {
            if (mapping.inode() == inode && mapping.vma().writable() && mapping.vma().shared()) {
                return true;
            }
        }
        return false;
    }

    private FileMapping promised(Inode inode, FilePages pages, Vma vma) throws IOException {
        inode.lock.readLock().lock();
        try {
            long blocks = vma.writable() && vma.shared() ? holesToPromise(inode, vma) : 0;
            pages.host.reservation().promise(fs.space().allocator(), blocks, pages.host.fileName());
            FileMapping mapping = new FileMapping(fs, inode, vma, blocks);
            pages.space.vmas().add(vma);
            open.add(mapping);
            if (!vma.shared()) {
                layPrivate(inode, vma, mapping.source());
            }
            return mapping;
        } finally {
            inode.lock.readLock().unlock();
        }
    }

    private static long holesToPromise(Inode inode, Vma vma) {
        long to = Math.min(vma.endPage(), InodeHost.blocksToHold(inode.sizeBytes()));
        return vma.firstPage() < to ? Files.holes(inode, vma.firstPage(), to) : 0;
    }

    /** The kernel's own copy-on-write, over the blocks as they are now. */
    private static void layPrivate(Inode inode, Vma vma, SegmentSource source) throws IOException {
        synchronized (inode.extents) {
            long at = vma.firstPage();
            for (Extent extent : inode.extents.within(vma.firstPage(), vma.endPage())) {
                if (extent.written()) {
                    if (at < extent.fileBlock()) {
                        source.layPrivateHole(at, extent.fileBlock() - at);
                    }
                    source.layPrivate(extent.fileBlock(),
                            extent.deviceBlock() * Limits.BLOCK_BYTES, extent.count());
                    at = extent.fileEnd();
                }
            }
            if (at < vma.endPage()) {
                source.layPrivateHole(at, vma.endPage() - at);
            }
        }
    }

    void ended(FileMapping mapping, long promisedBlocks) {
        FilePages pages = fs.pages(mapping.inode());
        pages.space.vmas().remove(mapping.vma());
        pages.host.reservation().end(fs.space().allocator(), promisedBlocks);
        open.remove(mapping);
        fs.release(mapping.inode());
    }

    /** Returns a mapping whose segments are in a user's hand, or null. */
    FileMapping firstHeld() {
        for (FileMapping mapping : open) {
            if (mapping.isHeld()) {
                return mapping;
            }
        }
        return null;
    }

    /** Closes every mapping. */
    void closeAll() {
        open.forEach(FileMapping::close);
    }
}
