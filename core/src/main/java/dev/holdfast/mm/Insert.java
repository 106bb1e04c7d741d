package dev.holdfast.mm;

/** What became of an attempt to put an entry into a {@link PageTable}. */
public enum Insert {
    /** The place was empty and now holds the entry. */
    INSERTED,
    /** A read-only entry with the same pfn was made writable in place (P12). */
    UPGRADED,
    /**
     * A valid entry with the same pfn and enough rights is there: another thread was first (P11).
     */
    ALREADY,
    /** A PMD entry was wanted and 4 KiB entries are there (M4, B20). Nothing changed. */
    CONFLICT,
    /** A PTE was wanted and a PMD entry covers the page. Nothing changed. */
    HUGE_PRESENT;

    /** Tells whether the wanted mapping is in force now. */
    public boolean isMapped() {
        return this == INSERTED || this == UPGRADED || this == ALREADY;
    }
}
