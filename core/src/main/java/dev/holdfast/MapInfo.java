package dev.holdfast;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.device.Medium;
import dev.holdfast.fs.FileMapping;
import dev.holdfast.fs.FileSystem;
import dev.holdfast.fs.HugeReport;
import dev.holdfast.mm.PageTable;
import dev.holdfast.mm.Vma;
import java.util.ArrayList;
import java.util.List;

/**
 * How a mapping is mapped, at one moment.
 *
 * @param mode what was asked for
 * @param sync whether a writable page's metadata is durable
 * @param granularity unit in which persisted stores become durable
 * @param ranges runs of pages mapped alike, those that are not mapped left out
 */
public record MapInfo(MapMode mode, boolean sync, Medium.Granularity granularity,
        List<Range> ranges) {
    /** How a run of pages is mapped. */
    public enum Entry {
        /** 4 KiB entries, loads only. */
        READABLE,
        /** 4 KiB entries. */
        WRITABLE,
        /** 2 MiB entries, loads only. */
        HUGE_READABLE,
        /** 2 MiB entries. */
        HUGE_WRITABLE,
        /** The zero page: a hole that was read. */
        ZERO
    }

    /**
     * A run of pages mapped alike.
     *
     * @param offset first byte, from the start of the file
     * @param length bytes
     * @param entry how it is mapped
     * @param whyNotHuge why it has no 2 MiB entries; empty where it has
     */
    public record Range(long offset, long length, Entry entry, String whyNotHuge) {}

    static MapInfo of(Mapping mapping, FileMapping fileMapping, FileSystem fs) {
        Vma vma = fileMapping.vma();
        List<Range> ranges = new ArrayList<>();
        for (long page = vma.firstPage(); page < vma.endPage(); page++) {
            long entry = vma.entry(page);
            if (PageTable.isPresent(entry)) {
                Entry kind = kind(entry);
                String why = PageTable.isHuge(entry) ? ""
                        : HugeReport.whyNotHuge(fileMapping, page / PageTable.HUGE_PAGES);
                add(ranges, page, kind, why);
            }
        }
        return new MapInfo(mapping.mode(), vma.sync(), fs.device().medium().granularity(),
                List.copyOf(ranges));
    }

    private static Entry kind(long entry) {
        if (PageTable.isZero(entry)) {
            return Entry.ZERO;
        }
        boolean writable = PageTable.isWritable(entry);
        if (PageTable.isHuge(entry)) {
            return writable ? Entry.HUGE_WRITABLE : Entry.HUGE_READABLE;
        }
        return writable ? Entry.WRITABLE : Entry.READABLE;
    }

    private static void add(List<Range> ranges, long page, Entry entry, String why) {
        long offset = page * (long) DaxDevice.BLOCK_BYTES;
        if (!ranges.isEmpty()) {
            Range last = ranges.getLast();
            if (last.offset + last.length == offset && last.entry == entry
                    && last.whyNotHuge.equals(why)) {
                ranges.set(ranges.size() - 1,
                        new Range(last.offset, last.length + DaxDevice.BLOCK_BYTES, entry, why));
                return;
            }
        }
        ranges.add(new Range(offset, DaxDevice.BLOCK_BYTES, entry, why));
    }
}
