package dev.holdfast.alloc;

import java.io.IOException;

/**
 * What the allocator needs from the log and the device; the file system implements it. The
 * allocator calls it from any thread, without its own lock, and never with ranges that someone else
 * may touch. Only {@link #durableLsn} is called under the lock, and on hot paths: it must be a
 * plain load.
 */
public interface ZeroClaims {
    /**
     * Appends a record by which a range leaves the known-zero set, and returns the LSN to commit.
     *
     * @throws IOException when nothing was appended
     */
    long leave(long block, long count) throws IOException;

    /**
     * Appends a record by which a range of free blocks joins the known-zero set, and returns its
     * LSN. The zeroes are durable already.
     *
     * @throws IOException when nothing was appended
     */
    long join(long block, long count) throws IOException;

    /** Makes every record up to {@code lsn} durable. */
    void commit(long lsn) throws IOException;

    /** Returns the LSN up to which records are durable now. */
    long durableLsn();

    /** Fills a range with zeroes and makes them durable. */
    void zeroAndPersist(long block, long count) throws IOException;

    /** Has the pages of a range ready, contents unchanged, so that a first store does not pay. */
    void populate(long block, long count);
}
