package dev.holdfast.device;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.ffm.Descriptors;
import dev.holdfast.ffm.ErrnoException;
import dev.holdfast.ffm.Linux;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * A device over one mapping: what all devices share. Accesses are checked against bounds and life
 * by the memory segment; write-back, which takes raw addresses, by {@link PersistGate}.
 *
 * <p>Durability: {@link #persist} rounds a range out to the medium's unit and writes it back with
 * one barrier; several ranges that follow each other in order and meet within a unit become one.
 */
abstract class MappedDevice extends DaxDevice {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /**
     * Bytes between two ranges that one {@code msync} still spans: writing them, if they are dirty
     * at all, takes less time than another flush of the disk.
     */
    static final long MSYNC_GAP_BYTES = 128 << 10;

    private final String name;
    private final Medium medium;
    private final long unitBytes;
    private final DeviceMemory mapping;
    private final MemorySegment memory;
    private final long sizeBytes;
    private final DeviceCounters counters = new DeviceCounters();
    private final PersistGate gate = new PersistGate();

    /** Takes over {@code mapping}; stores become durable in units of {@code unitBytes}. */
    MappedDevice(String name, DeviceMemory mapping, Medium medium, long unitBytes) {
        this.name = name;
        this.mapping = mapping;
        this.medium = medium;
        this.unitBytes = unitBytes;
        this.memory = mapping.segment();
        this.sizeBytes = memory.byteSize();
    }

    /** Checks the size of a new device. */
    static long checkSize(long sizeBytes) {
        if (sizeBytes <= 0 || sizeBytes % BLOCK_BYTES != 0) {
            throw new IllegalArgumentException(
                    "size " + sizeBytes + " is not a positive multiple of " + BLOCK_BYTES);
        }
        return sizeBytes;
    }

    @Override
    public final long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public final MemorySegment memory() {
        return memory;
    }

    @Override
    public byte getByte(long offset) {
        return memory.get(BYTE, offset);
    }

    @Override
    public int getInt(long offset) {
        return memory.get(INT, offset);
    }

    @Override
    public long getLong(long offset) {
        return memory.get(LONG, offset);
    }

    @Override
    public void get(long offset, byte[] target, int index, int length) {
        MemorySegment.copy(memory, BYTE, offset, target, index, length);
    }

    @Override
    public void putByte(long offset, byte value) {
        memory.set(BYTE, offset, value);
    }

    @Override
    public void putInt(long offset, int value) {
        memory.set(INT, offset, value);
    }

    @Override
    public void putLong(long offset, long value) {
        memory.set(LONG, offset, value);
    }

    @Override
    public void put(long offset, byte[] source, int index, int length) {
        MemorySegment.copy(source, index, memory, BYTE, offset, length);
    }

    @Override
    public void zero(long offset, long length) {
        memory.asSlice(offset, length).fill((byte) 0);
    }

    @Override
    public void persist(long offset, long length) throws IOException {
        Objects.checkFromIndexSize(offset, length, sizeBytes);
        gate.enter();
        try {
            if (length != 0) {
                long start = roundDown(offset);
                long end = roundUp(offset + length);
                writeBackRun(start, end, end - start, length);
            }
        } finally {
            gate.exit();
        }
    }

    @Override
    public void persist(long[] ranges, int count) throws IOException {
        Objects.checkFromIndexSize(0, Math.multiplyExact(count, 2), ranges.length);
        for (int i = 0; i < count; i++) {
            Objects.checkFromIndexSize(ranges[2 * i], ranges[2 * i + 1], sizeBytes);
        }
        gate.enter();
        try {
            writeBackRuns(ranges, count);
        } finally {
            gate.exit();
        }
    }

    /**
     * Joins ranges that follow each other in order and share or touch units, into runs; where each
     * run is a system call and a flush of the disk, also ranges that are merely near. What lies
     * between may then become durable early, as any store may at any time; it is not counted.
     */
    private void writeBackRuns(long[] ranges, int count) throws IOException {
        long joinedGap = medium.writeBack() == Medium.WriteBack.MSYNC ? MSYNC_GAP_BYTES : 0;
        long runStart = 0;
        long pieceStart = 0;
        long runEnd = 0;
        long runUnits = 0;
        long runBytes = 0;
        for (int i = 0; i < count; i++) {
            long length = ranges[2 * i + 1];
            if (length == 0) {
                continue;
            }
            long start = roundDown(ranges[2 * i]);
            long end = roundUp(ranges[2 * i] + length);
            if (runBytes != 0 && (start < pieceStart || start > runEnd + joinedGap)) {
                writeBackRun(runStart, runEnd, runUnits, runBytes);
                runBytes = 0;
            }
            if (runBytes == 0) {
                runStart = start;
                runEnd = start;
                pieceStart = start;
                runUnits = 0;
            }
            pieceStart = start > runEnd ? start : pieceStart;
            runUnits += Math.max(0, end - Math.max(start, runEnd));
            runEnd = Math.max(runEnd, end);
            runBytes += length;
        }
        if (runBytes != 0) {
            writeBackRun(runStart, runEnd, runUnits, runBytes);
        }
    }

    private void writeBackRun(long start, long end, long unitBytes, long askedBytes)
            throws IOException {
        boolean barrier = writeBack(start, end - start);
        counters.count(unitBytes / LINE_BYTES, askedBytes, barrier ? 1 : 0);
    }

    /**
     * Writes back whole units and tells whether a barrier was executed. The mapping stays alive
     * meanwhile.
     */
    boolean writeBack(long offset, long length) throws IOException {
        if (mapping.isReadOnly()) {
            throw new HoldfastException(
                    ErrorCode.READ_ONLY, name + " is open for reading only: nothing to persist");
        }
        switch (medium.writeBack()) {
            case CACHE_LINE -> CacheLines.writeBack(memory.address() + offset, length);
            case MSYNC -> msync(offset, length);
            case NONE -> {
                return false;
            }
            case SIMULATED -> throw new AssertionError("a traced device writes back by itself");
        }
        return true;
    }

    /**
     * Writes pages to the disk and flushes its cache. Why the bytes are durable when it returns:
     * the kernel's {@code msync(MS_SYNC)} is an fdatasync of the range. It writes its dirty pages
     * and waits for them; then it makes durable what reading them back needs of the host's
     * metadata, which is nothing where {@link FileMaker} has written every block; and then it sends
     * the disk a flush, journal commit or not. The times that a store changes are not waited for.
     * Measured beside {@code sync_file_range} + fdatasync, {@code RWF_DSYNC} and {@code O_DIRECT}
     * writes, on ext4 with and without a journal: none is faster (docs/performance.md).
     */
    private void msync(long offset, long length) throws HoldfastException {
        try {
            Linux.msync(memory.address() + offset, length);
        } catch (ErrnoException e) {
            throw new HoldfastException(ErrorCode.IO_ERROR, name + ": writing back " + length
                    + " bytes at offset " + offset + " failed; check the disk", e);
        }
    }

    private long roundDown(long offset) {
        return offset & -unitBytes;
    }

    private long roundUp(long offset) {
        return Math.min(offset + unitBytes - 1 & -unitBytes, sizeBytes);
    }

    @Override
    public void populate(long offset, long length) {
        Objects.checkFromIndexSize(offset, length, sizeBytes);
        if (mapping.fd() == DeviceMemory.NO_FILE || mapping.isReadOnly()) {
            return;
        }
        long pageBytes = Linux.pageBytes();
        long start = offset & -pageBytes;
        gate.enter();
        try {
            Linux.madvise(memory.address() + start, offset + length - start,
                    Linux.MADV_POPULATE_WRITE);
        } catch (ErrnoException ignored) {
            // A hint: kernels before 5.14 do not know it, and a page that cannot be had now will
            // say so when it is stored to.
        } finally {
            gate.exit();
        }
    }

    @Override
    public final Medium medium() {
        return medium;
    }

    @Override
    public final DeviceCounters counters() {
        return counters;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public AddressWindow newWindow(long lengthBytes) throws IOException {
        gate.enter();
        try {
            return MappedWindow.reserve(this, lengthBytes);
        } finally {
            gate.exit();
        }
    }

    @Override
    public AddressWindow windowOver(long address, long lengthBytes) throws IOException {
        return MappedWindow.over(this, address, lengthBytes);
    }

    /** Maps a range of the device over addresses that the caller owns. */
    void mapOver(long address, long offset, long length, boolean isPrivate) throws ErrnoException {
        boolean writable = isPrivate || !mapping.isReadOnly();
        int prot = writable ? Linux.PROT_READ | Linux.PROT_WRITE : Linux.PROT_READ;
        int flags = isPrivate ? Linux.MAP_PRIVATE | Linux.MAP_NORESERVE : mapping.mapFlags();
        gate.enter();
        try {
            Linux.mmap(address, length, prot, flags | Linux.MAP_FIXED, mapping.fd(), offset);
        } finally {
            gate.exit();
        }
    }

    /**
     * Has pages of a file mapping read one by one from now on, where a persist writes whole folios
     * of the page cache: reading ahead makes those as large as 2 MiB.
     */
    void adviseSmallPages(MemorySegment mapped) {
        if (medium.granularity() == Medium.Granularity.PAGE) {
            advise(mapped, Linux.MADV_RANDOM);
        }
    }

    /** Gives advice that changes no content; it is none the worse for not being taken. */
    static void advise(MemorySegment mapped, int advice) {
        try {
            Linux.madvise(mapped.address(), mapped.byteSize(), advice);
        } catch (ErrnoException ignored) {
            // A hint.
        }
    }

    final DeviceMemory mapping() {
        return mapping;
    }

    final PersistGate gate() {
        return gate;
    }

    @Override
    public int openShared() throws IOException {
        if (mapping.fd() == DeviceMemory.NO_FILE) {
            return super.openShared();
        }
        try {
            return Descriptors.openAgain(mapping.fd(), mapping.isReadOnly());
        } catch (ErrnoException e) {
            throw DeviceErrors.translate(name + ": opening it for another process", e);
        }
    }

    @Override
    public DaxDevice privateView() throws IOException {
        if (mapping.fd() == DeviceMemory.NO_FILE) {
            throw new HoldfastException(ErrorCode.NOT_SUPPORTED,
                    name + " has no file to map again: private views need Linux");
        }
        gate.enter();
        try {
            return PrivateView.of(this);
        } catch (ErrnoException e) {
            throw DeviceErrors.translate(name + ": mapping it privately", e);
        } finally {
            gate.exit();
        }
    }

    /** Gives up what the device holds. */
    void release() {
        mapping.close();
    }

    @Override
    public void close() {
        if (!gate.close()) {
            return;
        }
        try {
            release();
        } catch (IllegalStateException heldByNativeCall) {
            gate.reopen();
            throw heldByNativeCall;
        }
    }
}
