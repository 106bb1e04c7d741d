package dev.holdfast.iomap;

import java.io.IOException;

/**
 * A file system's side of the mapping question, one instance an inode. The caller holds the inode's
 * invalidate lock (shared for a fault) or its inode lock (write), so that what is answered stays
 * true until {@link #end}.
 */
public interface IomapOps {
    /**
     * The range will be written: allocate holes, convert unwritten blocks; the answer is MAPPED.
     */
    int WRITE = 1;
    /** The caller is a page fault. */
    int FAULT = 2;
    /**
     * The caller wants a whole aligned 2 MiB run: allocate one only if the whole range is a hole
     * and an aligned run is free; otherwise answer what is there, shorter, without allocating (M7).
     */
    int HUGE = 4;
    /** Report without changing anything: fiemap, seek. */
    int REPORT = 8;
    /**
     * The caller maps real pages, which show blocks and never the zero page: a hole is answered
     * with the block reserved for it, and that and an unwritten one are zero when this returns.
     */
    int BOUND = 16;

    /**
     * Answers for the range that starts at the block of {@code offset}: fills {@code iomap} with a
     * run that contains {@code offset} and reaches as far towards {@code offset + length} as it
     * lies in one piece (it may be longer).
     *
     * <p>With {@link #WRITE} a hole is allocated with blocks whose zeroes are already durable, and
     * the change is in the log, though not yet committed, when this returns: flags
     * {@link Iomap#NEW} and {@link Iomap#DIRTY} say so.
     *
     * @throws IOException no space (code NO_SPACE), shut down (SHUT_DOWN), damaged metadata
     *     (CORRUPT)
     */
    void begin(long offset, long length, int flags, Iomap iomap) throws IOException;

    /**
     * Ends what {@link #begin} began. {@code written} is the number of bytes really handled, fewer
     * than the run when the caller stopped early.
     */
    default void end(long offset, long length, long written, int flags, Iomap iomap)
            throws IOException {}
}
