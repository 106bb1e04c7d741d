package dev.holdfast.fs;

import dev.holdfast.dax.MapFlags;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.FileType;
import dev.holdfast.mm.HardwarePages;
import dev.holdfast.mm.SegmentSource;
import dev.holdfast.mm.Vma;
import dev.holdfast.mutant.Mutant;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Every mapping of the volume that may still have segments in users' hands. Thread-safe. */
public final class Mappings {
    private final FileSystem fs;
    private final Set<FileMapping> open = ConcurrentHashMap.newKeySet();
    private final Set<ContiguousMapping> contiguous = ConcurrentHashMap.newKeySet();
    private final GroupPersist groupPersist;
    private volatile boolean closing;
    private volatile Consumer<Inode> writableListener = inode -> { };

    Mappings(FileSystem fs) {
        this.fs = fs;
        this.groupPersist = new GroupPersist((ranges, count) ->
                fs.stopOnFailure(() -> fs.device().persist(ranges, count)));
    }

    /**
     * Maps a range of a file. For a writable shared mapping, blocks for its holes up to the end of
     * the file are promised, so that lack of space is an error here.
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
        boolean sync = (flags & MapFlags.SYNC) != 0 && !fs.mutants().on(Mutant.SYNC_FLAG_DROPPED);
        Vma vma = new Vma(start, fileOffset + length - start, shared, sync, writable, hugeAllowed);
        fs.hold(inode);
        long blocks = 0;
        boolean promised = false;
        try {
            if (writable && shared) {
                blocks = holesToPromise(inode, vma);
            }
            fs.space().commitIfShort(blocks);
            pages.host.reservation().promise(fs.space().allocator(), blocks, pages.host.fileName());
            promised = true;
        } finally {
            if (!promised) {
                fs.release(inode);
            }
        }
        return entered(inode, pages, vma, blocks);
    }

    /**
     * Maps a range of a file for another process. Each of its holes gets a block that is reserved
     * for it as long as the mapping lives, so lack of space is an error here and never of a store.
     * The file's end does not limit the range; access past it is a bus error as long as it is past
     * it.
     *
     * @param flags of {@link MapFlags}: shared
     * @param hugeAllowed whether 2 MiB entries may be used
     * @param hardware the client's page tables, in which nothing is mapped yet
     * @throws HoldfastException NO_SPACE: fewer blocks are free than the range has holes;
     *     NOT_SUPPORTED: blocks do not lie as the device's mapping unit demands
     */
    public ServedMapping serve(Inode inode, long fileOffset, long length, int flags,
            boolean writable, boolean hugeAllowed, HardwarePages hardware) throws IOException {
        try (ChangeGate _ = fs.changing()) {
            return served(fs.served().serve(new ServedMappings.Wanted(
                    inode, fileOffset, length, flags, writable, hugeAllowed, hardware)));
        }
    }

    /**
     * Sets what {@link ServedMapping#limitAhead} is for mappings to come; at first it is the most.
     */
    public void limitAhead(int maxPages) {
        fs.served().limitAhead(maxPages);
    }

    /**
     * Takes over a mapping that an earlier run of the server made, whose client still maps the same
     * blocks, all of them write-protected before the mount. The blocks that are not the file's were
     * kept out of free space since then ({@link MountOptions#withheld}).
     *
     * @param runs as {@link ServedMapping#runs} showed them
     * @throws HoldfastException NOT_SUPPORTED: the file has other blocks there, so the mapping is
     *     lost
     */
    public ServedMapping resume(Inode inode, long fileOffset, long length, int flags,
            boolean writable, boolean hugeAllowed, HardwarePages hardware, List<BlockRun> runs)
            throws IOException {
        try (ChangeGate _ = fs.changing()) {
            return served(fs.served().resume(new ServedMappings.Wanted(
                    inode, fileOffset, length, flags, writable, hugeAllowed, hardware), runs));
        }
    }

    private ServedMapping served(ServedMapping mapping) {
        if (closing) {
            mapping.close();
            throw new IllegalStateException(fs.device().name() + " is being closed");
        }
        if (mapping.vma().writable()) {
            writableListener.accept(mapping.inode());
        }
        return mapping;
    }

    /**
     * Returns the file with a number that a mapping of an earlier run had, named or not, or null if
     * there is none any more. It stays until {@link #resumed} at least.
     */
    public Inode resumable(long ino) throws IOException {
        return fs.inodes().get(ino);
    }

    /**
     * Returns the first page of a file that a client's access to is a bus error, for it is past the
     * end.
     */
    public long servedEndPage(Inode inode) {
        long unitBytes = fs.device().medium().mappingUnitBytes();
        return (inode.sizeBytes() + unitBytes - 1) / unitBytes * (unitBytes / Limits.BLOCK_BYTES);
    }

    /**
     * Says that every mapping of an earlier run that lives on has been resumed: blocks withheld and
     * not taken over are free from now on, and orphans without a holder are deleted.
     */
    public void resumed() throws IOException {
        try (ChangeGate _ = fs.changing()) {
            if (fs.served().isResuming()) {
                fs.orphans().finishAll();
                fs.served().resumed();
            }
        }
    }

    /** From here on the mapping owns the hold and the promise, and gives them back when it ends. */
    private FileMapping entered(Inode inode, FilePages pages, Vma vma, long blocks)
            throws IOException {
        FileMapping mapping = new FileMapping(fs, inode, vma, blocks);
        pages.space.vmas().add(vma);
        open.add(mapping);
        boolean made = false;
        try {
            // Of this look and closeAll's, the later sees what the other did.
            if (closing) {
                throw new IllegalStateException(fs.device().name() + " is being closed");
            }
            if (!vma.shared()) {
                layPrivate(inode, vma, mapping);
            }
            if (vma.shared() && vma.writable()) {
                writableListener.accept(inode);
            }
            made = true;
            return mapping;
        } finally {
            if (!made) {
                mapping.close();
            }
        }
    }

    /**
     * Returns the contiguous mapping through which stores to an address reach its file, or null.
     */
    public ContiguousMapping writableAt(long address) {
        for (ContiguousMapping mapping : contiguous) {
            if (mapping.isWritableAt(address)) {
                return mapping;
            }
        }
        return null;
    }

    /**
     * Sets who is told of each writable shared mapping once it is there, before anybody can store
     * through it. Called without locks.
     */
    public void onWritable(Consumer<Inode> listener) {
        writableListener = Objects.requireNonNull(listener);
    }

    /**
     * Tells whether stores can reach a file through a mapping that is open, or held by a segment.
     */
    public boolean isWritable(Inode inode) {
        for (FileMapping mapping : open) {
            if (mapping.inode() == inode && mapping.vma().writable() && mapping.vma().shared()) {
                return true;
            }
        }
        return fs.served().isWritable(inode);
    }

    /** Counts every hole, those with a reserved block too: the served mapping may end first. */
    private static long holesToPromise(Inode inode, Vma vma) {
        long to = Math.min(vma.endPage(), InodeHost.blocksToHold(inode.sizeBytes()));
        return vma.firstPage() < to ? Files.holes(inode, vma.firstPage(), to) : 0;
    }

    /** The kernel's own copy-on-write, over the blocks as they are now. */
    private static void layPrivate(Inode inode, Vma vma, FileMapping mapping)
            throws IOException {
        SegmentSource source = mapping.source();
        // No truncation between its look for pins and its change of the extents.
        inode.lock.readLock().lock();
        try {
            layExtents(inode, vma, mapping, source);
        } finally {
            inode.lock.readLock().unlock();
        }
    }

    private static void layExtents(Inode inode, Vma vma, FileMapping mapping, SegmentSource source)
            throws IOException {
        synchronized (inode.extents) {
            long at = vma.firstPage();
            for (Extent extent : inode.extents.within(vma.firstPage(), vma.endPage())) {
                if (extent.written()) {
                    mapping.pinLaid(extent);
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

    /**
     * Prepares a contiguous mapping; see {@link ContiguousMapping} for what comes next.
     *
     * @param sync whether persisting a store must be all that its durability takes: refused where
     *     the medium cannot honour it (V1)
     */
    public ContiguousMapping mapContiguous(Inode inode, long fileOffset, long length,
            ContiguousMapping.Kind kind, boolean sync) throws IOException {
        if (closing) {
            throw new IllegalStateException(fs.device().name() + " is being closed");
        }
        return ContiguousMapping.prepare(fs, inode, fileOffset, length, kind, sync);
    }

    GroupPersist groupPersist() {
        return groupPersist;
    }

    void began(ContiguousMapping mapping) {
        contiguous.add(mapping);
    }

    void ended(ContiguousMapping mapping) {
        contiguous.remove(mapping);
    }

    /** Returns a file of which memory is in a user's hand, or null. */
    Inode firstHeld() {
        for (FileMapping mapping : open) {
            if (mapping.isHeld()) {
                return mapping.inode();
            }
        }
        for (ContiguousMapping mapping : contiguous) {
            return mapping.inode();
        }
        return fs.served().firstServed();
    }

    /** Closes every mapping, and refuses new ones until {@link #reopen}. */
    void closeAll() {
        closing = true;
        open.forEach(FileMapping::close);
    }

    /** The volume stays open after all: makes mappings again. */
    void reopen() {
        closing = false;
    }
}
