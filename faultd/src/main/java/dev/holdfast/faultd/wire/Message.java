package dev.holdfast.faultd.wire;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.holdfast.ffm.ErrnoException;
import dev.holdfast.ffm.Linux;
import dev.holdfast.ffm.UnixSocket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * One message: filled and sent, or received and taken apart, again and again.
 *
 * <p>A message is one packet of a socket. Numbers are little-endian. Header, 16 bytes: length in
 * bytes with the header, type, status (0, or the errno of a refused request), request number. Then
 * the body. Whatever a peer sent, taking it apart ends in values or in {@link WireException}.
 *
 * <p>Not thread-safe.
 */
public final class Message {
    /** The longest message. */
    public static final int BYTES_MAX = 1 << 15;
    /** Bytes of the header. */
    public static final int HEADER_BYTES = 16;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long LENGTH = 0;
    private static final long TYPE = 4;
    private static final long STATUS = 6;
    private static final long REQUEST = 8;
    private static final int[] NONE = {};

    private final MemorySegment memory;
    private MessageType type;
    private int length;
    private int at;
    private int[] descriptors = NONE;
    private int descriptorsTaken;

    /** Creates an empty message, whose memory lives as long as this object. */
    public Message() {
        memory = Arena.ofAuto().allocate(BYTES_MAX, 8);
    }

    // ---- to send

    /** Begins a request or notice. */
    public Message begin(MessageType newType, long request) {
        return begin(newType, request, 0);
    }

    /** Begins an answer; {@code status} is 0 or an errno. */
    public Message begin(MessageType newType, long request, int status) {
        type = newType;
        memory.set(SHORT, TYPE, (short) newType.code());
        memory.set(SHORT, STATUS, (short) status);
        memory.set(LONG, REQUEST, request);
        length = HEADER_BYTES;
        return this;
    }

    /** Adds 4 bytes. */
    public Message putInt(int value) {
        memory.set(INT, grow(Integer.BYTES), value);
        return this;
    }

    /** Adds 8 bytes. */
    public Message putLong(long value) {
        memory.set(LONG, grow(Long.BYTES), value);
        return this;
    }

    /** Adds a text: the length of its UTF-8 in 2 bytes, then that. */
    public Message putText(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 0xffff) {
            throw new IllegalArgumentException("a text of " + bytes.length + " bytes");
        }
        memory.set(SHORT, grow(Short.BYTES), (short) bytes.length);
        MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, grow(bytes.length), bytes.length);
        return this;
    }

    /** Returns the bytes that can still be added. */
    public int room() {
        return BYTES_MAX - length;
    }

    private int grow(int bytes) {
        if (bytes > room()) {
            throw new IllegalStateException("a message of more than " + BYTES_MAX + " bytes");
        }
        int offset = length;
        length += bytes;
        return offset;
    }

    /** Sends what was filled in, with descriptors, which stay the caller's. */
    public void send(int socket, int... withDescriptors) throws ErrnoException {
        memory.set(INT, LENGTH, length);
        UnixSocket.send(socket, memory, length, withDescriptors);
    }

    /**
     * Sends what was filled in, unless it must wait for the peer to receive others: EAGAIN then.
     */
    public void sendNow(int socket) throws ErrnoException {
        memory.set(INT, LENGTH, length);
        UnixSocket.sendNow(socket, memory, length);
    }

    // ---- received

    /**
     * Waits for a message; returns false at the end of the connection.
     *
     * @throws WireException when what came is no message; its descriptors are closed
     */
    public boolean receive(int socket) throws ErrnoException, WireException {
        discardDescriptors();
        UnixSocket.Received received = UnixSocket.receive(socket, memory);
        if (received.bytes() == 0) {
            received.discard();
            return false;
        }
        length = received.bytes();
        descriptors = received.descriptors();
        descriptorsTaken = 0;
        try {
            parse();
            return true;
        } catch (WireException e) {
            discardDescriptors();
            throw e;
        }
    }

    /** Takes a packet's bytes for a message, as if received. */
    void take(byte[] packet) throws WireException {
        length = Math.min(packet.length, BYTES_MAX);
        MemorySegment.copy(packet, 0, memory, JAVA_BYTE, 0, length);
        parse();
    }

    private void parse() throws WireException {
        at = HEADER_BYTES;
        if (length < HEADER_BYTES || memory.get(INT, LENGTH) != length) {
            throw new WireException("a packet of " + length + " bytes is no message");
        }
        type = MessageType.of(Short.toUnsignedInt(memory.get(SHORT, TYPE)));
    }

    /** Returns the type. */
    public MessageType type() {
        return type;
    }

    /** Returns 0, or the errno of a refused request. */
    public int status() {
        return Short.toUnsignedInt(memory.get(SHORT, STATUS));
    }

    /** Returns the number that the client gave the request. */
    public long request() {
        return memory.get(LONG, REQUEST);
    }

    /** Takes the next 4 bytes. */
    public int getInt() throws WireException {
        return memory.get(INT, advance(Integer.BYTES));
    }

    /** Takes the next 8 bytes. */
    public long getLong() throws WireException {
        return memory.get(LONG, advance(Long.BYTES));
    }

    /** Takes the next 8 bytes, which are not negative. */
    public long getSize() throws WireException {
        long value = getLong();
        if (value < 0) {
            throw new WireException(type + ": " + value + " is negative");
        }
        return value;
    }

    /** Takes a text. */
    public String getText() throws WireException {
        int bytes = Short.toUnsignedInt(memory.get(SHORT, advance(Short.BYTES)));
        ByteBuffer encoded = memory.asSlice(advance(bytes), bytes).asByteBuffer();
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(encoded).toString();
        } catch (CharacterCodingException e) {
            throw new WireException(type + ": a text that is not UTF-8");
        }
    }

    /** Tells whether there is more to take. */
    public boolean hasMore() {
        return at < length;
    }

    /** Throws unless everything was taken. */
    public void requireEnd() throws WireException {
        if (hasMore()) {
            throw new WireException(type + ": " + (length - at) + " bytes too many");
        }
    }

    private int advance(int bytes) throws WireException {
        if (bytes > length - at) {
            throw new WireException(type + ": cut off at byte " + length);
        }
        int offset = at;
        at += bytes;
        return offset;
    }

    /** Takes the next descriptor, which is the caller's from here on. */
    public int takeDescriptor() throws WireException {
        if (descriptorsTaken == descriptors.length) {
            throw new WireException(type + ": a descriptor is missing");
        }
        return descriptors[descriptorsTaken++];
    }

    /** Closes descriptors that came and that nobody took. */
    public void discardDescriptors() {
        while (descriptorsTaken < descriptors.length) {
            Linux.close(descriptors[descriptorsTaken++]);
        }
        descriptors = NONE;
        descriptorsTaken = 0;
    }
}
