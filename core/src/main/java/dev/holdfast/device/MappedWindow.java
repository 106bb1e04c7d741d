package dev.holdfast.device;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.ffm.Errno;
import dev.holdfast.ffm.ErrnoException;
import dev.holdfast.ffm.Linux;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A window by {@code mmap(MAP_FIXED)}: device pages over an anonymous reservation.
 *
 * <ol>
 *   <li>{@link #reserve} takes addresses, read-only and reading as zero, aligned to 2 MiB so that
 *       the kernel can use huge pages where window and device offsets agree.
 *   <li>Parts are laid and laid over. A failed call leaves the part as it was.
 *   <li>{@link #close} unmaps everything, unless the addresses are another's ({@link #over});
 *       access throws from then on. What was laid stays open with
 *       the window even when the device is closed first.
 * </ol>
 *
 * <p>Lock rule: one layout change at a time, by this object's monitor; accesses take no lock.
 */
final class MappedWindow implements AddressWindow {
    private static final long ALIGNMENT_BYTES = 2L << 20;
    private static final int ANONYMOUS =
            Linux.MAP_PRIVATE | Linux.MAP_ANONYMOUS | Linux.MAP_NORESERVE;

    private final MappedDevice device;
    private final long unitBytes;
    private final Arena arena;
    private final MemorySegment memory;

    private MappedWindow(MappedDevice device, long unitBytes, Arena arena, MemorySegment memory) {
        this.device = device;
        this.unitBytes = unitBytes;
        this.arena = arena;
        this.memory = memory;
    }

    static MappedWindow reserve(MappedDevice device, long lengthBytes) throws IOException {
        long unitBytes = checkedUnit(device, lengthBytes);
        long alignment = Math.max(ALIGNMENT_BYTES, unitBytes);
        long reservedBytes = Math.addExact(lengthBytes, alignment);
        long reserved;
        try {
            reserved = Linux.mmap(0, reservedBytes, Linux.PROT_READ, ANONYMOUS, -1, 0);
        } catch (ErrnoException e) {
            throw new HoldfastException(ErrorCode.NO_MEMORY,
                    device.name() + ": no address range of " + lengthBytes + " bytes to be had", e);
        }
        long base = reserved + alignment - 1 & -alignment;
        Arena arena = Arena.ofShared();
        MemorySegment memory = MemorySegment.ofAddress(base)
                .reinterpret(lengthBytes, arena, s -> Linux.munmap(reserved, reservedBytes));
        return new MappedWindow(device, unitBytes, arena, memory);
    }

    /** Makes a window over addresses that the caller maps and unmaps. */
    static MappedWindow over(MappedDevice device, long address, long lengthBytes)
            throws IOException {
        long unitBytes = checkedUnit(device, lengthBytes);
        checkUnit(device, unitBytes, "window address", address);
        Arena arena = Arena.ofShared();
        MemorySegment memory =
                MemorySegment.ofAddress(address).reinterpret(lengthBytes, arena, null);
        return new MappedWindow(device, unitBytes, arena, memory);
    }

    private static long checkedUnit(MappedDevice device, long lengthBytes)
            throws HoldfastException {
        if (device.mapping().fd() == DeviceMemory.NO_FILE) {
            throw new HoldfastException(ErrorCode.NOT_SUPPORTED,
                    device.name() + " has no file to map pieces of: windows need Linux");
        }
        long unitBytes = device.medium().mappingUnitBytes();
        checkUnit(device, unitBytes, "window length", lengthBytes);
        if (lengthBytes <= 0) {
            throw new IllegalArgumentException("window length " + lengthBytes + " is not positive");
        }
        return unitBytes;
    }

    @Override
    public MemorySegment memory() {
        return memory;
    }

    @Override
    public synchronized void layDevice(long windowOffset, long deviceOffset, long length)
            throws IOException {
        lay(windowOffset, deviceOffset, length, false);
    }

    @Override
    public synchronized void layPrivate(long windowOffset, long deviceOffset, long length)
            throws IOException {
        lay(windowOffset, deviceOffset, length, true);
    }

    @Override
    public synchronized void layHole(long windowOffset, long length) throws IOException {
        layAnonymous(windowOffset, length, Linux.PROT_READ);
    }

    @Override
    public synchronized void layPrivateHole(long windowOffset, long length) throws IOException {
        layAnonymous(windowOffset, length, Linux.PROT_READ | Linux.PROT_WRITE);
    }

    @Override
    public synchronized void expectSmallPersists() {
        if (!arena.scope().isAlive()) {
            throw new IllegalStateException("the window is closed");
        }
        device.adviseSmallPages(memory);
    }

    private void lay(long windowOffset, long deviceOffset, long length, boolean isPrivate)
            throws IOException {
        checkWindowRange(windowOffset, length);
        checkUnit(device, unitBytes, "device offset", deviceOffset);
        Objects.checkFromIndexSize(deviceOffset, length, device.sizeBytes());
        if (length == 0) {
            return;
        }
        try {
            device.mapOver(memory.address() + windowOffset, deviceOffset, length, isPrivate);
        } catch (ErrnoException e) {
            throw refused("laying device offset " + deviceOffset, windowOffset, length, e);
        }
    }

    private void layAnonymous(long windowOffset, long length, int prot) throws IOException {
        checkWindowRange(windowOffset, length);
        if (length == 0) {
            return;
        }
        try {
            Linux.mmap(memory.address() + windowOffset, length, prot,
                    ANONYMOUS | Linux.MAP_FIXED, -1, 0);
        } catch (ErrnoException e) {
            throw refused("laying a hole", windowOffset, length, e);
        }
    }

    private void checkWindowRange(long windowOffset, long length) throws HoldfastException {
        if (!arena.scope().isAlive()) {
            throw new IllegalStateException("the window is closed");
        }
        checkUnit(device, unitBytes, "window offset", windowOffset);
        checkUnit(device, unitBytes, "length", length);
        Objects.checkFromIndexSize(windowOffset, length, memory.byteSize());
    }

    private static void checkUnit(DaxDevice device, long unitBytes, String what, long value)
            throws HoldfastException {
        if (value % unitBytes != 0) {
            throw new HoldfastException(ErrorCode.NOT_SUPPORTED, what + " " + value
                    + " is not a multiple of " + unitBytes + ", the mapping unit of "
                    + device.name());
        }
    }

    private HoldfastException refused(
            String what, long windowOffset, long length, ErrnoException cause) {
        boolean noMemory = cause.errno() == Errno.ENOMEM;
        return new HoldfastException(noMemory ? ErrorCode.NO_MEMORY : ErrorCode.IO_ERROR,
                device.name() + ": " + what + " over " + length + " bytes at window offset "
                        + windowOffset + " failed"
                        + (noMemory ? "; raise vm.max_map_count or map less in pieces" : ""),
                cause);
    }

    @Override
    public synchronized void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
