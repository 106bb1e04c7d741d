package dev.holdfast.fuse;

import dev.holdfast.ffm.ErrnoException;
import dev.holdfast.ffm.Linux;
import dev.holdfast.ffm.LinuxMount;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** An open {@code /dev/fuse}: each read takes one request, each write sends one message. */
final class DeviceChannel implements Channel, AutoCloseable {
    private final int fd;

    DeviceChannel(int fd) {
        this.fd = fd;
    }

    int descriptor() {
        return fd;
    }

    /** Waits for a request and reads it; returns its length. */
    long receive(MemorySegment buffer) throws ErrnoException {
        return LinuxMount.read(fd, buffer);
    }

    @Override
    public void send(MemorySegment message, long length) throws IOException {
        LinuxMount.write(fd, message, length);
    }

    @Override
    public void sendVector(MemorySegment iovecs, int count) throws IOException {
        LinuxMount.writev(fd, iovecs, count);
    }

    @Override
    public void close() {
        Linux.close(fd);
    }
}
