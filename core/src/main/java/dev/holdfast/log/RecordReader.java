package dev.holdfast.log;

import dev.holdfast.codec.LittleEndian;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.Arrays;

/**
 * Reads a record's payload in order, checking each bound: a payload that ends too early is damage,
 * named by LSN and position.
 *
 * <p>Valid only within the {@link RecordVisitor} call that was given it. Not thread-safe.
 */
public final class RecordReader {
    private byte[] bytes;
    private long lsn;
    private int position;
    private int end;

    RecordReader() {}

    /** Points this reader at the payload of the record at {@code lsn}. */
    void reset(byte[] record, int payloadBytes, long recordLsn) {
        bytes = record;
        lsn = recordLsn;
        position = RecordFormat.HEADER_BYTES;
        end = RecordFormat.HEADER_BYTES + payloadBytes;
    }

    /** Returns the LSN of the record. */
    public long lsn() {
        return lsn;
    }

    /** Returns the position of the next byte in the payload. */
    public int position() {
        return position - RecordFormat.HEADER_BYTES;
    }

    /** Returns the bytes not yet read. */
    public int remaining() {
        return end - position;
    }

    /** Reads a byte. */
    public byte getByte() throws HoldfastException {
        return bytes[take(Byte.BYTES)];
    }

    /** Reads a byte as 0 to 255. */
    public int getUnsignedByte() throws HoldfastException {
        return Byte.toUnsignedInt(getByte());
    }

    /** Reads 2 bytes. */
    public short getShort() throws HoldfastException {
        return (short) LittleEndian.getShort(bytes, take(Short.BYTES));
    }

    /** Reads 2 bytes as 0 to 65535. */
    public int getUnsignedShort() throws HoldfastException {
        return Short.toUnsignedInt(getShort());
    }

    /** Reads 4 bytes. */
    public int getInt() throws HoldfastException {
        return LittleEndian.getInt(bytes, take(Integer.BYTES));
    }

    /** Reads 8 bytes. */
    public long getLong() throws HoldfastException {
        return LittleEndian.getLong(bytes, take(Long.BYTES));
    }

    /**
     * Reads {@code length} bytes into a new array; nothing is allocated before the length is
     * checked.
     */
    public byte[] getBytes(int length) throws HoldfastException {
        int at = take(length);
        return Arrays.copyOfRange(bytes, at, at + length);
    }

    /** Returns a failure that names this record and position, for an op that makes no sense. */
    public HoldfastException corrupt(String what) {
        return new HoldfastException(ErrorCode.CORRUPT, "log record at LSN " + lsn
                + ", payload byte " + position() + ": " + what
                + "; run check, or restore the volume");
    }

    private int take(int length) throws HoldfastException {
        if (length < 0 || length > end - position) {
            throw corrupt(length + " bytes wanted, " + remaining() + " left");
        }
        int at = position;
        position = at + length;
        return at;
    }
}
