package dev.holdfast.mutant;

/**
 * A named way to break the protocol. A test turns one on to show that something catches it; a
 * volume opened without {@link Mutants} has none.
 */
public enum Mutant {
    /** The page-table entry is made writable before the fdatasync. */
    ENTRY_BEFORE_FDATASYNC,
    /** A sync fault skips the fdatasync. */
    FDATASYNC_SKIPPED,
    /** A commit stores its records but leaves the barrier out. */
    BARRIER_DROPPED,
    /** A map record may become durable before the zeroes of its block. */
    ZEROES_NOT_DURABLE,
    /** Freed blocks are handed out before the record that freed them is durable. */
    FREED_BLOCK_REUSED_AT_ONCE,
    /** Freed blocks are zeroed ahead before the record that freed them is durable. */
    FREED_BLOCK_ZEROED_EARLY,
    /** Blocks are handed out before their range's departure from the known-zero set is durable. */
    KNOWN_ZERO_CLAIM_NOT_DURABLE,
    /** The dirty mark follows the writable page-table entry. */
    DIRTY_MARK_AFTER_ENTRY,
    /** An iomap past the end of the file is not reported dirty. */
    DIRTY_FORGOTTEN_PAST_EOF,
    /** A conversion of an unwritten extent is not reported dirty. */
    DIRTY_FORGOTTEN_UNWRITTEN,
    /** The create, link or rename that names an inode does not make it dirty. */
    DIRTY_FORGOTTEN_NAMING,
    /** The checksum of a log record does not cover its LSN. */
    LSN_NOT_IN_CHECKSUM,
    /** A mount goes on with the epoch of the mount before. */
    EPOCH_NOT_RENEWED,
    /** Recovery does not look past the end of the log. */
    WITNESS_IGNORED,
    /** A checkpoint's slot is written before its nodes are durable. */
    SLOT_BEFORE_TREE,
    /** A checkpoint writes over nodes of the checkpoint before. */
    LIVE_NODES_REUSED,
    /** An fsync write-protects the first mapping only. */
    ONE_MAPPING_PROTECTED,
    /** An fsync of a huge entry writes back its first 4 KiB only. */
    HUGE_ENTRY_PERSISTED_AS_SMALL,
    /** An unlink of an open file leaves no orphan record. */
    ORPHAN_NOT_RECORDED,
    /** A rename is logged as two records. */
    RENAME_IN_TWO_RECORDS,
    /** A rename over a name does not persist the source's data first. */
    RENAME_WITHOUT_DATA,
    /** A failed write-back is reported as success when tried again. */
    FAILED_WRITE_BACK_FORGOTTEN,
    /** B3: a huge fault that meets a 4 KiB entry waits for it. */
    HUGE_FAULT_WAITS_FOR_SMALL,
    /** B4: a huge fault takes an empty range for a conflict. */
    NO_ENTRY_IS_CONFLICT,
    /** B19: a write over a hole leaves stale zero pages mapped. */
    STALE_ZERO_PAGE_LEFT,
    /** B5: whoever waits for a mapping entry is not woken when it is unlocked. */
    WAKE_UP_LOST,
    /** B6: write-back of a huge entry looks for mappings of its first page only. */
    MAPPINGS_BY_FIRST_PAGE,
    /** B6a: write-back does not write-protect huge page-table entries. */
    HUGE_ENTRY_NOT_PROTECTED,
    /** B9: a store to a private mapping asks for a block to write to. */
    PRIVATE_STORE_TAKEN_FOR_SHARED,
    /** B12: what takes blocks away does not wait for locked mapping entries. */
    LOCKED_ENTRY_SKIPPED,
    /** B18: a store through a read-only mapping is served. */
    READ_ONLY_MAPPING_WRITTEN,
    /** B22: a mapping is made without the flag that asks for sync faults, without a word. */
    SYNC_FLAG_DROPPED,
    /** B23: a file grows over what was left past its end. */
    TAIL_NOT_ZEROED,
    /** The tail of a file's last block is zeroed before the smaller size is durable. */
    TAIL_ZEROED_EARLY
}
