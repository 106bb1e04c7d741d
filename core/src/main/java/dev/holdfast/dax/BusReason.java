package dev.holdfast.dax;

/** Why an access cannot be served: on hardware, a SIGBUS. */
public enum BusReason {
    /** The page lies wholly past the end of the file (P7, M3). */
    PAST_END_OF_FILE,
    /** A store to a mapping that allows none (B18). */
    READ_ONLY_MAPPING,
    /** The file system refused or failed. */
    FILE_SYSTEM_FAILED,
    /**
     * The file system answered with less than a page, or with no blocks for a write: a bug in it.
     */
    BAD_IOMAP,
    /** Two files own the block; copying it is not supported. */
    SHARED_BLOCKS,
    /** A sync fault came without a slot for its pfn: a bug in the caller (P5). */
    NO_PFN_SLOT,
    /** The process whose page table it is has gone, or has unmapped the page: nobody waits. */
    MAPPING_GONE,
    /** The hardware maps huge pages only, and none fits here: the reason is in the counters. */
    NO_HUGE_PAGE,
    /** Metadata could not be made durable, so the page must not become writable (S3). */
    DATA_SYNC_FAILED
}
