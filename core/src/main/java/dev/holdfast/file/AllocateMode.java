package dev.holdfast.file;

/** How a range of a file is given blocks. Every mode leaves data that is there alone. */
public enum AllocateMode {
    /** Unwritten blocks, which read as zero; the file grows to hold the range. */
    UNWRITTEN,
    /** Unwritten blocks, also past the end of the file, whose size stays. */
    UNWRITTEN_KEEP_SIZE,
    /** Written zeroes, so that a first store needs no change of metadata; the file grows. */
    WRITTEN
}
