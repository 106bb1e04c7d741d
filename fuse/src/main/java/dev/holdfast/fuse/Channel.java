package dev.holdfast.fuse;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Where replies and notifications go: the kernel, or a test. Thread-safe. */
interface Channel {
    /** Sends the first {@code length} bytes of a message, whole. */
    void send(MemorySegment message, long length) throws IOException;

    /** Sends a message that the first {@code count} iovecs of a table show. */
    void sendVector(MemorySegment iovecs, int count) throws IOException;
}
