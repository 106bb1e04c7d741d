package dev.holdfast.fs;

import dev.holdfast.dax.BusReason;
import dev.holdfast.dax.FaultResult;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.mm.PageTable;
import dev.holdfast.mm.Vma;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A range of a file, mapped by another process through real page tables.
 *
 * <ol>
 * <li>made by {@link Mappings#serve}: every page of the range is bound to a block, the file's own or
 *     one reserved for its hole; the inode is held;
 * <li>the client maps the blocks of {@link #runs}, without access to any of them yet;
 * <li>{@link #fault} for each access that the hardware stops;
 * <li>{@link #close} once the client can reach the pages no more: it has unmapped them, or it is
 *     dead. Reserved blocks that no other mapping shares, and the hold, go.
 * </ol>
 *
 * <p>Thread-safe.
 */
public final class ServedMapping implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ServedMapping.class.getName());

    private final FileSystem fs;
    private final Inode inode;
    private final Vma vma;
    private final FaultAhead ahead = new FaultAhead();
    private final MemoryAhead memory;
    private final AtomicBoolean closed = new AtomicBoolean();
    /** Pages whose accesses were answered with a bus error that stays until it is lifted. */
    private final ConcurrentSkipListSet<Long> failed = new ConcurrentSkipListSet<>();
    /** From here on, pages may be answered so without being among them. */
    private final AtomicLong unknownFrom = new AtomicLong(Long.MAX_VALUE);

    ServedMapping(FileSystem fs, Inode inode, Vma vma) {
        this.fs = fs;
        this.inode = inode;
        this.vma = vma;
        this.memory = new MemoryAhead(vma.firstPage());
    }

    /** Returns the file. */
    public Inode inode() {
        return inode;
    }

    /** Returns the mapping's VMA: its range, flags, and the mirror of the client's page table. */
    public Vma vma() {
        return vma;
    }

    /**
     * Returns where each page lies, in ascending order, in the longest runs possible; the same at every
     * call.
     */
    public List<BlockRun> runs() {
        requireOpen();
        synchronized (inode.extents) {
            return inode.bindings.runs(vma.firstPage(), vma.endPage());
        }
    }

    /**
     * Sets how many pages at most one fault maps where accesses are seen to be sequential, 1 to
     * {@value FaultAhead#MAX_PAGES}; 1 maps none but the page that faulted. At first it is the most.
     */
    public void limitAhead(int maxPages) {
        ahead.limit(maxPages);
    }

    /**
     * Serves an access that the hardware stopped: when this returns true the page is installed with the
     * right it needs. It may have brought others with it.
     *
     * @param page number of the page in the file, inside the mapping
     * @param write whether the access is a store, whatever the kind of the event
     * @return false when the client has gone, or unmapped the page: nobody waits
     * @throws HoldfastException BUS_ERROR: past the end of the file, or a store to a mapping that is for
     *     loads only, to be answered by a bus error, and then {@link #busErrorAnswered}; IO_ERROR,
     *     SHUT_DOWN: to be answered so too, the volume has stopped
     */
    public boolean fault(long page, boolean write) throws IOException {
        requireOpen();
        int wanted = ahead.pagesFor(page, write);
        FaultResult result = fs.faultHandler().fault(inode, vma, page, wanted, write);
        if (result instanceof FaultResult.BusError gone) {
            assert gone.reason() == BusReason.MAPPING_GONE;
            return false;
        }
        if (wanted > 1 || write) {
            long end = mappedTo(page, page + wanted, write);
            ahead.mapped(page, end, write);
            if (memory.reached(page, end)) {
                fs.served().wantMemory();
            }
        }
        return true;
    }

    /** Puts memory behind the blocks that are reserved where accesses are expected next. */
    void provideMemory() {
        MemoryAhead.Range wanted = memory.take();
        List<BlockRun> blocks;
        synchronized (inode.extents) {
            blocks = inode.bindings.reservedWithin(
                    wanted.from(), Math.min(wanted.end(), vma.endPage()));
        }
        // Blocks that find another owner meanwhile keep what they hold: this changes no content.
        for (BlockRun run : blocks) {
            fs.device().populate(run.deviceBlock() * Limits.BLOCK_BYTES,
                    run.pages() * Limits.BLOCK_BYTES);
        }
    }

    /** Returns where the pages from one on end that have the right now. */
    private long mappedTo(long page, long limit, boolean write) {
        long end = page + 1;
        while (end < Math.min(limit, vma.endPage())
                && (write ? PageTable.isWritable(vma.entry(end)) : PageTable.isPresent(vma.entry(end)))) {
            end++;
        }
        return end;
    }

    /**
     * Says that the hardware answers every access to a page with a bus error from now on. Where the page
     * lies past the end of the file, this is lifted when the file has grown, by installing the page.
     */
    public void busErrorAnswered(long page) {
        failed.add(page);
        // Of this look and that of who makes the file grow, the later sees what the other did.
        liftBusErrors();
    }

    /**
     * Says that any page may be answered with bus errors already: an earlier server did, and did not say for
     * which. Those from {@code endPage} on lie past the end of the file and stay so until it grows. Of those
     * before it, holes have been unmapped whole; the pages that have blocks are installed now, for the
     * earlier server may have ended between the growth of the file and their turn.
     */
    public void busErrorsUnknown(long endPage) {
        unknownFrom.set(Math.max(endPage, vma.firstPage()));
        List<Extent> allocated;
        synchronized (inode.extents) {
            allocated = inode.extents.within(vma.firstPage(), Math.min(endPage, vma.endPage()));
        }
        for (Extent extent : allocated) {
            for (long page = extent.fileBlock(); page < extent.fileEnd(); page++) {
                if (!PageTable.isPresent(vma.entry(page))) {
                    lift(page);
                }
            }
        }
        liftBusErrors();
    }

    /** Installs the pages that are inside the file now. */
    void liftBusErrors() {
        long end = fs.mappings().servedEndPage(inode);
        for (Long page : failed.headSet(end)) {
            if (lift(page)) {
                failed.remove(page);
            }
        }
        long unknownEnd = Math.min(end, vma.endPage());
        for (long page = unknownFrom.get(); page < unknownEnd; page++) {
            lift(page);
        }
        unknownFrom.accumulateAndGet(unknownEnd,
                (from, to) -> from == Long.MAX_VALUE ? from : Math.max(from, to));
    }

    private boolean lift(long page) {
        try {
            fs.faultHandler().fault(inode, vma, page, 1, false);
            return true;
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "page " + page + " of " + inode
                    + " stays inaccessible to a client", e);
            return false;
        }
    }

    private void requireOpen() {
        if (closed.get() || fs.isClosed()) {
            throw new IllegalStateException("the served mapping of " + inode + " is closed");
        }
    }

    /** Ends the mapping; the caller has made sure that the client can reach the pages no more. Idempotent. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            fs.served().ended(this);
        }
    }
}
