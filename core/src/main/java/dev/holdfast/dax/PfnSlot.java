package dev.holdfast.dax;

/**
 * Where a fault leaves the pfn it must not map yet, with what is needed to finish. The caller owns
 * and reuses it; valid from a {@link FaultResult.NeedDataSync} until the next fault. Not
 * thread-safe.
 */
public final class PfnSlot {
    private long pfn;
    private Order order;
    private int pages;
    private boolean write;
    private boolean major;

    void set(long pfn, Order order, int pages, boolean write, boolean major) {
        this.pfn = pfn;
        this.order = order;
        this.pages = pages;
        this.write = write;
        this.major = major;
    }

    /** Returns the first pfn of the fault's range. */
    public long pfn() {
        return pfn;
    }

    /** Returns the size of the fault. */
    public Order order() {
        return order;
    }

    /**
     * Returns how many entries of that size, adjacent in the file and on the device, it is about.
     */
    int pages() {
        return pages;
    }

    /**
     * Tells whether the fault was a write; a read waits only under {@link SyncPolicy#READS_TOO}.
     */
    public boolean write() {
        return write;
    }

    /** Tells whether blocks were allocated: kept for the statistics until the end (S8). */
    public boolean major() {
        return major;
    }
}
