package dev.holdfast.dax;

import dev.holdfast.iomap.Iomap;
import dev.holdfast.mm.Vma;
import java.util.function.Consumer;

/** Tells the protocol as it runs, a line a step: what the demonstration shows. */
public final class PrintingTracer implements FaultTracer {
    private final Consumer<String> lines;

    /** Prints to {@code lines}, which must be safe for the threads that fault. */
    public PrintingTracer(Consumer<String> lines) {
        this.lines = lines;
    }

    @Override
    public void begin(Vma vma, long page, Order order, boolean write) {
        print("%s %s fault, page %d of a%s mapping", write ? "write" : "read", order, page,
                vma.sync() ? " sync" : " plain");
    }

    @Override
    public void iomap(long page, Iomap iomap) {
        print("  iomap: %s, %d bytes%s%s", iomap.type, iomap.length,
                iomap.has(Iomap.NEW) ? ", new" : "", iomap.has(Iomap.DIRTY) ? ", dirty" : "");
    }

    @Override
    public void entryFilled(long page, Order order, long pfn, boolean dirty) {
        print("  mapping entry: pfn %d, %s", pfn, dirty ? "dirty" : "clean");
    }

    @Override
    public void needDataSync(long page, Order order, long pfn) {
        print("  needs data sync: pfn %d handed back, page table untouched", pfn);
    }

    @Override
    public void fdatasync(long offset, long length) {
        print("  fdatasync %d + %d ...", offset, length);
    }

    @Override
    public void fdatasyncDone(long offset, long length) {
        print("  ... durable");
    }

    @Override
    public void mapped(long page, Order order, long pfn, boolean writable) {
        print("  page table: %s of page %d, pfn %d, %s", order, page, pfn,
                writable ? "writable" : "read-only");
    }

    @Override
    public void zeroMapped(long page, Order order) {
        print("  page table: %s of page %d, zero page", order, page);
    }

    @Override
    public void end(long page, Order order, FaultResult result) {
        print("  %s", result);
    }

    private void print(String format, Object... arguments) {
        lines.accept(String.format(format, arguments));
    }
}
