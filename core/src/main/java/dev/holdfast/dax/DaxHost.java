package dev.holdfast.dax;

import dev.holdfast.iomap.IomapOps;
import java.io.IOException;

/**
 * What a file system gives an {@link AddressSpace}: where the file's blocks are, how long it is,
 * and how its metadata is made durable. One instance an inode.
 *
 * <p>Lock order: the callbacks run below the invalidate lock, and those of {@link IomapOps} also
 * below an entry lock; none of them takes either.
 */
public interface DaxHost extends IomapOps {
    /** Returns the size of the file; stable while the invalidate lock is held. */
    long sizeBytes();

    /**
     * Makes the metadata durable that finding the range after a crash needs. Called without an
     * entry lock, under the invalidate lock held shared (S1, S2): it may wait for the log.
     *
     * @throws IOException it is not durable; the fault then maps nothing (S3)
     */
    void fdatasync(long offset, long length) throws IOException;

    /** Returns the name shown in messages. */
    String fileName();

    /** Says that file data could not be made durable; the volume must stop (H4). */
    default void writebackFailed(IOException cause) {}
}
