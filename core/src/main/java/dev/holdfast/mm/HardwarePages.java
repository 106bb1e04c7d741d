package dev.holdfast.mm;

/**
 * The page tables of one mapping where they are real and somebody else's: a client process, driven
 * from here by system calls. The {@link Vma}'s own table is their mirror: whatever the hardware
 * lets be stored to is writable there too.
 *
 * <p>Each page of the file is bound to one block of the device for the life of the mapping: the
 * client has mapped that block at the page's address, and only the right to load from it and store
 * to it comes and goes.
 *
 * <p>Lock rule: every call is made under the lock of the mapping entry, or with faults kept out, so
 * that no window lies between the mirror and the hardware. An implementation takes no lock of the
 * file system, does not wait for the client to do anything, and may be called by several threads
 * for different pages.
 *
 * <p>A call is complete when it returns: also the other processors of the client have seen it.
 */
public interface HardwarePages {
    /** What became of a call. */
    enum Outcome {
        /** It is as asked. */
        DONE,
        /**
         * Install only: the device has no memory behind a page yet, so there is nothing to map. The
         * caller makes it present and asks again.
         */
        ABSENT,
        /**
         * There is no such page to change: the client has gone, or has unmapped the range. Never an
         * error of the volume: the pages cannot be reached, which is all that a protection or an
         * unmapping wants, and a fault there has nobody left who waits for it.
         */
        GONE
    }

    /**
     * Lets the client load from pages, and store to them if so said; wakes whoever waits for them.
     * Pages that are mapped already get the wanted rights in place; a right that is there is never
     * taken away by this, and a bus error that stands for a page is. The pages are adjacent on the
     * device too.
     *
     * <p>When this is called with {@code writable}, the pages have their dirty marks, and their
     * metadata is in the log, durable if the mapping is a sync one.
     *
     * @return GONE when none of the pages could be mapped for want of a client
     */
    Outcome install(long filePage, long pages, boolean writable);

    /**
     * Takes the right to store from pages. Pages that are not mapped stay so, and are protected
     * when they come back by themselves.
     */
    Outcome writeProtect(long filePage, long pages);

    /**
     * Takes pages away, in a way that may destroy what the blocks hold: the next access faults. The
     * record by which the blocks left the file is durable; they are adjacent on the device,
     * starting at {@code deviceBlock}, bound to this mapping still, and zeroed before they are
     * installed again.
     */
    Outcome unmap(long filePage, long deviceBlock, long pages);
}
