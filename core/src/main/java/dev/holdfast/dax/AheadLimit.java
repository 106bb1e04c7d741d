package dev.holdfast.dax;

import dev.holdfast.mm.PageTable;
import dev.holdfast.mm.Vma;

/**
 * How far a fault may take pages along: as long as their entries are in the state of the one that
 * faulted, so that one call of the hardware does for all what it does for one.
 */
final class AheadLimit {
    private AheadLimit() {}

    /** Returns how many pages from {@code page} on may be mapped together: 1 to {@code wanted}. */
    static int of(Vma vma, long page, int wanted, boolean write) {
        if (wanted == 1 || !vma.isServed()) {
            return 1;
        }
        long end = Math.min(vma.endPage(), page + wanted);
        boolean present = PageTable.isPresent(vma.entry(page));
        long at = page + 1;
        while (at < end && isAlike(vma.entry(at), present, write)) {
            at++;
        }
        return (int) (at - page);
    }

    private static boolean isAlike(long entry, boolean present, boolean write) {
        return write ? !PageTable.isWritable(entry) && PageTable.isPresent(entry) == present
                : !PageTable.isPresent(entry);
    }
}
