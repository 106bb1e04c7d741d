package dev.holdfast.dax;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.iomap.Iomap;
import dev.holdfast.iomap.IomapOps;
import dev.holdfast.mm.Insert;
import dev.holdfast.mm.PageTable;
import dev.holdfast.mm.Vma;
import dev.holdfast.mutant.Mutant;
import java.io.IOException;

/**
 * The fault handler of one file: first faults, write-enables and huge faults alike (H5).
 *
 * <ol>
 * <li>{@link #fault} locks the mapping entry and asks the file system where the page lives.
 * <li>A plain fault makes the entry dirty, then the page-table entry writable.
 * <li>A store to a sync mapping whose metadata is not durable leaves the entry clean and the page
 *     table alone, and hands back the pfn: {@link FaultResult.NeedDataSync}.
 * <li>{@link #finishSyncFault} then makes the metadata durable, the entry dirty, and the page-table
 *     entry writable, in this order.
 * </ol>
 *
 * <p>Lock rule: the caller holds the invalidate lock shared from before {@code fault} until after
 * {@code finishSyncFault} (S2), and no handle of the log in between (S1). Both may be called by any
 * number of threads.
 */
public final class DaxFault {
    private static final System.Logger LOG = System.getLogger(DaxFault.class.getName());
    /** A fault needs one iomap, for itself alone: kept, so that it makes no garbage. */
    private static final ThreadLocal<Iomap> IOMAP = ThreadLocal.withInitial(Iomap::new);
    private static final int PMD_ORDER = 9;

    private final AddressSpace space;
    private final DaxContext context;
    private final DaxHost host;
    private final FaultTracer tracer;
    private final PageMapper mapper;

    /** Creates the handler of a file. */
    public DaxFault(AddressSpace space) {
        this.space = space;
        this.context = space.context();
        this.host = space.host();
        this.tracer = context.tracer();
        this.mapper = new PageMapper(context);
    }

    /**
     * Serves an access, with a huge page where the mapping has room for one and else with a page.
     *
     * @param page the page of the file, inside the mapping
     * @param pfnp receives the pfn of a fault that needs a data sync; null if the caller cannot
     *     finish one
     */
    public FaultResult fault(Vma vma, long page, boolean write, PfnSlot pfnp) {
        return faultRun(vma, page, 1, write, pfnp);
    }

    /**
     * Serves an access as {@link #fault(Vma, long, boolean, PfnSlot)} does, and with it, if it is
     * served with a page of 4 KiB, some of the pages that follow.
     *
     * @param pages how many pages from {@code page} on are wanted; fewer are mapped where others
     *     follow that lie apart, are being faulted, or have the right already
     */
    public FaultResult faultRun(Vma vma, long page, int pages, boolean write, PfnSlot pfnp) {
        // Small entries are never made huge (E7), so where some are there is nothing to try.
        if (vma.hugeAllowed() && vma.coversHugeRange(page / PageTable.HUGE_PAGES)
                && (!space.hasSmallEntries(page) || PageTable.isHuge(vma.entry(page)))) {
            FaultResult result = fault(vma, page, PMD_ORDER, write, pfnp);
            if (!(result instanceof FaultResult.Fallback)
                    && (vma.isHugeOnly() || !(result instanceof FaultResult.Retry))) {
                return result;
            }
        }
        if (vma.isHugeOnly()) {
            return done(page, Order.PMD, noHugePage(page));
        }
        return done(page, Order.PTE,
                pteFault(vma, page, AheadLimit.of(vma, page, pages, write), write, pfnp));
    }

    private FaultResult noHugePage(long page) {
        if (page * DaxDevice.BLOCK_BYTES >= host.sizeBytes()) {
            return new FaultResult.BusError(BusReason.PAST_END_OF_FILE, null);
        }
        return new FaultResult.BusError(BusReason.NO_HUGE_PAGE, null);
    }

    /** Serves an access with a page of 4 KiB (order 0) or 2 MiB (order 9). */
    public FaultResult fault(Vma vma, long page, int order, boolean write, PfnSlot pfnp) {
        if (!vma.contains(page)) {
            throw new IndexOutOfBoundsException("page " + page + " is not in " + vma);
        }
        return switch (order) {
            case 0 -> done(page, Order.PTE, pteFault(vma, page, 1, write, pfnp));
            case PMD_ORDER -> done(page, Order.PMD, pmdFault(vma, page, write, pfnp));
            default -> done(page, Order.PTE, fallback(vma, page, FallbackReason.ORDER));
        };
    }

    private FaultResult pteFault(Vma vma, long page, int wanted, boolean write, PfnSlot pfnp) {
        tracer.begin(vma, page, Order.PTE, write);
        long pos = page * DaxDevice.BLOCK_BYTES;
        if (pos >= host.sizeBytes()) {
            return new FaultResult.BusError(BusReason.PAST_END_OF_FILE, null);
        }
        if (write && !vma.writable()
                && !context.mutants().on(Mutant.READ_ONLY_MAPPING_WRITTEN)) {
            return new FaultResult.BusError(BusReason.READ_ONLY_MAPPING, null);
        }
        boolean copy = write && !vma.shared();
        boolean allocates = write
                && (!copy || context.mutants().on(Mutant.PRIVATE_STORE_TAKEN_FOR_SHARED));
        int flags = IomapOps.FAULT | (allocates ? IomapOps.WRITE : 0)
                | (vma.isServed() && !write ? IomapOps.BOUND : 0);
        long entry = space.grabEntry(page, Order.PTE);
        int locked = 1;
        Iomap iomap = IOMAP.get();
        try {
            tracer.entryLocked(page, Order.PTE);
            if (wanted > 1 && !Entry.isPmd(entry)) {
                locked = space.grabAhead(page, Math.min(wanted, pagesToEnd(page)));
            }
            long length = locked * Order.PTE.bytes();
            host.begin(pos, length, flags, iomap);
            long handled = 0;
            try {
                tracer.iomap(page, iomap);
                FaultResult result = copy
                        ? copyPage(iomap, pos)
                        : pteMap(vma, page, locked, write, pfnp, entry, iomap);
                handled = result instanceof FaultResult.BusError ? 0 : length;
                return result;
            } finally {
                host.end(pos, length, handled, flags, iomap);
            }
        } catch (IOException e) {
            return failed(e);
        } finally {
            if (locked == 1) {
                space.unlockEntry(page);
            } else {
                space.unlockEntries(page, locked);
            }
        }
    }

    /** Returns the pages from one in the file on to its last, as far as an int can tell. */
    private int pagesToEnd(long page) {
        long filePages = (host.sizeBytes() + DaxDevice.BLOCK_BYTES - 1) / DaxDevice.BLOCK_BYTES;
        return (int) Math.min(Integer.MAX_VALUE, filePages - page);
    }

    private FaultResult pteMap(Vma vma, long page, int locked, boolean write, PfnSlot pfnp,
            long entry, Iomap iomap) throws IOException {
        long pos = page * DaxDevice.BLOCK_BYTES;
        if (!covers(iomap, pos, Order.PTE.bytes())) {
            return loud(BusReason.BAD_IOMAP, page, iomap);
        }
        boolean sync = context.syncPolicy().requiresSync(vma, write, iomap);
        int pages = (int) Math.min(locked, (iomap.end() - pos) / DaxDevice.BLOCK_BYTES);
        switch (iomap.type) {
            case MAPPED -> {
                if (write && iomap.has(Iomap.SHARED)) {
                    return loud(BusReason.SHARED_BLOCKS, page, iomap);
                }
                boolean major = countMajor(iomap);
                long pfn = iomap.deviceOffsetOf(pos) / DaxDevice.BLOCK_BYTES;
                insertEntry(page, Order.PTE, entry, pfn, iomap, write && !sync);
                for (int i = 1; i < pages; i++) {
                    insertEntry(page + i, Order.PTE, space.entry(page + i), pfn + i, iomap,
                            write && !sync);
                }

                // The page may be mapped only when its metadata is durable, and waiting for that
                // under the entry lock would hold up everyone: hand the pfn back instead.
                if (sync) {
                    if (pfnp == null) {
                        return loud(BusReason.NO_PFN_SLOT, page, iomap);
                    }
                    pfnp.set(pfn, Order.PTE, pages, write, major);
                    tracer.needDataSync(page, Order.PTE, pfn);
                    return FaultResult.NeedDataSync.of(major);
                }
                return counted(FaultKind.PTE_MAPPED,
                        mapper.map(vma, page, Order.PTE, pages, pfn, write, major));
            }
            case HOLE, UNWRITTEN -> {
                if (write || vma.isServed() && !iomap.has(Iomap.RESERVED)) {
                    return loud(BusReason.BAD_IOMAP, page, iomap);
                }
                return pteLoadHole(vma, page, pages, entry, iomap);
            }
        }
        throw new AssertionError(iomap);
    }

    private FaultResult pmdFault(Vma vma, long page, boolean write, PfnSlot pfnp) {
        tracer.begin(vma, page, Order.PMD, write);
        long first = Order.PMD.firstPage(page);
        long pos = first * DaxDevice.BLOCK_BYTES;
        // Where only huge pages can be mapped, the one that holds the end of the file is its last
        // (P7).
        long unitBytes = vma.isHugeOnly() ? Order.PMD.bytes() : DaxDevice.BLOCK_BYTES;
        long filePages = (host.sizeBytes() + unitBytes - 1) / unitBytes * unitBytes
                / DaxDevice.BLOCK_BYTES;
        if (first >= filePages) {
            return new FaultResult.BusError(BusReason.PAST_END_OF_FILE, null);
        }
        if (write && !vma.writable()) {
            return new FaultResult.BusError(BusReason.READ_ONLY_MAPPING, null);
        }
        FallbackReason misfit = HugeFit.misfit(vma, first, write, filePages);
        if (misfit != null) {
            return fallback(vma, page, misfit);
        }
        int flags = IomapOps.FAULT | IomapOps.HUGE | (write ? IomapOps.WRITE : 0)
                | (vma.isServed() ? IomapOps.BOUND : 0);
        long entry = space.grabEntry(first, Order.PMD);
        if (entry == Entry.FALLBACK) {
            return fallback(vma, page, FallbackReason.SMALL_ENTRY);
        }
        Iomap iomap = IOMAP.get();
        try {
            tracer.entryLocked(first, Order.PMD);
            host.begin(pos, Order.PMD.bytes(), flags, iomap);
            long handled = 0;
            try {
                tracer.iomap(first, iomap);
                FaultResult result = pmdMap(vma, first, write, pfnp, entry, iomap);
                handled = result instanceof FaultResult.Fallback ? 0 : Order.PMD.bytes();
                return result;
            } finally {
                host.end(pos, Order.PMD.bytes(), handled, flags, iomap);
            }
        } catch (IOException e) {
            return fallbackLocked(vma, page, FallbackReason.FILE_SYSTEM_FAILED);
        } finally {
            space.unlockEntry(first);
        }
    }

    private FaultResult pmdMap(
            Vma vma, long first, boolean write, PfnSlot pfnp, long entry, Iomap iomap)
            throws IOException {
        long pos = first * DaxDevice.BLOCK_BYTES;
        if (!covers(iomap, pos, Order.PMD.bytes())) {
            return fallbackLocked(vma, first, FallbackReason.SHORT_IOMAP);
        }
        boolean sync = context.syncPolicy().requiresSync(vma, write, iomap);
        switch (iomap.type) {
            case MAPPED -> {
                FallbackReason reason =
                        HugeFit.cannotBack(context.device(), write, iomap, pos);
                if (reason != null) {
                    return fallbackLocked(vma, first, reason);
                }
                boolean major = countMajor(iomap);
                long pfn = iomap.deviceOffsetOf(pos) / DaxDevice.BLOCK_BYTES;
                insertEntry(first, Order.PMD, entry, pfn, iomap, write && !sync);

                // As for one page. Without a slot the 4 KiB fault decides, and is loud (P5).
                if (sync) {
                    if (pfnp == null) {
                        loud(BusReason.NO_PFN_SLOT, first, iomap);
                        return fallbackLocked(vma, first, FallbackReason.NO_PFN_SLOT);
                    }
                    pfnp.set(pfn, Order.PMD, 1, write, major);
                    tracer.needDataSync(first, Order.PMD, pfn);
                    return FaultResult.NeedDataSync.of(major);
                }
                return counted(FaultKind.PMD_MAPPED,
                        mapper.map(vma, first, Order.PMD, 1, pfn, write, major));
            }
            case HOLE, UNWRITTEN -> {
                if (write) {
                    return fallbackLocked(vma, first, FallbackReason.NOT_MAPPED);
                }
                return pmdLoadHole(vma, first, entry, iomap);
            }
        }
        throw new AssertionError(iomap);
    }

    /**
     * Ends a fault that answered {@link FaultResult.NeedDataSync}: makes the metadata of its range
     * durable, and only then maps it. On {@link FaultResult.Retry} the entry has gone or changed
     * meanwhile: the access faults again and finds the metadata durable, or syncs again (S4).
     */
    public FaultResult finishSyncFault(Vma vma, long page, PfnSlot pfnp) {
        Order order = pfnp.order();
        long first = order.firstPage(page);
        return done(first, order, finish(vma, first, order, pfnp));
    }

    private FaultResult finish(Vma vma, long first, Order order, PfnSlot pfnp) {
        if (context.mutants().on(Mutant.ENTRY_BEFORE_FDATASYNC)) {
            insertPfnMkwrite(vma, first, order, pfnp);
        }
        long pos = first * DaxDevice.BLOCK_BYTES;
        try {
            if (!context.mutants().on(Mutant.FDATASYNC_SKIPPED)) {
                tracer.fdatasync(pos, order.bytes());
                host.fdatasync(pos, order.bytes());
                tracer.fdatasyncDone(pos, order.bytes());
            }
        } catch (IOException e) {
            return new FaultResult.BusError(BusReason.DATA_SYNC_FAILED, e);
        }
        return insertPfnMkwrite(vma, first, order, pfnp);
    }

    private FaultResult insertPfnMkwrite(Vma vma, long first, Order order, PfnSlot pfnp) {
        long entry = space.lockEntry(first);
        if (entry == Entry.NONE) {
            return FaultResult.Retry.INSTANCE;
        }
        int locked = 1;
        try {
            if (!Entry.hasStorage(entry) || Entry.order(entry) != order) {
                return FaultResult.Retry.INSTANCE;
            }
            space.checkPfn(first, entry, pfnp.pfn());
            if (pfnp.pages() > 1) {
                locked = space.lockAhead(first, pfnp.pages(), pfnp.pfn());
            }
            boolean markLate = context.mutants().on(Mutant.DIRTY_MARK_AFTER_ENTRY);
            if (pfnp.write() && !markLate) {
                markDirty(first, locked);
            }
            FaultResult result = counted(
                    order == Order.PTE ? FaultKind.PTE_SYNC_FINISHED : FaultKind.PMD_SYNC_FINISHED,
                    mapper.map(vma, first, order, locked, pfnp.pfn(), pfnp.write(), pfnp.major()));
            if (pfnp.write() && markLate) {
                markDirty(first, locked);
            }
            return result;
        } finally {
            if (locked == 1) {
                space.unlockEntry(first);
            } else {
                space.unlockEntries(first, locked);
            }
        }
    }

    private void markDirty(long first, int pages) {
        if (pages == 1) {
            space.markDirty(first);
        } else {
            space.markDirty(first, pages);
        }
    }

    private void insertEntry(
            long page, Order order, long entry, long pfn, Iomap iomap, boolean dirty)
            throws IOException {
        space.fillStorage(page, entry, pfn, iomap.has(Iomap.NEW), dirty);
        tracer.entryFilled(page, order, pfn, dirty);
    }

    private FaultResult pteLoadHole(Vma vma, long page, int pages, long entry, Iomap iomap) {
        space.fillZero(page, entry);
        if (!vma.isServed()) {
            return zeroMapped(page, Order.PTE, vma.table().insertZeroPte(vma.tablePage(page)));
        }
        for (int i = 1; i < pages; i++) {
            space.fillZero(page + i, space.entry(page + i));
        }
        return counted(FaultKind.PTE_ZERO, mapper.map(vma, page, Order.PTE, pages,
                iomap.deviceOffsetOf(page * DaxDevice.BLOCK_BYTES) / DaxDevice.BLOCK_BYTES, false,
                false));
    }

    private FaultResult pmdLoadHole(Vma vma, long first, long entry, Iomap iomap) {
        if (vma.isServed()) {
            long pos = first * DaxDevice.BLOCK_BYTES;
            FallbackReason reason = iomap.has(Iomap.RESERVED)
                    ? HugeFit.cannotBack(context.device(), false, iomap, pos)
                    : FallbackReason.NOT_MAPPED;
            if (reason != null) {
                return fallbackLocked(vma, first, reason);
            }
            space.fillZero(first, entry);
            return counted(FaultKind.PMD_ZERO, mapper.map(vma, first, Order.PMD, 1,
                    iomap.deviceOffsetOf(pos) / DaxDevice.BLOCK_BYTES, false, false));
        }
        if (!context.hugeZeroPage()) {
            return fallbackLocked(vma, first, FallbackReason.NO_HUGE_ZERO_PAGE);
        }
        space.fillZero(first, entry);
        long hugeIndex = vma.tableHuge(first / PageTable.HUGE_PAGES);
        return zeroMapped(first, Order.PMD, vma.table().insertZeroPmd(hugeIndex));
    }

    private FaultResult zeroMapped(long page, Order order, Insert insert) {
        if (!insert.isMapped()) {
            return FaultResult.Retry.INSTANCE;
        }
        tracer.zeroMapped(page, order);
        return counted(order == Order.PTE ? FaultKind.PTE_ZERO : FaultKind.PMD_ZERO,
                FaultResult.Mapped.of(order, false));
    }

    /**
     * A store to a private mapping reads the file: it allocates nothing and waits for nothing (H1).
     */
    private FaultResult copyPage(Iomap iomap, long pos) {
        if (!covers(iomap, pos, Order.PTE.bytes())) {
            return loud(BusReason.BAD_IOMAP, pos / DaxDevice.BLOCK_BYTES, iomap);
        }
        return new FaultResult.CopyPage(iomap.type == Iomap.Type.MAPPED
                ? iomap.deviceOffsetOf(pos) / DaxDevice.BLOCK_BYTES
                : FaultResult.CopyPage.NO_PFN);
    }

    /**
     * Makes room for 4 KiB entries in the page table, whatever the reason (M2). Of a served mapping
     * the hardware changes too, so its entry must be locked; where there is none, nothing is
     * writable.
     */
    private FaultResult fallback(Vma vma, long page, FallbackReason reason) {
        long first = Order.PMD.firstPage(page);
        boolean locked = vma.isServed() && vma.coversHugeRange(page / PageTable.HUGE_PAGES)
                && PageTable.isHuge(vma.entry(first)) && space.lockEntry(first) != Entry.NONE;
        try {
            return fallbackLocked(vma, page, reason);
        } finally {
            if (locked) {
                space.unlockEntry(first);
            }
        }
    }

    private static FaultResult fallbackLocked(Vma vma, long page, FallbackReason reason) {
        if (vma.coversHugeRange(page / PageTable.HUGE_PAGES)) {
            vma.splitHuge(page / PageTable.HUGE_PAGES);
        }
        return FaultResult.Fallback.of(reason);
    }

    private static FaultResult failed(IOException e) {
        return e instanceof HoldfastException failure && failure.code() == ErrorCode.NO_SPACE
                ? new FaultResult.OutOfSpace(failure)
                : new FaultResult.BusError(BusReason.FILE_SYSTEM_FAILED, e);
    }

    private FaultResult loud(BusReason reason, long page, Iomap iomap) {
        String message = host.fileName() + ": fault at page " + page + ", " + reason + ", " + iomap;
        LOG.log(System.Logger.Level.WARNING, message);
        return new FaultResult.BusError(reason, new HoldfastException(ErrorCode.IO_ERROR, message));
    }

    private FaultResult counted(FaultKind kind, FaultResult result) {
        if (result instanceof FaultResult.Mapped) {
            context.faults().count(kind);
        }
        return result;
    }

    /** Counts what is not counted where it is known better. */
    private FaultResult done(long page, Order order, FaultResult result) {
        FaultCounters counters = context.faults();
        switch (result) {
            case FaultResult.Mapped mapped -> { }
            case FaultResult.NeedDataSync sync -> counters.count(order == Order.PTE
                    ? FaultKind.PTE_NEED_DATA_SYNC : FaultKind.PMD_NEED_DATA_SYNC);
            case FaultResult.Fallback fallback -> counters.count(fallback.reason());
            case FaultResult.Retry retry -> counters.count(FaultKind.RETRY);
            case FaultResult.CopyPage copy -> counters.count(FaultKind.COPY);
            case FaultResult.OutOfSpace full -> counters.count(FaultKind.OUT_OF_SPACE);
            case FaultResult.BusError bus -> counters.count(FaultKind.BUS_ERROR);
        }
        tracer.end(page, order, result);
        return result;
    }

    private boolean countMajor(Iomap iomap) {
        boolean major = iomap.has(Iomap.NEW);
        if (major) {
            context.faults().count(FaultKind.MAJOR);
        }
        return major;
    }

    private static boolean covers(Iomap iomap, long pos, long length) {
        return iomap.offset <= pos && iomap.end() >= pos + length;
    }
}
