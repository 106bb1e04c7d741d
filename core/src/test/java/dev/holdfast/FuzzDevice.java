package dev.holdfast;

import dev.holdfast.device.AddressWindow;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.device.DeviceCounters;
import dev.holdfast.device.Medium;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A device in plain memory that is quickly set back to an image: it keeps no model of durability,
 * and any access past its end throws.
 */
public final class FuzzDevice extends DaxDevice {
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment memory;
    private final DeviceCounters counters = new DeviceCounters();

    public FuzzDevice(long sizeBytes) {
        memory = Arena.ofAuto().allocate(sizeBytes, BLOCK_BYTES);
    }

    /** Returns a copy of everything on the device. */
    public byte[] image() {
        return memory.toArray(ValueLayout.JAVA_BYTE);
    }

    /** Makes the device what it was when {@code image} was taken. */
    public void reset(byte[] image) {
        MemorySegment.copy(image, 0, memory, ValueLayout.JAVA_BYTE, 0, image.length);
    }

    @Override
    public long sizeBytes() {
        return memory.byteSize();
    }

    @Override
    public MemorySegment memory() {
        return memory;
    }

    @Override
    public byte getByte(long offset) {
        return memory.get(ValueLayout.JAVA_BYTE, offset);
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
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, target, index, length);
    }

    @Override
    public void putByte(long offset, byte value) {
        memory.set(ValueLayout.JAVA_BYTE, offset, value);
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
        MemorySegment.copy(source, index, memory, ValueLayout.JAVA_BYTE, offset, length);
    }

    @Override
    public void zero(long offset, long length) {
        memory.asSlice(offset, length).fill((byte) 0);
    }

    @Override
    public void persist(long offset, long length) {
        memory.asSlice(offset, length);
    }

    @Override
    public void persist(long[] ranges, int count) {
        for (int i = 0; i < count; i++) {
            persist(ranges[2 * i], ranges[2 * i + 1]);
        }
    }

    @Override
    public void populate(long offset, long length) {
        memory.asSlice(offset, length);
    }

    @Override
    public boolean isKnownZeroWhenNew() {
        return true;
    }

    @Override
    public Medium medium() {
        return new Medium(Medium.Granularity.LINE, Medium.WriteBack.SIMULATED,
                Medium.Survives.NOTHING, BLOCK_BYTES, "plain memory, for tests");
    }

    @Override
    public DeviceCounters counters() {
        return counters;
    }

    @Override
    public DaxDevice privateView() {
        throw new UnsupportedOperationException("no views of plain memory");
    }

    @Override
    public AddressWindow windowOver(long address, long lengthBytes) {
        throw new UnsupportedOperationException("no windows over plain memory");
    }

    @Override
    public AddressWindow newWindow(long lengthBytes) throws IOException {
        throw new UnsupportedOperationException("no windows over plain memory");
    }

    @Override
    public String name() {
        return "fuzz";
    }

    @Override
    public void close() {
        // The collector frees the memory.
    }
}
