package dev.holdfast.dax;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.iomap.Iomap;
import dev.holdfast.iomap.IomapIterator;
import dev.holdfast.iomap.IomapOps;
import java.io.IOException;

/**
 * Zeroes ranges of one file in place, and the tail of its last block.
 *
 * <p>Lock rule: the caller holds the inode lock exclusively. Durability rule: the zeroes are
 * durable when a method returns.
 */
public final class DaxZero {
    private final AddressSpace space;

    /** Creates the zeroer of a file. */
    public DaxZero(AddressSpace space) {
        this.space = space;
    }

    /**
     * Makes a range read as zero, durably. Holes and unwritten blocks do already, and stay as they
     * are (Z1).
     *
     * @return whether anything had to be zeroed
     */
    public boolean zeroRange(long offset, long length) throws IOException {
        DaxDevice device = space.context().device();
        boolean zeroed = false;
        try (IomapIterator steps =
                new IomapIterator(space.host(), offset, length, IomapOps.REPORT)) {
            while (steps.next()) {
                long bytes = steps.stepBytes();
                if (steps.iomap().type == Iomap.Type.MAPPED) {
                    if (steps.iomap().has(Iomap.SHARED)) {
                        throw new HoldfastException(ErrorCode.IO_ERROR, space.host().fileName()
                                + ": cannot zero blocks of two files, " + steps.iomap());
                    }
                    device.zero(steps.deviceOffset(), bytes);
                    device.persist(steps.deviceOffset(), bytes);
                    zeroed = true;
                }
                steps.advance(bytes);
            }
        }
        return zeroed;
    }

    /**
     * Zeroes, durably, from {@code sizeBytes} to the end of its block, so that no stale byte shows
     * when the file grows or its last page is mapped (Z2, P8).
     *
     * @return whether anything had to be zeroed
     */
    public boolean zeroTail(long sizeBytes) throws IOException {
        long tail = -sizeBytes & DaxDevice.BLOCK_BYTES - 1;
        return tail != 0 && zeroRange(sizeBytes, tail);
    }
}
