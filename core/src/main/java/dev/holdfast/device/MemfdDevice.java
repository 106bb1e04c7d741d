package dev.holdfast.device;

import java.io.IOException;

/**
 * A device in memory that has no name and is gone with its last mapping: for tests and scratch
 * volumes. Sparse: only pages that were touched take memory, so that even 64 TiB can be made.
 */
public final class MemfdDevice extends MappedDevice {
    private MemfdDevice(String name, DeviceMemory mapping, Medium medium) {
        super(name, mapping, medium, LINE_BYTES);
    }

    /**
     * Creates a device of zeroes.
     *
     * @param name shown to users, and in {@code /proc/PID/maps}
     * @param sizeBytes a positive multiple of {@link #BLOCK_BYTES}
     * @throws IOException when the system has no address range that large
     */
    public static MemfdDevice create(String name, long sizeBytes) throws IOException {
        return over(name, DeviceMemory.memfd(name, checkSize(sizeBytes)));
    }

    /** Creates a device as it is where the system has no memory files. */
    static MemfdDevice createWithoutFile(String name, long sizeBytes) {
        return over(name, DeviceMemory.anonymous(checkSize(sizeBytes)));
    }

    private static MemfdDevice over(String name, DeviceMemory mapping) {
        return new MemfdDevice(name, mapping, mediumInMemory());
    }

    private static Medium mediumInMemory() {
        boolean instruction = CacheLines.isAvailable();
        return new Medium(
                Medium.Granularity.LINE,
                instruction ? Medium.WriteBack.CACHE_LINE : Medium.WriteBack.NONE,
                Medium.Survives.NOTHING,
                dev.holdfast.ffm.Linux.pageBytes(),
                "memory without a name is gone with the process"
                        + (instruction ? "; write-back is executed all the same, to cost what it "
                                + "costs" : ""));
    }

    @Override
    public boolean isKnownZeroWhenNew() {
        return true;
    }
}
