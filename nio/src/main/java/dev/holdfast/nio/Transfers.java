package dev.holdfast.nio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** Transfers between a channel and others: by one copy, in memory off the heap. */
final class Transfers {
    private static final int BUFFER_BYTES = 256 << 10;

    private Transfers() {}

    /**
     * Copies a range of a channel's file; ends early when the target takes less than it is given.
     */
    static long to(FileChannel channel, long from, long end, WritableByteChannel target)
            throws IOException {
        ByteBuffer buffer = bufferFor(end - from);
        long at = from;
        while (at < end) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), end - at));
            if (channel.read(buffer, at) < 0) {
                break;
            }
            int wanted = buffer.flip().remaining();
            int written = target.write(buffer);
            at += written;
            if (written < wanted) {
                break;
            }
        }
        return at - from;
    }

    /** Copies what a source has, up to {@code count} bytes, into a channel's file. */
    static long from(FileChannel channel, ReadableByteChannel source, long to, long count)
            throws IOException {
        ByteBuffer buffer = bufferFor(count);
        long done = 0;
        while (done < count) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), count - done));
            if (source.read(buffer) <= 0) {
                break;
            }
            buffer.flip();
            while (buffer.hasRemaining()) {
                done += channel.write(buffer, to + done);
            }
        }
        return done;
    }

    private static ByteBuffer bufferFor(long bytes) {
        return ByteBuffer.allocateDirect(Math.clamp(bytes, 0, BUFFER_BYTES));
    }
}
