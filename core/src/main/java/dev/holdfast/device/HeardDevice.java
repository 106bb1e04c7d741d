package dev.holdfast.device;

import dev.holdfast.device.TracedDevice.Unit;
import dev.holdfast.ffm.ErrnoException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * A device in memory whose accesses and persists a {@link DeviceListener} can hear. Persists
 * exclude each other, by a lock that is held while the listener hears of them.
 */
public abstract class HeardDevice extends MappedDevice {
    /** Keeps an older value of a line from overtaking a newer one on its way to the medium. */
    final Object lock = new Object();
    private volatile DeviceListener listener;

    HeardDevice(String name, DeviceMemory mapping, Unit unit) {
        super(name, mapping, TracedDevice.describe(unit), unit.bytes());
    }

    /** Sets who hears accesses and persists; null, the default, for nobody. */
    public final void listen(DeviceListener newListener) {
        listener = newListener;
    }

    /** Returns what is written back together. */
    public abstract Unit unit();

    // Accesses.

    @Override
    public final byte getByte(long offset) {
        byte value = super.getByte(offset);
        heardRead(offset, Byte.BYTES);
        return value;
    }

    @Override
    public final int getInt(long offset) {
        int value = super.getInt(offset);
        heardRead(offset, Integer.BYTES);
        return value;
    }

    @Override
    public final long getLong(long offset) {
        long value = super.getLong(offset);
        heardRead(offset, Long.BYTES);
        return value;
    }

    @Override
    public final void get(long offset, byte[] target, int index, int length) {
        super.get(offset, target, index, length);
        heardRead(offset, length);
    }

    @Override
    public final void putByte(long offset, byte value) {
        super.putByte(offset, value);
        heardStore(offset, Byte.BYTES);
    }

    @Override
    public final void putInt(long offset, int value) {
        super.putInt(offset, value);
        heardStore(offset, Integer.BYTES);
    }

    @Override
    public final void putLong(long offset, long value) {
        super.putLong(offset, value);
        heardStore(offset, Long.BYTES);
    }

    @Override
    public final void put(long offset, byte[] source, int index, int length) {
        super.put(offset, source, index, length);
        heardStore(offset, length);
    }

    @Override
    public final void zero(long offset, long length) {
        super.zero(offset, length);
        heardStore(offset, length);
    }

    @Override
    public long firstNonZero(long offset, long length) {
        long found = super.firstNonZero(offset, length);
        heardRead(offset, length);
        return found;
    }

    @Override
    public final void copyTo(long offset, MemorySegment target, long targetOffset, long length) {
        super.copyTo(offset, target, targetOffset, length);
        heardRead(offset, length);
    }

    @Override
    public final void copyFrom(
            MemorySegment source, long sourceOffset, long offset, long length) {
        super.copyFrom(source, sourceOffset, offset, length);
        heardStore(offset, length);
    }

    @Override
    public void handedOut(long offset, long length, boolean writable) {
        DeviceListener heardBy = listener;
        if (heardBy != null) {
            heardBy.handedOut(offset, length, writable);
        }
    }

    /** What is laid over addresses is handed out as a whole. */
    @Override
    void mapOver(long address, long offset, long length, boolean isPrivate) throws ErrnoException {
        handedOut(offset, length, !isPrivate);
        super.mapOver(address, offset, length, isPrivate);
    }

    void heardRead(long offset, long length) {
        DeviceListener heardBy = listener;
        if (heardBy != null) {
            heardBy.read(offset, length);
        }
    }

    void heardStore(long offset, long length) {
        DeviceListener heardBy = listener;
        if (heardBy != null) {
            heardBy.stored(offset, length);
        }
    }

    final void heardCrash() {
        DeviceListener heardBy = listener;
        if (heardBy != null) {
            heardBy.crashed();
        }
    }

    // Persists.

    @Override
    public final void persist(long offset, long length) throws IOException {
        synchronized (lock) {
            DeviceListener heardBy = listener;
            if (heardBy == null) {
                mayPersist();
                super.persist(offset, length);
                return;
            }
            long[] range = {offset, length};
            heardBy.beforePersist(range, 1);
            mayPersist();
            super.persist(offset, length);
            heardBy.afterPersist(range, 1);
        }
    }

    @Override
    public final void persist(long[] ranges, int count) throws IOException {
        synchronized (lock) {
            DeviceListener heardBy = listener;
            if (heardBy != null) {
                heardBy.beforePersist(ranges, count);
            }
            mayPersist();
            super.persist(ranges, count);
            if (heardBy != null) {
                heardBy.afterPersist(ranges, count);
            }
        }
    }

    /** Lets one persist call pass, or throws what it fails with. */
    void mayPersist() throws IOException {}
}
