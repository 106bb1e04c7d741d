package dev.holdfast.fuse;

import dev.holdfast.file.NameText;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * One request as it came, read in place. Nothing in it is trusted: every field is within what was
 * read, or the answer is EINVAL.
 *
 * <p>Used again and again by one worker: {@link #accept} takes the next request.
 */
final class Request {
    private final MemorySegment buffer;
    private int opcode;
    private long unique;
    private long node;
    private int uid;
    private int gid;
    private int pid;
    private int bodyBytes;

    Request(MemorySegment buffer) {
        this.buffer = buffer;
    }

    /** Returns where requests are read to. */
    MemorySegment buffer() {
        return buffer;
    }

    /** Takes what was read; false when not even an error could be sent for it. */
    boolean accept(long bytes) {
        if (bytes < Wire.IN_HEADER_BYTES || bytes > buffer.byteSize()) {
            return false;
        }
        opcode = buffer.get(JAVA_INT_UNALIGNED, Wire.IN_OPCODE);
        unique = buffer.get(JAVA_LONG_UNALIGNED, Wire.IN_UNIQUE);
        node = buffer.get(JAVA_LONG_UNALIGNED, Wire.IN_NODE);
        uid = buffer.get(JAVA_INT_UNALIGNED, Wire.IN_UID);
        gid = buffer.get(JAVA_INT_UNALIGNED, Wire.IN_GID);
        pid = buffer.get(JAVA_INT_UNALIGNED, Wire.IN_PID);
        int extension = 8 * Short.toUnsignedInt(
                buffer.get(JAVA_SHORT_UNALIGNED, Wire.IN_EXTENSION_WORDS));
        long length = Integer.toUnsignedLong(
                buffer.get(JAVA_INT_UNALIGNED, Wire.IN_LENGTH));
        boolean fits = length == bytes && extension <= bytes - Wire.IN_HEADER_BYTES;
        bodyBytes = fits ? (int) bytes - Wire.IN_HEADER_BYTES - extension : -1;
        return true;
    }

    /** Throws if the lengths in the header do not agree with what was read. */
    void requireWellFormed() throws FuseException {
        if (bodyBytes < 0) {
            throw invalid("its length is not what was read");
        }
    }

    int opcode() {
        return opcode;
    }

    long unique() {
        return unique;
    }

    long node() {
        return node;
    }

    int uid() {
        return uid;
    }

    int gid() {
        return gid;
    }

    /** Returns the thread that asks, or 0 where it is the kernel itself or out of sight. */
    int pid() {
        return pid;
    }

    int bodyBytes() {
        return bodyBytes;
    }

    int getInt(int offset) throws FuseException {
        requireBody(offset, Integer.BYTES);
        return buffer.get(JAVA_INT_UNALIGNED, Wire.IN_HEADER_BYTES + offset);
    }

    long getLong(int offset) throws FuseException {
        requireBody(offset, Long.BYTES);
        return buffer.get(JAVA_LONG_UNALIGNED, Wire.IN_HEADER_BYTES + offset);
    }

    /** Returns an unsigned 32-bit size. */
    long getSize(int offset) throws FuseException {
        return Integer.toUnsignedLong(getInt(offset));
    }

    /** Returns {@code length} bytes of the body, in place. */
    MemorySegment bytes(int offset, long length) throws FuseException {
        requireBody(offset, length);
        return buffer.asSlice(Wire.IN_HEADER_BYTES + offset, length);
    }

    /** Returns the end of the buffer, which an operation may use once it has read its fields. */
    MemorySegment spare(long bytes) {
        return buffer.asSlice(buffer.byteSize() - bytes, bytes);
    }

    /** Returns the offset past the NUL that ends the string at {@code offset}. */
    int after(int offset) throws FuseException {
        for (int at = offset; at < bodyBytes; at++) {
            if (buffer.get(JAVA_BYTE, Wire.IN_HEADER_BYTES + at) == 0) {
                return at + 1;
            }
        }
        throw invalid("a string without an end");
    }

    /**
     * Returns the string at {@code offset}: what {@link NameText} makes of the bytes up to a NUL.
     */
    String string(int offset) throws FuseException {
        int length = after(offset) - 1 - offset;
        byte[] bytes = new byte[length];
        MemorySegment.copy(buffer, JAVA_BYTE, Wire.IN_HEADER_BYTES + offset, bytes, 0, length);
        return NameText.decode(bytes);
    }

    private void requireBody(int offset, long length) throws FuseException {
        if (offset < 0 || length < 0 || offset > bodyBytes - length) {
            throw invalid("a field past its end");
        }
    }

    FuseException invalid(String why) {
        return new FuseException(FuseErrno.EINVAL, "request with opcode " + opcode + ": " + why);
    }
}
