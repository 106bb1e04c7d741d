package dev.holdfast.fs;

import dev.holdfast.dax.BusReason;
import dev.holdfast.dax.FaultResult;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.PastEndException;
import dev.holdfast.mm.PageTable;
import dev.holdfast.mm.Vma;
import java.io.IOException;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * A range of a file, mapped by another process through real page tables.
 *
 * <ol>
 * <li>made by {@link Mappings#serve}: every page of the range is bound to a block, the file's own
 *     or one reserved for its hole; the inode is held;
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
    /**
     * Pages whose accesses were answered with a bus error that stays until it is lifted. Its
     * monitor guards it and {@link #unknownFrom}; it comes after the inode's lock, and before those
     * that a fault takes.
     */
    private final TreeSet<Long> failed = new TreeSet<>();
    /** From here on, pages may be answered so without being among them. */
    private long unknownFrom = Long.MAX_VALUE;

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
     * Returns where each page lies, in ascending order, in the longest runs possible; the same at
     * every call.
     */
    public List<BlockRun> runs() {
        requireOpen();
        synchronized (inode.extents) {
            return inode.bindings.runs(vma.firstPage(), vma.endPage());
        }
    }

    /**
     * Sets how many pages at most one fault maps where accesses are seen to be sequential, 1 to
     * {@value FaultAhead#MAX_PAGES}; 1 maps none but the page that faulted. At first it is the
     * most.
     */
    public void limitAhead(int maxPages) {
        ahead.limit(maxPages);
    }

    /**
     * Serves an access that the hardware stopped: when this returns true the page is installed with
     * the right it needs. It may have brought others with it.
     *
     * @param page number of the page in the file, inside the mapping
     * @param write whether the access is a store, whatever the kind of the event
     * @return false when the client has gone, or unmapped the page: nobody waits
     * @throws PastEndException to be answered with {@link #answerPastEnd}
     * @throws HoldfastException any other: to be answered by a bus error, and then
     *     {@link #busErrorAnswered}
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
                && (write ? PageTable.isWritable(vma.entry(end))
                : PageTable.isPresent(vma.entry(end)))) {
            end++;
        }
        return end;
    }

    /**
     * Answers an access to a page past the end of the file by a bus error, which stays until the
     * file has grown. Whoever makes it grow hears of that only when the bus error is lifted.
     *
     * @param answer has the hardware answer every access so; false when the page is mapped
     * @return false when there is nothing to answer so: the page is mapped, or inside the file by
     *     now
     */
    public boolean answerPastEnd(long page, BooleanSupplier answer) {
        synchronized (failed) {
            boolean isAnswered =
                    page >= fs.mappings().servedEndPage(inode) && answer.getAsBoolean();
            if (isAnswered) {
                failed.add(page);
            }
            return isAnswered;
        }
    }

    /**
     * Says that the hardware answers every access to a page with a bus error, until it can be
     * lifted.
     */
    public void busErrorAnswered(long page) {
        synchronized (failed) {
            failed.add(page);
            liftBusErrors();
        }
    }

    /**
     * Says that any page may be answered with bus errors already: an earlier server did, and did
     * not say for which. Those from {@code endPage} on lie past the end of the file and stay so
     * until it grows. Of those before it, holes have been unmapped whole; the pages that have
     * blocks are installed now, for the earlier server may have ended between the growth of the
     * file and their turn.
     */
    public void busErrorsUnknown(long endPage) {
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
        synchronized (failed) {
            unknownFrom = Math.max(endPage, vma.firstPage());
            liftBusErrors();
        }
    }

    /** Installs the pages that are inside the file now. */
    void liftBusErrors() {
        synchronized (failed) {
            long end = Math.min(fs.mappings().servedEndPage(inode), vma.endPage());
            for (; unknownFrom < end; unknownFrom++) {
                failed.add(unknownFrom);
            }
            failed.headSet(end).removeIf(this::lift);
        }
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

    /**
     * Ends the mapping; the caller has made sure that the client can reach the pages no more.
     * Idempotent.
     */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            fs.served().ended(this);
        }
    }
}
