package dev.holdfast.fs;

import dev.holdfast.alloc.Run;
import dev.holdfast.dax.MapFlags;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.FileType;
import dev.holdfast.mm.HardwarePages;
import dev.holdfast.mm.Vma;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The mappings that other processes have through real page tables, and the blocks that those of an
 * earlier mount may still have. Thread-safe.
 */
final class ServedMappings {
    private final FileSystem fs;
    private final Set<ServedMapping> open = ConcurrentHashMap.newKeySet();
    /** Taken out of free space since the mount, by device block; guarded by this. */
    private final ReservedRuns withheld = new ReservedRuns();
    private boolean resuming;
    private volatile boolean memoryWanted;
    private volatile int aheadPages = FaultAhead.MAX_PAGES;

    ServedMappings(FileSystem fs) {
        this.fs = fs;
    }

    /** What a mapping is to be. */
    record Wanted(Inode inode, long fileOffset, long length, int flags, boolean writable,
            boolean hugeAllowed, HardwarePages hardware) {}

    /** Binds the pages of a range; the extent map is locked. */
    private interface Binder {
        void bind(Bindings bindings, long from, long to, long unitPages) throws IOException;
    }

    ServedMapping serve(Wanted wanted) throws IOException {
        return map(wanted, Bindings::reserve);
    }

    ServedMapping resume(Wanted wanted, List<BlockRun> runs) throws IOException {
        ServedMapping mapping = map(wanted, (bindings, from, to, unit) -> {
            synchronized (this) {
                bindings.resume(runs, withheld);
            }
            if (!bindings.runs(from, to).equals(runs)) {
                throw new HoldfastException(ErrorCode.NOT_SUPPORTED, wanted.inode
                        + ": its blocks are not those that the client maps");
            }
        });
        boolean done = false;
        try {
            // The client may still load what a block held before it left the file.
            fs.truncation().takeBackAll(mapping);
            done = true;
            return mapping;
        } finally {
            if (!done) {
                mapping.close();
            }
        }
    }

    private ServedMapping map(Wanted wanted, Binder binder) throws IOException {
        Inode inode = wanted.inode;
        Files.requireFile(inode);
        if (wanted.writable) {
            fs.requireWritable();
        } else {
            fs.requireAlive();
        }
        Files.requireOffset(inode, wanted.fileOffset, wanted.length);
        String name = fs.pages(inode).host.fileName();
        MapFlags.check(wanted.flags, inode.type == FileType.FILE, fs.device().medium(), name);
        if ((wanted.flags & MapFlags.SHARED) == 0) {
            throw new HoldfastException(ErrorCode.NOT_SUPPORTED, name
                    + ": only shared mappings are served; a private one is the client's own "
                    + "affair");
        }
        long unit = fs.device().medium().mappingUnitBytes();
        if (wanted.length == 0 || wanted.fileOffset % unit != 0) {
            throw new HoldfastException(ErrorCode.INVALID, name + ": cannot map " + wanted.length
                    + " bytes at offset " + wanted.fileOffset
                    + ": the offset must be a multiple of "
                    + unit + " and the length at least one");
        }
        Vma vma = Vma.served(wanted.fileOffset, (wanted.length + unit - 1) / unit * unit,
                (wanted.flags & MapFlags.SYNC) != 0, wanted.writable, wanted.hugeAllowed,
                wanted.hardware, unit / Limits.BLOCK_BYTES);
        ServedMapping mapping = new ServedMapping(fs, inode, vma);
        mapping.limitAhead(aheadPages);
        fs.hold(inode);
        boolean made = false;
        try {
            begin(mapping, binder, unit / Limits.BLOCK_BYTES);
            made = true;
            wantMemory();
            return mapping;
        } finally {
            if (!made) {
                fs.release(inode);
            }
        }
    }

    void limitAhead(int maxPages) {
        FaultAhead.requirePages(maxPages);
        aheadPages = maxPages;
    }

    private void begin(ServedMapping mapping, Binder binder, long unitPages) throws IOException {
        Inode inode = mapping.inode();
        Vma vma = mapping.vma();
        inode.lock.writeLock().lock();
        try {
            synchronized (inode.extents) {
                if (inode.bindings == null) {
                    inode.bindings = new Bindings(fs, inode);
                }
                inode.bindings.add(mapping);
                boolean bound = false;
                try {
                    binder.bind(inode.bindings, vma.firstPage(), vma.endPage(), unitPages);
                    inode.bindings.requireUnits(vma.firstPage(), vma.endPage(), unitPages);
                    bound = true;
                } finally {
                    if (!bound) {
                        inode.bindings.remove(mapping);
                    }
                }
            }
            fs.pages(inode).space.vmas().add(vma);
            open.add(mapping);
        } finally {
            inode.lock.writeLock().unlock();
        }
    }

    void ended(ServedMapping mapping) {
        Inode inode = mapping.inode();
        inode.lock.writeLock().lock();
        try {
            fs.pages(inode).space.vmas().remove(mapping.vma());
            synchronized (inode.extents) {
                inode.bindings.remove(mapping);
            }
            open.remove(mapping);
        } finally {
            inode.lock.writeLock().unlock();
        }
        fs.release(inode);
    }

    /** Has memory put behind the blocks that some mapping wants it for, in the background. */
    void wantMemory() {
        memoryWanted = true;
        fs.requestWork();
    }

    boolean isMemoryWanted() {
        return memoryWanted;
    }

    /** Does so now. */
    void provideMemory() {
        memoryWanted = false;
        open.forEach(ServedMapping::provideMemory);
    }

    /** Tells whether a client can store to a file. */
    boolean isWritable(Inode inode) {
        return open.stream().anyMatch(m -> m.inode() == inode && m.vma().writable());
    }

    /** Returns a file that a client maps, or null. */
    Inode firstServed() {
        for (ServedMapping mapping : open) {
            return mapping.inode();
        }
        return null;
    }

    /** Is told that a file has grown: what was past its end and is not any more can be accessed. */
    void grown(Inode inode) {
        if (inode.bindings == null) {
            return;
        }
        ServedMapping[] mappings;
        synchronized (inode.extents) {
            mappings = inode.bindings.mappings();
        }
        for (ServedMapping mapping : mappings) {
            mapping.liftBusErrors();
        }
    }

    /**
     * Takes blocks that clients of an earlier mount may map out of free space, before anyone
     * allocates.
     */
    synchronized void withhold(List<BlockRun> blocks) throws IOException {
        resuming = !blocks.isEmpty();
        Run run = new Run();
        for (BlockRun wanted : blocks) {
            while (fs.space().allocator()
                    .allocateWithin(wanted.deviceBlock(), wanted.pages(), run)) {
                withheld.add(run.block, run.block, run.count, false);
            }
        }
    }

    synchronized boolean isResuming() {
        return resuming;
    }

    /** Gives back what nobody took over. */
    synchronized void resumed() {
        resuming = false;
        Run run = new Run();
        run.zeroed = false;
        for (int i = withheld.size() - 1; i >= 0; i--) {
            run.block = withheld.deviceBlock(i);
            run.count = withheld.count(i);
            withheld.remove(run.block, run.count);
            fs.space().allocator().putBack(run);
        }
    }
}
