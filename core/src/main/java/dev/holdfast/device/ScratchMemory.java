package dev.holdfast.device;

import dev.holdfast.ffm.ErrnoException;
import dev.holdfast.ffm.Linux;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Zeroed memory behind a traced device, sparse and cheap to give back: an arena shared by threads
 * would stop them all at every close, and an explorer closes thousands of images.
 *
 * <p>Lock rule: the owner's. It accesses and closes the memory under one lock and never after
 * {@link #close}, which nothing here checks.
 */
final class ScratchMemory {
    private final MemorySegment segment;
    private final Runnable release;

    private ScratchMemory(MemorySegment segment, Runnable release) {
        this.segment = segment;
        this.release = release;
    }

    static ScratchMemory allocate(long sizeBytes) throws IOException {
        if (!Linux.isAvailable()) {
            Arena arena = Arena.ofShared();
            return new ScratchMemory(
                    arena.allocate(sizeBytes, DaxDevice.BLOCK_BYTES), arena::close);
        }
        try {
            long address = Linux.mmap(0, sizeBytes, Linux.PROT_READ | Linux.PROT_WRITE,
                    Linux.MAP_PRIVATE | Linux.MAP_ANONYMOUS | Linux.MAP_NORESERVE, -1, 0);
            adviseSmallPages(address, sizeBytes);
            return new ScratchMemory(MemorySegment.ofAddress(address).reinterpret(sizeBytes),
                    () -> Linux.munmap(address, sizeBytes));
        } catch (ErrnoException e) {
            throw DeviceErrors.translate("mapping " + sizeBytes + " bytes of memory", e);
        }
    }

    /** Keeps a first store from clearing 2 MiB. */
    private static void adviseSmallPages(long address, long sizeBytes) {
        try {
            Linux.madvise(address, sizeBytes, Linux.MADV_NOHUGEPAGE);
        } catch (ErrnoException noHugePagesHere) {
            // Then there is nothing to keep it from.
        }
    }

    MemorySegment segment() {
        return segment;
    }

    void close() {
        release.run();
    }
}
