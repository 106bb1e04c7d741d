package dev.holdfast.fuse;

import dev.holdfast.dax.DaxIo;
import dev.holdfast.ffm.Errno;
import dev.holdfast.ffm.ErrnoException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * A server without a file system behind it: one file, "file", of a gigabyte of zeroes. What it
 * takes is the cost of the protocol and the kernel; benchmarks compare mounts with it.
 */
final class EmptyServer {
    private static final long ROOT = 1;
    private static final long FILE = 2;
    private static final long FILE_BYTES = 1L << 30;
    private static final int THREADS = 4;

    private EmptyServer() {}

    /** Mounts at the directory named, until it is unmounted. */
    public static void main(String[] arguments) throws Exception {
        DeviceChannel channel = Mounter.mount(Path.of(arguments[0]), "empty",
                FuseOptions.defaults(), false);
        Thread[] threads = new Thread[THREADS];
        for (int i = 0; i < THREADS; i++) {
            threads[i] = Thread.ofPlatform().start(() -> serve(channel));
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static void serve(DeviceChannel channel) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment zeroes = arena.allocate(Session.MAX_IO_BYTES, 4096);
            Request request = new Request(arena.allocate(4096 + Session.MAX_IO_BYTES, 4096));
            Reply reply = new Reply(channel, zeroes, zeroes, arena);
            while (true) {
                try {
                    request.accept(channel.receive(request.buffer()));
                    reply.begin(request.unique());
                    answer(request, reply);
                } catch (ErrnoException e) {
                    if (e.errno() == Errno.ENODEV) {
                        return;
                    }
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void answer(Request request, Reply reply) throws IOException {
        switch (request.opcode()) {
            case Op.INIT -> init(reply);
            case Op.LOOKUP -> {
                int at = reply.add(Wire.ENTRY_BYTES);
                reply.putLong(at + Wire.ENTRY_NODE, FILE);
                reply.putLong(at + Wire.ENTRY_ATTR_SECONDS, 1);
                reply.putLong(at + Wire.ENTRY_NAME_SECONDS, 1);
                attributes(FILE, reply, at + Wire.ENTRY_ATTR);
            }
            case Op.GETATTR -> {
                int at = reply.add(Wire.ATTR_OUT_BYTES);
                reply.putLong(at + Wire.ATTR_OUT_SECONDS, 1);
                attributes(request.node(), reply, at + Wire.ATTR_OUT_ATTR);
            }
            case Op.OPEN, Op.OPENDIR -> reply.add(Wire.OPEN_OUT_BYTES);
            case Op.READ -> {
                reply.run(DaxIo.RunReader.ZEROES, request.getSize(Wire.READ_SIZE));
                reply.finish();
                return;
            }
            case Op.RELEASE, Op.RELEASEDIR, Op.DESTROY -> { }
            case Op.FORGET, Op.BATCH_FORGET, Op.INTERRUPT -> {
                return;
            }
            default -> {
                reply.sendError(FuseErrno.ENOSYS);
                return;
            }
        }
        reply.send();
    }

    /** Agrees on what every server here agrees on. */
    static void init(Reply reply) {
        int at = reply.add(Wire.INIT_OUT_BYTES);
        reply.putInt(at + Wire.INIT_MAJOR, Wire.MAJOR);
        reply.putInt(at + Wire.INIT_MINOR, Wire.OLDEST_MINOR);
        reply.putInt(at + Wire.INIT_READAHEAD, 1 << 17);
        reply.putInt(at + Wire.INIT_FLAGS, (int) (Wire.ASYNC_READ | Wire.BIG_WRITES
                | Wire.ASYNC_DIO | Wire.MAX_PAGES));
        reply.putShort(at + Wire.INIT_MAX_BACKGROUND, 64);
        reply.putShort(at + Wire.INIT_CONGESTION, 48);
        reply.putInt(at + Wire.INIT_MAX_WRITE, Session.MAX_IO_BYTES);
        reply.putInt(at + Wire.INIT_TIME_GRANULARITY, 1);
        reply.putShort(at + Wire.INIT_MAX_PAGES, 256);
    }

    private static void attributes(long node, Reply reply, int at) {
        reply.putLong(at + Wire.ATTR_INO, node);
        reply.putLong(at + Wire.ATTR_SIZE, node == ROOT ? 0 : FILE_BYTES);
        reply.putInt(at + Wire.ATTR_MODE, node == ROOT ? 0040755 : 0100644);
        reply.putInt(at + Wire.ATTR_LINKS, 1);
    }
}
