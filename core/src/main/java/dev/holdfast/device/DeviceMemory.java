package dev.holdfast.device;

import dev.holdfast.ffm.ErrnoException;
import dev.holdfast.ffm.Linux;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The one mapping of a device, and the open file behind it.
 *
 * <ol>
 *   <li>{@link #map} takes over a descriptor and maps it; or {@link #anonymous} where there is
 *       none.
 *   <li>{@link #segment} is accessed by any thread.
 *   <li>{@link #close} unmaps, then closes the descriptor; segment accesses throw from then on. It
 *       throws {@link IllegalStateException}, and changes nothing, while a native call holds the
 *       segment.
 * </ol>
 */
final class DeviceMemory {
    /** No open file: memory of the process, where the system has no memfd. */
    static final int NO_FILE = -1;

    private final int fd;
    private final int mapFlags;
    private final boolean readOnly;
    private final Arena arena;
    private final MemorySegment segment;

    private DeviceMemory(
            int fd, int mapFlags, boolean readOnly, Arena arena, MemorySegment segment) {
        this.fd = fd;
        this.mapFlags = mapFlags;
        this.readOnly = readOnly;
        this.arena = arena;
        this.segment = segment;
    }

    /**
     * Maps {@code sizeBytes} of an open file, shared, with {@code mapFlags}. Owns {@code fd} from
     * here on when it returns; when it throws, the caller still does.
     */
    static DeviceMemory map(int fd, long sizeBytes, int mapFlags, boolean readOnly)
            throws ErrnoException {
        int prot = readOnly ? Linux.PROT_READ : Linux.PROT_READ | Linux.PROT_WRITE;
        long address = Linux.mmap(0, sizeBytes, prot, mapFlags, fd, 0);
        Arena arena = Arena.ofShared();
        MemorySegment segment = MemorySegment.ofAddress(address)
                .reinterpret(sizeBytes, arena, s -> Linux.munmap(s.address(), s.byteSize()));
        return new DeviceMemory(
                fd, mapFlags, readOnly, arena, readOnly ? segment.asReadOnly() : segment);
    }

    /** Takes zeroed memory of the process. */
    static DeviceMemory anonymous(long sizeBytes) {
        Arena arena = Arena.ofShared();
        return new DeviceMemory(
                NO_FILE, 0, false, arena, arena.allocate(sizeBytes, DaxDevice.BLOCK_BYTES));
    }

    /** Maps a new memory file of {@code sizeBytes}, or takes memory where there are none. */
    static DeviceMemory memfd(String name, long sizeBytes) throws IOException {
        if (!Linux.isAvailable()) {
            return anonymous(sizeBytes);
        }
        int fd;
        try {
            fd = Linux.memfdCreate(name);
        } catch (ErrnoException e) {
            throw DeviceErrors.translate(name, e);
        }
        try {
            Linux.ftruncate(fd, sizeBytes);
            return map(fd, sizeBytes, Linux.MAP_SHARED, false);
        } catch (ErrnoException e) {
            Linux.close(fd);
            throw DeviceErrors.translate(
                    name + ": mapping " + sizeBytes + " bytes of memory; take a smaller size", e);
        }
    }

    MemorySegment segment() {
        return segment;
    }

    int fd() {
        return fd;
    }

    /** Flags with which windows map the same file. */
    int mapFlags() {
        return mapFlags;
    }

    boolean isReadOnly() {
        return readOnly;
    }

    /** Gives the mapping up and leaves the descriptor to whoever opened it. */
    void unmap() {
        arena.close();
    }

    /** Unmaps and closes the descriptor. */
    void close() {
        arena.close();
        if (fd != NO_FILE) {
            Linux.close(fd);
        }
    }
}
