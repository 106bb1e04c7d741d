package dev.holdfast.dax;

/** Why a huge fault must be tried again with 4 KiB (M1). */
public enum FallbackReason {
    /** The mapping was made without huge pages. */
    NOT_ALLOWED,
    /** Address and file offset differ modulo 2 MiB. */
    COLOUR,
    /** A store to a private mapping copies one page, never 512. */
    PRIVATE_WRITE,
    /** The huge page begins before the mapping does. */
    BEFORE_MAPPING,
    /** The huge page ends after the mapping does. */
    PAST_MAPPING,
    /** The huge page begins in the file and ends past its last page. */
    PAST_END_OF_FILE,
    /** A 4 KiB entry lies in the range, locked or not (E3). */
    SMALL_ENTRY,
    /** The file system's answer does not cover 2 MiB. */
    SHORT_IOMAP,
    /** The device cannot be accessed directly for 2 MiB from there. */
    SHORT_DIRECT_ACCESS,
    /** The blocks are not aligned to 2 MiB on the device. */
    UNALIGNED_PFN,
    /** The range of a write has no blocks with data. */
    NOT_MAPPED,
    /** There are no 2 MiB of zeroes to map. */
    NO_HUGE_ZERO_PAGE,
    /** A sync fault has no slot for its pfn; the 4 KiB fault decides (M6a, P5). */
    NO_PFN_SLOT,
    /** The file system failed; the 4 KiB fault will say how. */
    FILE_SYSTEM_FAILED,
    /** Neither 0 nor 9 (M9). */
    ORDER
}
