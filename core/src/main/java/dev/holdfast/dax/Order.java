package dev.holdfast.dax;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.mm.PageTable;

/** Size of a fault and of a mapping entry. There is no third one (M9). */
public enum Order {
    /** One page of 4 KiB. */
    PTE(1),
    /** A huge page of 2 MiB, aligned in the file. */
    PMD(PageTable.HUGE_PAGES);

    private final long pages;

    Order(long pages) {
        this.pages = pages;
    }

    /** Returns the pages covered. */
    public long pages() {
        return pages;
    }

    /** Returns the bytes covered. */
    public long bytes() {
        return pages * DaxDevice.BLOCK_BYTES;
    }

    /** Returns the first page of the aligned range that holds {@code page} (S7). */
    public long firstPage(long page) {
        return page & -pages;
    }
}
