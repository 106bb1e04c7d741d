package dev.holdfast.log;

import dev.holdfast.codec.LittleEndian;
import dev.holdfast.device.DaxDevice;
import java.util.Arrays;

/**
 * A record being built: ops are encoded behind room for the header, which {@link Log#append} fills
 * in.
 *
 * <ol>
 *   <li>{@link #clear}, or a new buffer: no payload;
 *   <li>puts, each behind the one before, little-endian, growing the buffer as needed;
 *   <li>{@link Log#append} stores it; the buffer may then be cleared and used again.
 * </ol>
 *
 * <p>Not thread-safe: one buffer a thread.
 */
public final class RecordBuffer {
    private static final int INITIAL_BYTES = 4 * DaxDevice.LINE_BYTES;
    /** Whole lines, and more than any record may take: larger ones are refused by the log. */
    private static final int MAX_BYTES = 1 << 24;

    /** Always a whole number of lines. */
    private byte[] bytes = new byte[INITIAL_BYTES];
    private int end = RecordFormat.HEADER_BYTES;

    /** Forgets the payload; the memory is kept. */
    public void clear() {
        end = RecordFormat.HEADER_BYTES;
    }

    /** Returns the bytes put so far. */
    public int payloadBytes() {
        return end - RecordFormat.HEADER_BYTES;
    }

    /** Returns the log lines that the record takes now, its header included. */
    public int lines() {
        return RecordFormat.lines(payloadBytes());
    }

    /** Appends one byte. */
    public RecordBuffer putByte(int value) {
        int at = grow(Byte.BYTES);
        bytes[at] = (byte) value;
        return this;
    }

    /** Appends the low 2 bytes of {@code value}. */
    public RecordBuffer putShort(int value) {
        int at = grow(Short.BYTES);
        LittleEndian.putShort(bytes, at, (short) value);
        return this;
    }

    /** Appends 4 bytes. */
    public RecordBuffer putInt(int value) {
        int at = grow(Integer.BYTES);
        LittleEndian.putInt(bytes, at, value);
        return this;
    }

    /** Appends 8 bytes. */
    public RecordBuffer putLong(long value) {
        int at = grow(Long.BYTES);
        LittleEndian.putLong(bytes, at, value);
        return this;
    }

    /** Appends all of {@code source}, without its length. */
    public RecordBuffer putBytes(byte[] source) {
        return putBytes(source, 0, source.length);
    }

    /** Appends a range of {@code source}, without its length. */
    public RecordBuffer putBytes(byte[] source, int index, int length) {
        int at = grow(length);
        System.arraycopy(source, index, bytes, at, length);
        return this;
    }

    /** Returns the array with the header first; zero from the payload's end to the line's end. */
    byte[] sealable() {
        Arrays.fill(bytes, end, lines() * DaxDevice.LINE_BYTES, (byte) 0);
        return bytes;
    }

    /** Makes room for {@code length} more bytes and returns where they go. */
    private int grow(int length) {
        int at = end;
        if (length > bytes.length - at) {
            enlarge(length);
        }
        end = at + length;
        return at;
    }

    private void enlarge(int length) {
        long wanted = (long) end + length;
        if (wanted > MAX_BYTES) {
            throw new IllegalStateException("a record of " + wanted
                    + " bytes is past the format's limit of " + MAX_BYTES
                    + "; split the operation");
        }
        int capacity = bytes.length;
        while (capacity < wanted) {
            capacity *= 2;
        }
        bytes = Arrays.copyOf(bytes, capacity);
    }
}
