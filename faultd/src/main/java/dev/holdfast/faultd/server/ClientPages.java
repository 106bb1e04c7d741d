package dev.holdfast.faultd.server;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.ffm.Errno;
import dev.holdfast.ffm.ErrnoException;
import dev.holdfast.ffm.Linux;
import dev.holdfast.ffm.Userfaultfd;
import dev.holdfast.mm.HardwarePages;

/**
 * The page table of one mapping in a client, changed through the client's userfaultfd.
 *
 * <ol>
 * <li>made before the client knows of the mapping: nothing is mapped;
 * <li>{@link #attach}: the client has laid it, and will allow access when it hears that this is
 * known;
 * <li>calls of the core, complete when they return;
 * <li>{@link #seal}, before the mapping ends while the client may live: no store gets through any
 * more.
 * </ol>
 *
 * <p>Thread-safe; what a fault needs makes no garbage.
 */
final class ClientPages implements HardwarePages {
    private static final long PIECE_BYTES = 2L << 20;
    private static final int KEEP_SIZE = 1;

    private final int userfaultfd;
    private final int device;
    private final long firstPage;
    private final long pages;
    private final long unitBytes;
    /**
     * Pages of the file from here on are past its end; below it, while resuming, poison is lifted.
     */
    private volatile long liftBefore;
    private volatile long address;

    /**
     * Creates the page table of {@code pages} pages of a file from {@code firstPage} on.
     *
     * @param device a descriptor of the device, to punch holes in
     * @param unitBytes bytes that are mapped together
     */
    ClientPages(int userfaultfd, int device, long firstPage, long pages, long unitBytes) {
        this.userfaultfd = userfaultfd;
        this.device = device;
        this.firstPage = firstPage;
        this.pages = pages;
        this.unitBytes = unitBytes;
    }

    /** Makes known where the client has laid the mapping. */
    void attach(long newAddress) {
        address = newAddress;
    }

    /**
     * Takes over the page table that an earlier server had at an address, until {@link #resumed}.
     * Pages that stand for bus errors are lifted when they are unmapped, but for those past the end
     * of the file: a page put there, if only for a moment, would answer who waits for one with
     * zeroes.
     *
     * @param endPage the first page past the end of the file
     */
    void resume(long laidAt, long endPage) {
        address = laidAt;
        liftBefore = laidAt == 0 ? 0 : endPage;
    }

    /** Returns where the mapping is laid, 0 if it is not. */
    long address() {
        return address;
    }

    long lengthBytes() {
        return pages * DaxDevice.BLOCK_BYTES;
    }

    /** Tells whether an address lies in the mapping. */
    boolean contains(long wanted) {
        long base = address;
        return base != 0 && wanted - base >= 0 && wanted - base < lengthBytes();
    }

    /** Returns the page of the file at an address of the mapping. */
    long pageAt(long wanted) {
        return firstPage + (wanted - address) / DaxDevice.BLOCK_BYTES;
    }

    private long addressOf(long filePage) {
        return address + (filePage - firstPage) * DaxDevice.BLOCK_BYTES;
    }

    @Override
    public Outcome install(long filePage, long count, boolean writable) {
        if (address == 0) {
            return Outcome.GONE;
        }
        long at = addressOf(filePage);
        long end = at + count * DaxDevice.BLOCK_BYTES;
        boolean isAnyDone = false;
        boolean isGranted = false;
        while (at < end) {
            int result = Userfaultfd.resume(userfaultfd, at, end - at, writable);
            if (result == 0) {
                return Outcome.DONE;
            }
            long done = Userfaultfd.resumedBytes();
            if (done > 0) {
                at += done;
                isAnyDone = true;
            } else if (result == -Errno.EEXIST) {
                if (!isGranted) {
                    grant(at, end - at, writable);
                    isGranted = true;
                }
                at += unitBytes;
                isAnyDone = true;
            } else if (result == -Errno.EFAULT) {
                return Outcome.ABSENT;
            } else if (result == -Errno.EIO) {
                // The memory behind the block is known to have failed: who waits gets a bus error.
                poison(at);
                at += unitBytes;
                isAnyDone = true;
            } else if (result != -Errno.EAGAIN) {
                return isAnyDone ? Outcome.DONE : Outcome.GONE;
            }
        }
        return Outcome.DONE;
    }

    /** Gives pages the right that is asked for, as far as they are mapped, and wakes who waits. */
    private void grant(long at, long length, boolean writable) {
        if (!writable) {
            Userfaultfd.wake(userfaultfd, at, length);
            return;
        }
        while (Userfaultfd.protect(userfaultfd, at, length, false) == -Errno.EAGAIN) {
            Thread.onSpinWait();
        }
    }

    @Override
    public Outcome writeProtect(long filePage, long count) {
        return address == 0 ? Outcome.DONE
                : protect(addressOf(filePage), count * DaxDevice.BLOCK_BYTES);
    }

    private Outcome protect(long at, long length) {
        int result;
        do {
            result = Userfaultfd.protect(userfaultfd, at, length, true);
        } while (result == -Errno.EAGAIN);
        return result == 0 ? Outcome.DONE : Outcome.GONE;
    }

    /**
     * From here on the bus errors that an earlier server answered with are not looked for any more.
     */
    void resumed() {
        liftBefore = 0;
    }

    @Override
    public Outcome unmap(long filePage, long deviceBlock, long count) {
        if (filePage < liftBefore) {
            liftPoison(filePage, deviceBlock, Math.min(count, liftBefore - filePage));
        }
        long length = count * DaxDevice.BLOCK_BYTES;
        try {
            Linux.punchHole(device, deviceBlock * DaxDevice.BLOCK_BYTES, length);
        } catch (ErrnoException e) {
            throw new IllegalStateException("blocks " + deviceBlock + " to "
                    + (deviceBlock + count - 1) + " cannot be taken from a client", e);
        }
        if (address != 0) {
            // A page that was write-protected leaves a mark, in the place of which no bus error can
            // be.
            Userfaultfd.unmark(userfaultfd, addressOf(filePage), length);
        }
        return Outcome.DONE;
    }

    /**
     * Nobody knows any more which pages stand for bus errors. A hole in the device does not change
     * such a page, but mapping a zeroed one in its place does; then the hole takes that. Piece by
     * piece, for the device has memory behind a piece only meanwhile.
     */
    private void liftPoison(long filePage, long deviceBlock, long count) {
        long step = Math.max(PIECE_BYTES, unitBytes) / DaxDevice.BLOCK_BYTES;
        for (long done = 0; done < count; done += step) {
            long piece = Math.min(step, count - done);
            long offset = (deviceBlock + done) * DaxDevice.BLOCK_BYTES;
            try {
                Linux.fallocate(device, KEEP_SIZE, offset, piece * DaxDevice.BLOCK_BYTES);
                install(filePage + done, piece, false);
                Linux.punchHole(device, offset, piece * DaxDevice.BLOCK_BYTES);
            } catch (ErrnoException e) {
                throw new IllegalStateException("pages " + (filePage + done) + " to "
                        + (filePage + done + piece - 1) + " of a client cannot be taken over", e);
            }
        }
    }

    /** Takes the right to store from the whole mapping. */
    void seal() {
        if (address != 0) {
            protect(address, lengthBytes());
        }
    }

    /**
     * Answers accesses to a page by bus errors; false when it is mapped, so that this cannot be.
     */
    boolean poison(long at) {
        int result;
        do {
            result = Userfaultfd.poison(userfaultfd, at & -unitBytes, unitBytes);
        } while (result == -Errno.EAGAIN);
        return result != -Errno.EEXIST;
    }

    /** Has who waits for a page fault once more. */
    void wake(long at) {
        Userfaultfd.wake(userfaultfd, at & -unitBytes, unitBytes);
    }
}
