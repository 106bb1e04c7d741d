package dev.holdfast.device;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * A contiguous range of addresses over which device blocks, wherever they lie, are laid side by
 * side. Fresh and {@linkplain #layHole laid-over} parts read as zero and cannot be stored to: a
 * store there kills the process, so the owner hands out such parts as read-only segments.
 *
 * <p>A shared window uses {@link #layDevice} and {@link #layHole}; a private one, whose stores
 * nobody else sees, {@link #layPrivate} and {@link #layPrivateHole} over its whole length.
 *
 * <p>Offsets and lengths that are no multiples of the device's mapping unit are refused with
 * {@link dev.holdfast.error.ErrorCode#NOT_SUPPORTED}; ranges outside the window or the device throw
 * {@link IndexOutOfBoundsException}; calls after {@link #close} {@link IllegalStateException}.
 *
 * <p>Thread safety: calls that change the layout are serialised by the owner; access to parts that
 * are not being changed goes on meanwhile.
 */
public interface AddressWindow extends AutoCloseable {
    /** Returns the memory of the window; alive until {@link #close}. */
    MemorySegment memory();

    /**
     * Lays {@code length} bytes of the device at {@code windowOffset}; all three are multiples of
     * the device's mapping unit. Stores through the window reach the device, unless it is open for
     * reading only: then they are not allowed.
     */
    void layDevice(long windowOffset, long deviceOffset, long length) throws IOException;

    /** Makes a range of the window read as zeroes again. */
    void layHole(long windowOffset, long length) throws IOException;

    /**
     * Lays a private copy of a range of the device at {@code windowOffset}: reads see the device
     * until the first store to a page, which the kernel copies and keeps in memory. Works on
     * read-only devices.
     */
    void layPrivate(long windowOffset, long deviceOffset, long length) throws IOException;

    /** Makes a range of the window memory of its own: zeroes that can be stored to. */
    void layPrivateHole(long windowOffset, long length) throws IOException;

    /**
     * Says that stores to what is laid now will be persisted in pieces much smaller than a page. A
     * hint; on page media the price is that pages are read from the disk one by one.
     */
    default void expectSmallPersists() {
        // Line media write back lines.
    }

    /**
     * Unmaps the window. Idempotent. Later accesses to {@link #memory} throw
     * {@link IllegalStateException}; so does this call while a native call holds the memory, and
     * then changes nothing.
     */
    @Override
    void close();
}
