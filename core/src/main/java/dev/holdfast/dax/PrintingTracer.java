package dev.holdfast.dax;

import dev.holdfast.iomap.Iomap;
import dev.holdfast.mm.Vma;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Tells the protocol as it runs, a line a step: what the demonstration shows. */
public final class PrintingTracer implements FaultTracer {
    private static final LongSupplier NOT_TOLD = () -> -1;

    private final Consumer<String> lines;
    private final LongSupplier changeLsn;
    private final LongSupplier durableLsn;

    /** Prints to {@code lines}, which must be safe for the threads that fault. */
    public PrintingTracer(Consumer<String> lines) {
        this(lines, NOT_TOLD, NOT_TOLD);
    }

    /** Prints, with each fdatasync, how far the log has come and how far it is durable. */
    public PrintingTracer(
            Consumer<String> lines, LongSupplier changeLsn, LongSupplier durableLsn) {
        this.lines = lines;
        this.changeLsn = changeLsn;
        this.durableLsn = durableLsn;
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
        if (changeLsn == NOT_TOLD) {
            print("  fdatasync %d + %d ...", offset, length);
        } else {
            print("  fdatasync %d + %d, to LSN %d (durable: LSN %d) ...", offset, length,
                    changeLsn.getAsLong(), durableLsn.getAsLong());
        }
    }

    @Override
    public void fdatasyncDone(long offset, long length) {
        if (durableLsn == NOT_TOLD) {
            print("  ... durable");
        } else {
            print("  ... durable: LSN %d", durableLsn.getAsLong());
        }
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
