package dev.holdfast.fuse;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.MemfdDevice;
import dev.holdfast.ffm.LinuxMount;
import dev.holdfast.file.CheckReport;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The other side of the protocol: sends requests to a dispatcher and reads its replies. */
final class FakeKernel implements AutoCloseable {
    private static final int BUFFER_BYTES = 4096 + Session.MAX_IO_BYTES;

    private final MemfdDevice device;
    private final Volume volume;
    private final Session session;
    private final Dispatcher dispatcher;
    private final Arena arena = Arena.ofShared();
    private final Request request;
    private final Reply reply;
    private byte[] answer;
    private int answers;
    private boolean isRefusing;
    private long unique = 2;

    /** A request's body, field by field. */
    static final class Body {
        private final ByteBuffer bytes =
                ByteBuffer.allocate(2 * Session.MAX_IO_BYTES).order(ByteOrder.nativeOrder());

        Body ints(int... values) {
            for (int value : values) {
                bytes.putInt(value);
            }
            return this;
        }

        Body longs(long... values) {
            for (long value : values) {
                bytes.putLong(value);
            }
            return this;
        }

        Body name(String text) {
            return raw(text.getBytes(StandardCharsets.UTF_8)).raw(new byte[1]);
        }

        Body raw(byte[] raw) {
            bytes.put(raw);
            return this;
        }

        byte[] toBytes() {
            byte[] result = new byte[bytes.position()];
            bytes.get(0, result);
            return result;
        }
    }

    /** What came back. */
    record Answer(int errno, ByteBuffer body) {
        long node() {
            return body.getLong(Wire.ENTRY_NODE);
        }
    }

    private final class Captured implements Channel {
        @Override
        public void send(MemorySegment message, long length) throws IOException {
            refuseIfAsked();
            answer = message.asSlice(0, length).toArray(JAVA_BYTE);
            answers++;
        }

        @Override
        public void sendVector(MemorySegment iovecs, int count) throws IOException {
            refuseIfAsked();
            ByteBuffer whole = ByteBuffer.allocate(2 * Session.MAX_IO_BYTES);
            for (int i = 0; i < count; i++) {
                long address = iovecs.get(JAVA_LONG_UNALIGNED, i * LinuxMount.IOVEC_BYTES);
                long length = iovecs.get(JAVA_LONG_UNALIGNED, i * LinuxMount.IOVEC_BYTES + 8);
                whole.put(MemorySegment.ofAddress(address).reinterpret(length)
                        .toArray(JAVA_BYTE));
            }
            answer = new byte[whole.position()];
            whole.get(0, answer);
            answers++;
        }
    }

    FakeKernel(long volumeBytes) throws IOException {
        device = MemfdDevice.create("fuse-test", volumeBytes);
        volume = Volume.create(device, VolumeOptions.defaults());
        Channel channel = new Captured();
        session = new Session(VolumeLab.fileSystem(volume), FuseOptions.defaults(), channel);
        dispatcher = new Dispatcher(session);
        request = new Request(arena.allocate(BUFFER_BYTES, 4096));
        reply = new Reply(channel, device.memory(), arena.allocate(Session.MAX_IO_BYTES, 8), arena);
    }

    private void refuseIfAsked() throws IOException {
        if (isRefusing) {
            throw new IOException("the kernel takes no reply");
        }
    }

    Volume volume() {
        return volume;
    }

    Session session() {
        return session;
    }

    /** Makes every reply fail to arrive from now on, or no more. */
    void refuse(boolean refuse) {
        isRefusing = refuse;
    }

    /** Shakes hands as a kernel of the given version that can do everything. */
    Answer init(int major, int minor) throws IOException {
        return call(Op.INIT, 0, new Body().ints(major, minor, 1 << 17, -1, -1)
                .raw(new byte[44]));
    }

    FakeKernel ready() throws IOException {
        init(Wire.MAJOR, Wire.MINOR);
        return this;
    }

    Answer call(int opcode, long node, Body body) throws IOException {
        return callAs(0, opcode, node, body);
    }

    Answer callAs(int uid, int opcode, long node, Body body) throws IOException {
        byte[] bytes = body.toBytes();
        return raw(uid, opcode, node, bytes, Wire.IN_HEADER_BYTES + bytes.length, 0);
    }

    /** Sends a request whose header says what it likes; null when there was no answer. */
    Answer raw(int uid, int opcode, long node, byte[] body, long saidBytes, int extensionWords)
            throws IOException {
        MemorySegment buffer = request.buffer();
        unique += 2;
        buffer.set(JAVA_INT_UNALIGNED, Wire.IN_LENGTH, (int) saidBytes);
        buffer.set(JAVA_INT_UNALIGNED, Wire.IN_OPCODE, opcode);
        buffer.set(JAVA_LONG_UNALIGNED, Wire.IN_UNIQUE, unique);
        buffer.set(JAVA_LONG_UNALIGNED, Wire.IN_NODE, node);
        buffer.set(JAVA_INT_UNALIGNED, Wire.IN_UID, uid);
        buffer.set(JAVA_INT_UNALIGNED, Wire.IN_GID, uid);
        buffer.set(JAVA_SHORT_UNALIGNED, Wire.IN_EXTENSION_WORDS, (short) extensionWords);
        MemorySegment.copy(body, 0, buffer, JAVA_BYTE, Wire.IN_HEADER_BYTES, body.length);
        answer = null;
        if (!request.accept(Wire.IN_HEADER_BYTES + body.length)) {
            return null;
        }
        int before = answers;
        dispatcher.serve(request, reply);
        if (answers > before + 1) {
            throw new AssertionError("opcode " + opcode + " was answered twice");
        }
        return answer == null ? null : checked();
    }

    private Answer checked() {
        ByteBuffer bytes = ByteBuffer.wrap(answer).order(ByteOrder.nativeOrder());
        if (bytes.getInt(Wire.OUT_LENGTH) != answer.length
                || bytes.getLong(Wire.OUT_UNIQUE) != unique) {
            throw new AssertionError("a reply of another length, or to another request");
        }
        return new Answer(-bytes.getInt(Wire.OUT_ERROR), bytes.position(Wire.OUT_HEADER_BYTES)
                .slice().order(ByteOrder.nativeOrder()));
    }

    /** Makes a file in the root; returns its node. */
    long createFile(String name) throws IOException {
        return call(Op.CREATE, 1, new Body().ints(2, 0100644, 0, 0).name(name)).node();
    }

    Answer write(long node, long offset, byte[] data) throws IOException {
        return call(Op.WRITE, node, new Body().longs(0, offset).ints(data.length, 0).longs(0)
                .ints(0, 0).raw(data));
    }

    Answer read(long node, long offset, int size) throws IOException {
        return call(Op.READ, node, new Body().longs(0, offset).ints(size, 0).longs(0).ints(0, 0));
    }

    /** Ends the session, closes the volume, and returns what check finds. */
    CheckReport closeAndCheck() throws IOException {
        session.refuse();
        session.letGo();
        volume.close();
        return Volume.check(device);
    }

    @Override
    public void close() throws IOException {
        session.refuse();
        session.letGo();
        volume.close();
        device.close();
        arena.close();
    }
}
