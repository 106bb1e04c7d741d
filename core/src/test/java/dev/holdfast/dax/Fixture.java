package dev.holdfast.dax;

import dev.holdfast.device.TracedDevice;
import dev.holdfast.mm.PageTable;
import dev.holdfast.mm.Vma;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.UnaryOperator;

/** A file on a traced device, with everything that serves it. */
final class Fixture implements AutoCloseable {
    static final int PAGE = 4096;
    static final int HUGE = 512;
    static final long DEVICE_PAGES = 4096;
    static final long FILE_PAGES = 1536;

    final TracedDevice device;
    final FakeFile file = new FakeFile(FILE_PAGES, DEVICE_PAGES);
    final DaxContext context;
    final AddressSpace space;
    final DaxFault faults;
    final Writeback writeback;
    final DaxIo io;
    final DaxZero zero;
    final DaxLayout layout;
    final PfnSlot slot = new PfnSlot();

    Fixture(UnaryOperator<DaxContext> change) {
        try {
            device = TracedDevice.create(DEVICE_PAGES * PAGE);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        context = change.apply(DaxContext.of(device));
        space = new AddressSpace(context, file);
        faults = new DaxFault(space);
        writeback = new Writeback(space);
        io = new DaxIo(space);
        zero = new DaxZero(space);
        layout = new DaxLayout(space);
    }

    static Fixture plain() {
        return new Fixture(context -> context);
    }

    static Fixture with(Mutant... mutants) {
        return new Fixture(context -> context.with(Mutants.of(mutants)));
    }

    static Fixture traced(FaultTracer tracer) {
        return new Fixture(context -> context.with(tracer));
    }

    /** Maps the whole file, shared and writable, with 4 KiB pages only. */
    Vma map(boolean sync) {
        return map(0, FILE_PAGES, true, sync, false);
    }

    Vma mapHuge(boolean sync) {
        return map(0, FILE_PAGES, true, sync, true);
    }

    Vma map(long page, long pages, boolean shared, boolean sync, boolean huge) {
        Vma vma = new Vma(page * PAGE, pages * PAGE, shared, sync, true, huge);
        space.vmas().add(vma);
        return vma;
    }

    FaultResult write(Vma vma, long page) {
        return faults.fault(vma, page, true, slot);
    }

    FaultResult read(Vma vma, long page) {
        return faults.fault(vma, page, false, slot);
    }

    FaultResult finish(Vma vma, long page) {
        return faults.finishSyncFault(vma, page, slot);
    }

    /** Faults as often as it takes, as an access would; fails when it takes too often. */
    FaultResult access(Vma vma, long page, boolean write) {
        for (int round = 0; round < 4; round++) {
            PfnSlot own = new PfnSlot();
            FaultResult result = faults.fault(vma, page, write, own);
            if (result instanceof FaultResult.NeedDataSync) {
                result = faults.finishSyncFault(vma, page, own);
            }
            if (!(result instanceof FaultResult.Retry)) {
                return result;
            }
        }
        throw new AssertionError("the access to page " + page + " does not get on");
    }

    boolean isWritable(Vma vma, long page) {
        return PageTable.isWritable(vma.entry(page));
    }

    long mappedPfn(Vma vma, long page) {
        long tableEntry = vma.entry(page);
        return PageTable.isPresent(tableEntry) && !PageTable.isZero(tableEntry)
                ? PageTable.pfnOf(tableEntry, vma.tablePage(page)) : -1;
    }

    /** Stores through a mapping, as hardware would: only where the page table lets it. */
    void store(Vma vma, long page, long value) {
        if (!isWritable(vma, page)) {
            throw new AssertionError("page " + page + " is not writable");
        }
        device.memory().set(ValueLayout.JAVA_LONG, mappedPfn(vma, page) * PAGE, value);
    }

    /** Loads through a mapping. */
    long load(Vma vma, long page) {
        long tableEntry = vma.entry(page);
        if (!PageTable.isPresent(tableEntry)) {
            throw new AssertionError("page " + page + " is not mapped");
        }
        return PageTable.isZero(tableEntry) ? 0
                : device.memory().get(ValueLayout.JAVA_LONG, mappedPfn(vma, page) * PAGE);
    }

    /** Returns what a power cut now would leave of the first word of a block. */
    long durableWord(long pfn) throws IOException {
        try (TracedDevice image = device.crashImage(line -> 0)) {
            return image.getLong(pfn * PAGE);
        }
    }

    long count(FaultKind kind) {
        return context.faults().of(kind);
    }

    long count(FallbackReason reason) {
        return context.faults().of(reason);
    }

    static MemorySegment longs(long... values) {
        return MemorySegment.ofArray(values);
    }

    @Override
    public void close() {
        device.close();
    }
}
