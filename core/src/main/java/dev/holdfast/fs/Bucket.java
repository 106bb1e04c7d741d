package dev.holdfast.fs;

import dev.holdfast.codec.LittleEndian;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The value of a DENTRY or XATTR item: every name with one hash, each with its content. Layout of
 * an entry: name length 1, content length 2, name, content.
 */
final class Bucket {
    private static final int HEADER = 3;

    /** One name and what it stands for. */
    record Entry(byte[] name, byte[] content) {
        private int bytes() {
            return HEADER + name.length + content.length;
        }
    }

    private final List<Entry> entries = new ArrayList<>(1);

    /** Decodes an item's value; null stands for no item, {@code what} says whose names they are. */
    static Bucket decode(byte[] value, Object what) throws HoldfastException {
        Bucket bucket = new Bucket();
        for (int at = 0; value != null && at < value.length; ) {
            int nameLength = value[at] & 0xFF;
            int end = at + HEADER;
            int contentLength = end <= value.length ? LittleEndian.getShort(value, at + 1) : 0;
            if (nameLength == 0 || end + nameLength + contentLength > value.length) {
                throw new HoldfastException(ErrorCode.CORRUPT,
                        what + ": an entry passes its item's end");
            }
            bucket.entries.add(new Entry(Arrays.copyOfRange(value, end, end + nameLength),
                    Arrays.copyOfRange(value, end + nameLength, end + nameLength + contentLength)));
            at = end + nameLength + contentLength;
        }
        return bucket;
    }

    byte[] encode() {
        int bytes = 0;
        for (Entry entry : entries) {
            bytes += entry.bytes();
        }
        byte[] value = new byte[bytes];
        int at = 0;
        for (Entry entry : entries) {
            value[at] = (byte) entry.name.length;
            LittleEndian.putShort(value, at + 1, entry.content.length);
            System.arraycopy(entry.name, 0, value, at + HEADER, entry.name.length);
            System.arraycopy(entry.content, 0, value, at + HEADER + entry.name.length,
                    entry.content.length);
            at += entry.bytes();
        }
        return value;
    }

    List<Entry> entries() {
        return entries;
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Returns the content of a name, or null. */
    byte[] get(byte[] name) {
        for (Entry entry : entries) {
            if (Arrays.equals(entry.name, name)) {
                return entry.content;
            }
        }
        return null;
    }

    /** Sets the content of a name. */
    void put(byte[] name, byte[] content) {
        remove(name);
        entries.add(new Entry(name, content));
    }

    /** Removes a name; tells whether it was there. */
    boolean remove(byte[] name) {
        return entries.removeIf(entry -> Arrays.equals(entry.name, name));
    }
}
