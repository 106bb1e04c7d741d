package dev.holdfast.fs;

import dev.holdfast.mm.Vma;

/** Says why a huge page of a file has no 2 MiB entry in a mapping. */
public final class HugeReport {
    private HugeReport() {}

    /** Returns the first reason that stands against a 2 MiB entry, or that it may come. */
    public static String whyNotHuge(FileMapping mapping, long hugeIndex) {
        Vma vma = mapping.vma();
        Inode inode = mapping.inode();
        long from = hugeIndex * Limits.HUGE_BLOCKS;
        if (!vma.hugeAllowed()) {
            return "mapped without huge pages";
        }
        if (!vma.coversHugeRange(hugeIndex)) {
            return "the mapping covers only a part of the 2 MiB";
        }
        if (inode.sizeBytes() < (from + Limits.HUGE_BLOCKS) * Limits.BLOCK_BYTES) {
            return "the file ends inside the 2 MiB";
        }
        synchronized (inode.extents) {
            var within = inode.extents.within(from, from + Limits.HUGE_BLOCKS);
            if (within.size() != 1 || within.getFirst().count() != Limits.HUGE_BLOCKS) {
                return within.size() + " extents and holes make up the 2 MiB";
            }
            if (within.getFirst().deviceBlock() % Limits.HUGE_BLOCKS != 0) {
                return "the blocks are not aligned to 2 MiB";
            }
        }
        return "4 KiB entries were there first";
    }
}
