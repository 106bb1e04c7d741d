package dev.holdfast.device;

import dev.holdfast.error.HoldfastException;
import dev.holdfast.ffm.Linux;
import java.io.IOException;

/**
 * A device in memory that has no name and is gone with its last mapping: for tests and scratch
 * volumes. Sparse: only pages that were touched take memory, so that even 64 TiB can be made.
 */
public final class MemfdDevice extends MappedDevice {
    private MemfdDevice(String name, DeviceMemory mapping, Medium medium) {
        super(name, mapping, medium, MediumRules.unitBytes(medium, Linux.pageBytes()));
    }

    /**
     * Creates a device of zeroes with the write-back of {@link WriteBackChoice#fromProperty}.
     *
     * @param name shown to users, and in {@code /proc/PID/maps}
     * @param sizeBytes a positive multiple of {@link #BLOCK_BYTES}
     * @throws HoldfastException NO_MEMORY when there is no address range that large; NOT_SUPPORTED
     *     when the write-back asked for cannot be had
     */
    public static MemfdDevice create(String name, long sizeBytes) throws IOException {
        return create(name, sizeBytes, WriteBackChoice.fromProperty());
    }

    /** Creates a device as {@link #create(String, long)} does, with a choice of write-back. */
    public static MemfdDevice create(String name, long sizeBytes, WriteBackChoice writeBack)
            throws IOException {
        Medium medium = MediumRules.decide(
                Host.MEMORY_FILE, writeBack, CacheLines.isAvailable(), Linux.pageBytes(), "");
        return new MemfdDevice(name, DeviceMemory.memfd(name, checkSize(sizeBytes)), medium);
    }

    /** Creates a device as it is where the system has no memory files. */
    static MemfdDevice createWithoutFile(String name, long sizeBytes) throws HoldfastException {
        Medium medium = MediumRules.decide(
                Host.MEMORY_FILE, WriteBackChoice.NONE, false, Linux.pageBytes(), "");
        return new MemfdDevice(name, DeviceMemory.anonymous(checkSize(sizeBytes)), medium);
    }

    @Override
    public boolean isKnownZeroWhenNew() {
        return true;
    }
}
