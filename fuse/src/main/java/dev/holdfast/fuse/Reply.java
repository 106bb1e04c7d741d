package dev.holdfast.fuse;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.holdfast.dax.DaxIo;
import dev.holdfast.ffm.LinuxMount;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The answer to one request.
 *
 * <ol>
 * <li>{@link #begin} for a request;
 * <li>the operation fills the body, or shows runs of the volume ({@link #run});
 * <li>{@link #send}, {@link #sendError}, or for runs {@link #finish}: once.
 * </ol>
 *
 * <p>Used again and again by one worker.
 */
final class Reply implements DaxIo.RunReader {
    static final int BODY_BYTES = 128 << 10;
    private static final int IOVECS = 1024;

    private final Channel channel;
    /** The whole volume, native; runs are sent from it. */
    private final MemorySegment volume;
    private final MemorySegment zeroes;
    private final MemorySegment message;
    private final MemorySegment iovecs;
    private long unique;
    private int bodyBytes;
    private int runs;
    private long runBytes;
    private boolean isSent;
    private int refusal;
    /** Nodes that this reply makes known to the kernel; taken back if it cannot be sent. */
    private long[] granted = new long[64];
    private int grants;

    Reply(Channel channel, MemorySegment volume, MemorySegment zeroes, Arena arena) {
        this.channel = channel;
        this.volume = volume;
        this.zeroes = zeroes;
        this.message = arena.allocate(Wire.OUT_HEADER_BYTES + BODY_BYTES, 64);
        this.iovecs = arena.allocate(IOVECS * LinuxMount.IOVEC_BYTES, 8);
    }

    void begin(long requestUnique) {
        unique = requestUnique;
        bodyBytes = 0;
        runs = 0;
        runBytes = 0;
        grants = 0;
        isSent = false;
        refusal = 0;
    }

    boolean isSent() {
        return isSent;
    }

    /** Adds {@code length} zero bytes to the body; returns where they begin. */
    int add(int length) {
        int at = bodyBytes;
        message.asSlice(Wire.OUT_HEADER_BYTES + at, length).fill((byte) 0);
        bodyBytes += length;
        return at;
    }

    int bodyBytes() {
        return bodyBytes;
    }

    void putShort(int offset, int value) {
        message.set(JAVA_SHORT_UNALIGNED, Wire.OUT_HEADER_BYTES + offset, (short) value);
    }

    void putInt(int offset, int value) {
        message.set(JAVA_INT_UNALIGNED, Wire.OUT_HEADER_BYTES + offset, value);
    }

    void putLong(int offset, long value) {
        message.set(JAVA_LONG_UNALIGNED, Wire.OUT_HEADER_BYTES + offset, value);
    }

    void putBytes(int offset, byte[] bytes) {
        MemorySegment.copy(bytes, 0, message, JAVA_BYTE, Wire.OUT_HEADER_BYTES + offset,
                bytes.length);
    }

    /** Notes that the kernel will know a node by this reply. */
    void granted(long node) {
        if (grants == granted.length) {
            granted = java.util.Arrays.copyOf(granted, 2 * grants);
        }
        granted[grants++] = node;
    }

    /** Returns how many nodes this reply grants. */
    int grants() {
        return grants;
    }

    long grantedNode(int index) {
        return granted[index];
    }

    private void header(long length, int error) {
        message.set(JAVA_INT_UNALIGNED, Wire.OUT_LENGTH, (int) length);
        message.set(JAVA_INT_UNALIGNED, Wire.OUT_ERROR, -error);
        message.set(JAVA_LONG_UNALIGNED, Wire.OUT_UNIQUE, unique);
    }

    /**
     * Answers with an errno instead, when the operation returns: for what is no failure of it, and
     * too common for an exception.
     */
    void refuse(int errno) {
        refusal = errno;
    }

    /** Returns what {@link #refuse} was told, or 0. */
    int refusal() {
        return refusal;
    }

    void send() throws IOException {
        isSent = true;
        long length = Wire.OUT_HEADER_BYTES + bodyBytes;
        header(length, 0);
        channel.send(message, length);
    }

    void sendError(int errno) throws IOException {
        isSent = true;
        header(Wire.OUT_HEADER_BYTES, errno);
        channel.send(message, Wire.OUT_HEADER_BYTES);
    }

    @Override
    public void run(long deviceOffset, long length) {
        MemorySegment bytes = deviceOffset == ZEROES ? zeroes.asSlice(0, length)
                : volume.asSlice(deviceOffset, length);
        runs++;
        iovec(runs, bytes.address(), length);
        runBytes += length;
    }

    private void iovec(int index, long address, long length) {
        iovecs.set(JAVA_LONG_UNALIGNED, index * LinuxMount.IOVEC_BYTES, address);
        iovecs.set(JAVA_LONG_UNALIGNED, index * LinuxMount.IOVEC_BYTES + 8, length);
    }

    /** Sends the runs, straight from the volume's pages. */
    @Override
    public void finish() throws IOException {
        isSent = true;
        header(Wire.OUT_HEADER_BYTES + runBytes, 0);
        iovec(0, message.address(), Wire.OUT_HEADER_BYTES);
        channel.sendVector(iovecs, runs + 1);
    }
}
