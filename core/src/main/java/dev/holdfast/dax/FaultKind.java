package dev.holdfast.dax;

/** What {@link FaultCounters} counts. Fallbacks are counted by reason. */
public enum FaultKind {
    /** A 4 KiB fault mapped storage at once. */
    PTE_MAPPED,
    /** A 4 KiB fault mapped the zero page. */
    PTE_ZERO,
    /** A 4 KiB fault was handed back for an fdatasync. */
    PTE_NEED_DATA_SYNC,
    /** A 4 KiB fault was mapped after its fdatasync. */
    PTE_SYNC_FINISHED,
    /** A 2 MiB fault mapped storage at once. */
    PMD_MAPPED,
    /** A 2 MiB fault mapped the huge zero page. */
    PMD_ZERO,
    /** A 2 MiB fault was handed back for an fdatasync. */
    PMD_NEED_DATA_SYNC,
    /** A 2 MiB fault was mapped after its fdatasync. */
    PMD_SYNC_FINISHED,
    /** A page was mapped beside the one that faulted, with the same record and the same call. */
    AHEAD,
    /** A fault had blocks allocated or converted, whatever came of it. */
    MAJOR,
    /** A private store was told to copy. */
    COPY,
    /** A fault lost a race and is to look again. */
    RETRY,
    /** A fault found no free space. */
    OUT_OF_SPACE,
    /** A fault failed. */
    BUS_ERROR
}
