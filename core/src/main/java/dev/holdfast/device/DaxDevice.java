package dev.holdfast.device;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Direct access to the whole of a volume: one mapping, stores by address, durability by
 * {@link #persist}.
 *
 * <p>All multi-byte values are little-endian and may be unaligned. Every metadata read and store
 * goes through the accessors, never through {@link #memory()}, so that a traced device sees them;
 * so does file data that is read and written. What a user gets to see of {@code memory()} is
 * announced by {@link #handedOut}. Offsets are in bytes from the start of the device; every
 * accessor checks them and throws {@link IndexOutOfBoundsException} before any address is made.
 *
 * <p>Thread safety: accessors are plain loads and stores, ordered by the caller's locks;
 * {@code persist} may be called by any number of threads at once.
 */
public abstract class DaxDevice implements AutoCloseable {
    /** Bytes of a cache line: the unit of write-back on line media. */
    public static final int LINE_BYTES = 64;
    /** Bytes of a block, and of a page. */
    public static final int BLOCK_BYTES = 4096;

    private static final MemorySegment ZEROES =
            MemorySegment.ofArray(new byte[16 * BLOCK_BYTES]).asReadOnly();

    /** Returns the size of the device in bytes, a multiple of {@link #BLOCK_BYTES}. */
    public abstract long sizeBytes();

    /**
     * Returns the memory of the whole device; alive until {@link #close}, shared between threads.
     */
    public abstract MemorySegment memory();

    /** Loads a byte. */
    public abstract byte getByte(long offset);

    /** Loads 4 bytes, little-endian. */
    public abstract int getInt(long offset);

    /** Loads 8 bytes, little-endian. */
    public abstract long getLong(long offset);

    /** Loads {@code length} bytes from {@code offset} into {@code target}. */
    public abstract void get(long offset, byte[] target, int index, int length);

    /** Stores a byte. */
    public abstract void putByte(long offset, byte value);

    /** Stores 4 bytes, little-endian. */
    public abstract void putInt(long offset, int value);

    /** Stores 8 bytes, little-endian. */
    public abstract void putLong(long offset, long value);

    /** Stores {@code length} bytes of {@code source} at {@code offset}. */
    public abstract void put(long offset, byte[] source, int index, int length);

    /** Fills a range with zero bytes; not durable until persisted. */
    public abstract void zero(long offset, long length);

    /** Returns the offset of the first byte of a range that is not zero, or -1. */
    public long firstNonZero(long offset, long length) {
        for (long done = 0; done < length; done += ZEROES.byteSize()) {
            long part = Math.min(ZEROES.byteSize(), length - done);
            long from = offset + done;
            long found = MemorySegment.mismatch(memory(), from, from + part, ZEROES, 0, part);
            if (found >= 0) {
                return from + found;
            }
        }
        return -1;
    }

    /** Copies {@code length} bytes of the device, file data that is read, into {@code target}. */
    public void copyTo(long offset, MemorySegment target, long targetOffset, long length) {
        MemorySegment.copy(memory(), offset, target, targetOffset, length);
    }

    /** Copies {@code length} bytes of {@code source}, file data that is written, to the device. */
    public void copyFrom(MemorySegment source, long sourceOffset, long offset, long length) {
        MemorySegment.copy(source, sourceOffset, memory(), offset, length);
    }

    /**
     * Is told that a user gets memory that shows a range of the device: from now on it may be
     * loaded, and stored to if {@code writable}, without any call here. A device that hears
     * accesses takes note; others do nothing.
     */
    public void handedOut(long offset, long length, boolean writable) {}

    /**
     * Makes every store to the range, by any thread and before this call, durable on the medium
     * that {@link #medium()} describes. One barrier; the lines touched are counted, partial ones
     * whole. An empty range is nothing to do.
     *
     * @throws IOException when the medium refuses; nothing may then be taken for durable
     */
    public abstract void persist(long offset, long length) throws IOException;

    /**
     * Makes {@code count} ranges durable, given as offset and length pairs in {@code ranges}, with
     * as few barriers as the write-back path allows: ranges in ascending order that meet are
     * written back as one, and a line that two of them share once; on page media so are ranges
     * near each other, with what lies between. No order of the ranges is promised.
     *
     * @throws IOException when the medium refuses; nothing may then be taken for durable
     */
    public abstract void persist(long[] ranges, int count) throws IOException;

    /**
     * Asks the operating system to have the pages of a range ready, contents unchanged, so that a
     * first store does not pay for them. A hint: does nothing where there is no such call.
     */
    public abstract void populate(long offset, long length);

    /**
     * Says that a range will be persisted in pieces much smaller than a page, again and again. A
     * hint: does nothing but on page media, where it keeps what one persist writes as small as it
     * can be.
     */
    public void expectSmallPersists(long offset, long length) {
        // Line media write back lines.
    }

    /**
     * Says whether all of the device was known to read as zero when it was opened: it was created
     * here, of zeroes. For mkfs, before its first store.
     */
    public abstract boolean isKnownZeroWhenNew();

    /** Returns granularity, write-back instruction, mapping unit, and what the medium survives. */
    public abstract Medium medium();

    /** Returns the live counters of this device. */
    public abstract DeviceCounters counters();

    /**
     * Returns a range of addresses, {@code lengthBytes} long, over which device blocks can be laid.
     */
    public abstract AddressWindow newWindow(long lengthBytes) throws IOException;

    /**
     * Returns a window over addresses that the caller owns, such as a mapping of a scratch file
     * made by the JDK: what was mapped there gives way, part by part, to what is laid. Closing the
     * window lays nothing more and unmaps nothing: the addresses stay the caller's to unmap,
     * <em>after</em> that.
     *
     * @param address start, a multiple of the page size
     * @throws HoldfastException NOT_SUPPORTED by a device that is not one mapping of a file
     */
    public AddressWindow windowOver(long address, long lengthBytes) throws IOException {
        throw new HoldfastException(ErrorCode.NOT_SUPPORTED,
                name() + " cannot be laid over addresses of others");
    }

    /**
     * Opens the file behind the device once more, for another process to map: a descriptor, the
     * caller's to close, that holds none of the device's locks.
     *
     * @throws HoldfastException NOT_SUPPORTED by a device that is not one file
     */
    public int openShared() throws IOException {
        throw new HoldfastException(ErrorCode.NOT_SUPPORTED,
                name() + " has no file that another process can map");
    }

    /**
     * Returns the device as it is now, to read and to scribble on: stores to the view stay in it.
     * This device must stay open, and nobody store to it, while the view is used.
     *
     * @throws IOException when there are no addresses for it, or no such mapping on this system
     */
    public abstract DaxDevice privateView() throws IOException;

    /** Returns the name shown to users: a path, or what kind of memory it is. */
    public abstract String name();

    /**
     * Unmaps the device. Idempotent. Waits for persists that are running; later accesses and
     * persists throw {@link IllegalStateException}. Windows stay open.
     *
     * @throws IllegalStateException while a native call holds {@link #memory()}; the device then
     *     stays open
     */
    @Override
    public abstract void close();
}
