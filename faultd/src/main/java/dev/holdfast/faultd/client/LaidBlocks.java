package dev.holdfast.faultd.client;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.faultd.wire.Message;
import dev.holdfast.faultd.wire.WireException;
import dev.holdfast.ffm.Errno;
import dev.holdfast.ffm.ErrnoException;
import dev.holdfast.ffm.Linux;
import dev.holdfast.ffm.Userfaultfd;
import java.io.IOException;

/**
 * The addresses of a mapping.
 *
 * <ol>
 * <li>{@link #announced}: how long it is and in how many pieces, and the device to map;
 * <li>{@link #reserve}d without access, {@link #lay}ed with blocks, still without access;
 * <li>{@link #register}ed: from here on no access goes past the owner;
 * <li>{@link #allow}ed, once the owner knows the address;
 * <li>{@link #unmap}ped; or {@link #die} before.
 * </ol>
 */
final class LaidBlocks {
    private static final long HUGE_BYTES = 2L << 20;
    private static final int RESERVATION =
            Linux.MAP_PRIVATE | Linux.MAP_ANONYMOUS | Linux.MAP_NORESERVE;

    private final long runs;
    private final long lengthBytes;
    private final long unitBytes;
    private int device;
    private long reserved;
    private long reservedBytes;
    private long address;
    private long runsLaid;
    private long laidBytes;

    private LaidBlocks(long runs, long lengthBytes, long unitBytes, int device) {
        this.runs = runs;
        this.lengthBytes = lengthBytes;
        this.unitBytes = unitBytes;
        this.device = device;
    }

    static LaidBlocks announced(Message answer, long unitBytes) throws WireException {
        long runs = answer.getSize();
        long lengthBytes = answer.getSize();
        if (lengthBytes == 0 || lengthBytes % unitBytes != 0 || lengthBytes > 1L << 46) {
            throw new WireException("a mapping of " + lengthBytes + " bytes");
        }
        return new LaidBlocks(runs, lengthBytes, unitBytes, answer.takeDescriptor());
    }

    long address() {
        return address;
    }

    long runsLaid() {
        return runsLaid;
    }

    long runsLeft() {
        return runs - runsLaid;
    }

    /** Takes addresses, aligned so that huge pages fit. */
    void reserve() throws IOException {
        long alignment = Math.max(unitBytes, HUGE_BYTES);
        try {
            reservedBytes = lengthBytes + alignment;
            reserved = Linux.mmap(0, reservedBytes, Linux.PROT_NONE, RESERVATION, -1, 0);
            address = reserved + alignment - 1 & -alignment;
        } catch (ErrnoException e) {
            throw failure("reserving " + lengthBytes + " bytes of addresses", e);
        }
    }

    /** Lays pairs of first block and count side by side, behind those before. */
    void lay(long[] pieces) throws IOException {
        if (pieces.length == 0) {
            throw new WireException("a mapping ends after " + laidBytes + " bytes");
        }
        for (int i = 0; i < pieces.length; i += 2) {
            long bytes = pieces[i + 1] * DaxDevice.BLOCK_BYTES;
            if (pieces[i + 1] <= 0
                    || pieces[i + 1] > (lengthBytes - laidBytes) / DaxDevice.BLOCK_BYTES
                    || pieces[i] > Long.MAX_VALUE / DaxDevice.BLOCK_BYTES) {
                throw new WireException("a run of " + pieces[i + 1] + " blocks at " + pieces[i]);
            }
            try {
                Linux.mmap(address + laidBytes, bytes, Linux.PROT_NONE,
                        Linux.MAP_SHARED | Linux.MAP_FIXED, device,
                        pieces[i] * DaxDevice.BLOCK_BYTES);
            } catch (ErrnoException e) {
                throw failure("laying " + bytes + " bytes", e);
            }
            laidBytes += bytes;
            runsLaid++;
        }
    }

    void requireWhole() throws WireException {
        if (laidBytes != lengthBytes) {
            throw new WireException(laidBytes + " of " + lengthBytes + " bytes are mapped");
        }
    }

    /** Has the owner told of every fault. A child process does not get the range. */
    void register(ClientFaults faults) throws IOException {
        try {
            Linux.madvise(address, lengthBytes, Linux.MADV_DONTFORK);
            Userfaultfd.register(faults.descriptor(), address, lengthBytes);
        } catch (ErrnoException e) {
            throw failure("registering the page faults of " + lengthBytes + " bytes", e);
        }
    }

    void allow(boolean isReadOnly) throws IOException {
        try {
            Linux.mprotect(address, lengthBytes,
                    isReadOnly ? Linux.PROT_READ : Linux.PROT_READ | Linux.PROT_WRITE);
        } catch (ErrnoException e) {
            throw failure("allowing access", e);
        }
        closeDevice();
    }

    /** Puts memory that answers with bus errors in the place of the blocks, and wakes who waits. */
    void die(ClientFaults faults) {
        try {
            int empty = Linux.memfdCreate("holdfast-ended");
            try {
                Linux.mmap(address, lengthBytes, Linux.PROT_READ | Linux.PROT_WRITE,
                        Linux.MAP_SHARED | Linux.MAP_FIXED, empty, 0);
            } finally {
                Linux.close(empty);
            }
        } catch (ErrnoException e) {
            // Whoever stores there waits: no store gets through.
            System.getLogger(LaidBlocks.class.getName())
                    .log(System.Logger.Level.ERROR, "a mapping without an owner stays", e);
        }
        Userfaultfd.wake(faults.descriptor(), address, lengthBytes);
    }

    void unmap() {
        closeDevice();
        if (reservedBytes != 0 && reserved != 0) {
            Linux.munmap(reserved, reservedBytes);
            reserved = 0;
        }
    }

    private void closeDevice() {
        if (device >= 0) {
            Linux.close(device);
            device = -1;
        }
    }

    private static HoldfastException failure(String what, ErrnoException e) {
        boolean isMemory = e.errno() == Errno.ENOMEM;
        return new HoldfastException(isMemory ? ErrorCode.NO_MEMORY : ErrorCode.IO_ERROR, what
                + ": " + e.getMessage()
                + (isMemory ? "; raise vm.max_map_count or map less" : ""), e);
    }
}
