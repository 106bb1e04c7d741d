package dev.holdfast.dax;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.mm.HardwarePages.Outcome;
import dev.holdfast.mm.Insert;
import dev.holdfast.mm.PageTable;
import dev.holdfast.mm.Vma;

/**
 * The last step of a fault: puts pages into the page table of its mapping and, where that is only
 * the mirror of a real one, into the hardware. In this order, so that the mirror never misses a
 * page that can be stored to.
 *
 * <p>Lock rule: the caller holds the locks of the entries.
 */
final class PageMapper {
    private final DaxContext context;
    private final FaultTracer tracer;

    PageMapper(DaxContext context) {
        this.context = context;
        this.tracer = context.tracer();
    }

    /**
     * Maps storage, the entries being dirty already if this is for a store.
     *
     * @param pages how many pages from {@code page} on; of a PMD one entry is mapped, whatever it
     *     says
     */
    FaultResult map(Vma vma, long page, Order order, int pages, long pfn, boolean writable,
            boolean major) {
        int mapped = order == Order.PMD ? insertPmd(vma, page, pfn, writable)
                : insertPtes(vma, page, pages, pfn, writable);
        if (mapped == 0) {
            return FaultResult.Retry.INSTANCE;
        }
        if (vma.isServed()) {
            FaultResult failure = install(vma, page, mapped, pfn, writable);
            if (failure != null) {
                return failure;
            }
        }
        if (order == Order.PTE && mapped > 1) {
            context.faults().count(FaultKind.AHEAD, mapped - 1);
        }
        tracer.mapped(page, order, pfn, writable);
        return FaultResult.Mapped.of(order, major);
    }

    private static int insertPmd(Vma vma, long page, long pfn, boolean writable) {
        Insert insert = vma.table().insertPmd(
                vma.tableHuge(page / PageTable.HUGE_PAGES), pfn, writable);
        return insert.isMapped() ? PageTable.HUGE_PAGES : 0;
    }

    private static int insertPtes(Vma vma, long page, int pages, long pfn, boolean writable) {
        int count = 0;
        while (count < pages && vma.table()
                .insertPte(vma.tablePage(page + count), pfn + count, writable).isMapped()) {
            count++;
        }
        return count;
    }

    /** Returns null, or why the pages cannot be used after all. */
    private FaultResult install(Vma vma, long page, int pages, long pfn, boolean writable) {
        Outcome outcome = vma.hardware().install(page, pages, writable);
        if (outcome == Outcome.ABSENT) {
            context.device().populate(pfn * DaxDevice.BLOCK_BYTES,
                    (long) pages * DaxDevice.BLOCK_BYTES);
            outcome = vma.hardware().install(page, pages, writable);
        }
        return switch (outcome) {
            case DONE -> null;
            case GONE -> new FaultResult.BusError(BusReason.MAPPING_GONE, null);
            case ABSENT -> new FaultResult.BusError(BusReason.FILE_SYSTEM_FAILED,
                    new HoldfastException(ErrorCode.NO_MEMORY,
                    "the system has no memory for block " + pfn
                            + " of " + context.device().name()));
        };
    }
}
