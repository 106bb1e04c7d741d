package dev.holdfast.dax;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.iomap.Iomap;
import dev.holdfast.mm.PageTable;
import dev.holdfast.mm.Vma;

/** Decides whether a huge page fits: each reason why not, alone, makes a fault fall back (M1). */
final class HugeFit {
    private HugeFit() {}

    /**
     * Says why a huge page does not fit here, or null: what can be told without the file system.
     */
    static FallbackReason misfit(Vma vma, long first, boolean write, long filePages) {
        if (!vma.hugeAllowed()) {
            return FallbackReason.NOT_ALLOWED;
        }
        if (!vma.isHugeColour()) {
            return FallbackReason.COLOUR;
        }
        if (write && !vma.shared()) {
            return FallbackReason.PRIVATE_WRITE;
        }
        if (first < vma.firstPage()) {
            return FallbackReason.BEFORE_MAPPING;
        }
        if (first + PageTable.HUGE_PAGES > vma.endPage()) {
            return FallbackReason.PAST_MAPPING;
        }
        return first + PageTable.HUGE_PAGES > filePages ? FallbackReason.PAST_END_OF_FILE : null;
    }

    /** Says why blocks cannot be mapped as one huge page, or null. */
    static FallbackReason cannotBack(
            DaxDevice device, boolean write, Iomap iomap, long pos) {
        long deviceOffset = iomap.deviceOffsetOf(pos);
        if (write && iomap.has(Iomap.SHARED)) {
            return FallbackReason.NOT_MAPPED;
        }
        if (deviceOffset + Order.PMD.bytes() > device.sizeBytes()) {
            return FallbackReason.SHORT_DIRECT_ACCESS;
        }
        return deviceOffset % Order.PMD.bytes() != 0 ? FallbackReason.UNALIGNED_PFN : null;
    }
}
