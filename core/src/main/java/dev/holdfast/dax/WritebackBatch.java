package dev.holdfast.dax;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.iomap.Iomap;
import dev.holdfast.iomap.IomapIterator;
import dev.holdfast.iomap.IomapOps;
import dev.holdfast.mutant.Mutant;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Some units of one write-back, in ascending order: locked entries, and pages that write() stored
 * to and that have none. They stay locked, or in flight, until the batch is durable (W4), so its
 * size is bounded.
 *
 * <p>Not thread-safe; {@link #add} is called under the monitor of the unit's chunk.
 */
final class WritebackBatch {
    private static final int MAX_UNITS = 256;
    private static final int MAX_PAGES = 4096;

    private final AddressSpace space;
    private final DaxContext context;
    private final EntryChunk[] chunks = new EntryChunk[MAX_UNITS];
    private final int[] slots = new int[MAX_UNITS];
    private final long[] entries = new long[MAX_UNITS];
    private final boolean[] pinned = new boolean[MAX_UNITS];
    private int count;
    private long pages;
    /** Offset and length pairs on the device. */
    private long[] ranges = new long[2 * MAX_UNITS];
    private int rangeCount;

    WritebackBatch(AddressSpace space) {
        this.space = space;
        this.context = space.context();
    }

    void add(EntryChunk chunk, int slot, long entry) {
        chunks[count] = chunk;
        slots[count] = slot;
        entries[count] = entry;
        pinned[count] = false;
        count++;
        pages += Entry.order(entry).pages();
    }

    boolean isFull() {
        return count == MAX_UNITS || pages >= MAX_PAGES;
    }

    /** Makes the batch durable and releases its units. */
    void write() throws IOException {
        if (count == 0) {
            return;
        }
        findPinned();
        writeProtect();
        // A segment handed out meanwhile was pinned before its page was seen writable, so either it
        // is found now or its thread finds the page protected.
        VarHandle.fullFence();
        findPinned();
        context.tracer().writeProtected(firstPage(0), endPage(count - 1) - 1);
        collectRanges();
        context.device().persist(ranges, rangeCount);
        countBytes();
        context.tracer().persisted(firstPage(0), endPage(count - 1) - 1);
        release(false);
    }

    /** Releases what is left after a failure: it stays dirty. */
    void abandon() {
        release(true);
    }

    private void release(boolean stillDirty) {
        for (int i = 0; i < count; i++) {
            chunks[i].finish(slots[i], entries[i], stillDirty || pinned[i]);
        }
        count = 0;
        pages = 0;
        rangeCount = 0;
    }

    private void findPinned() throws IOException {
        for (int from = 0; from < count; ) {
            int to = endOfRun(from, false);
            space.pins().forEachWritablePinned(firstPage(from), endPage(to - 1), this::markPinned);
            from = to;
        }
    }

    private void markPinned(long page, long length) {
        for (int i = 0; i < count; i++) {
            if (firstPage(i) < page + length && endPage(i) > page) {
                pinned[i] = true;
            }
        }
    }

    /** Protects every unit that has an entry and is not pinned, by runs, in every mapping (B6). */
    private void writeProtect() {
        boolean smallOnly = context.mutants().on(Mutant.HUGE_ENTRY_NOT_PROTECTED);
        for (int from = 0; from < count; ) {
            if (pinned[from] || entries[from] == Entry.NONE
                    || smallOnly && Entry.isPmd(entries[from])) {
                from++;
                continue;
            }
            int to = endOfRun(from, true);
            space.vmas().writeProtect(firstPage(from), endPage(to - 1) - firstPage(from));
            from = to;
        }
    }

    private void collectRanges() throws IOException {
        for (int from = 0; from < count; ) {
            if (entries[from] == Entry.NONE) {
                int to = from + 1;
                while (to < count && entries[to] == Entry.NONE
                        && firstPage(to) == endPage(to - 1)) {
                    to++;
                }
                addWritten(firstPage(from), endPage(to - 1));
                from = to;
            } else {
                addEntry(firstPage(from), entries[from]);
                from++;
            }
        }
    }

    private void addEntry(long page, long entry) throws HoldfastException {
        if (!Entry.hasStorage(entry)) {
            throw lost(page, "has the entry " + Entry.describe(entry));
        }
        boolean firstOnly = context.mutants().on(Mutant.HUGE_ENTRY_PERSISTED_AS_SMALL);
        addRange(Entry.pfn(entry) * DaxDevice.BLOCK_BYTES,
                (firstOnly ? Order.PTE : Entry.order(entry)).bytes());
    }

    /** Pages that write() stored to: the file system knows where they are. */
    private void addWritten(long first, long end) throws IOException {
        long length = (end - first) * DaxDevice.BLOCK_BYTES;
        try (IomapIterator steps = new IomapIterator(
                space.host(), first * DaxDevice.BLOCK_BYTES, length, IomapOps.REPORT)) {
            while (steps.next()) {
                if (steps.iomap().type != Iomap.Type.MAPPED) {
                    throw lost(steps.position() / DaxDevice.BLOCK_BYTES,
                            "is " + steps.iomap().type);
                }
                addRange(steps.deviceOffset(), steps.stepBytes());
                steps.advance(steps.stepBytes());
            }
        }
    }

    private HoldfastException lost(long page, String what) {
        return new HoldfastException(ErrorCode.IO_ERROR, space.host().fileName() + ": page " + page
                + " is dirty and " + what + ": its bytes cannot be found (W5)");
    }

    private void addRange(long deviceOffset, long length) {
        int last = 2 * rangeCount - 2;
        if (rangeCount > 0 && ranges[last] + ranges[last + 1] == deviceOffset) {
            ranges[last + 1] += length;
            return;
        }
        if (2 * rangeCount == ranges.length) {
            ranges = Arrays.copyOf(ranges, 2 * ranges.length);
        }
        ranges[2 * rangeCount] = deviceOffset;
        ranges[2 * rangeCount + 1] = length;
        rangeCount++;
    }

    private void countBytes() {
        long bytes = 0;
        for (int i = 0; i < rangeCount; i++) {
            bytes += ranges[2 * i + 1];
        }
        long pinnedBytes = 0;
        for (int i = 0; i < count; i++) {
            pinnedBytes += pinned[i] ? Entry.order(entries[i]).bytes() : 0;
        }
        context.writebacks().count(bytes, pinnedBytes);
    }

    /**
     * Returns the end of the run of adjacent units from one on, of those to be protected if asked.
     */
    private int endOfRun(int from, boolean protectable) {
        int to = from + 1;
        while (to < count && firstPage(to) == endPage(to - 1)
                && !(protectable && (pinned[to] || entries[to] == Entry.NONE))) {
            to++;
        }
        return to;
    }

    private long firstPage(int unit) {
        return chunks[unit].firstPage() + slots[unit];
    }

    private long endPage(int unit) {
        return firstPage(unit) + Entry.order(entries[unit]).pages();
    }
}
