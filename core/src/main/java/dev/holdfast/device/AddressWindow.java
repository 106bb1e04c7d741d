package dev.holdfast.device;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * A contiguous range of addresses over which device blocks, wherever they lie, are laid side by side.
 * Fresh and {@linkplain #layHole laid-over} parts read as zero and cannot be stored to.
 *
 * <p>Thread safety: calls that change the layout are serialised by the owner; access to parts that
 * are not being changed goes on meanwhile.
 */
public interface AddressWindow extends AutoCloseable {
    /** Returns the memory of the window; alive until {@link #close}. */
    MemorySegment memory();

    /**
     * Lays {@code length} bytes of the device at {@code windowOffset}; all three are multiples of the
     * device's mapping unit. Stores through the window reach the device.
     */
    void layDevice(long windowOffset, long deviceOffset, long length) throws IOException;

    /** Makes a range of the window read as zeroes again. */
    void layHole(long windowOffset, long length) throws IOException;

    /** Unmaps the window. Idempotent. */
    @Override
    void close();
}
