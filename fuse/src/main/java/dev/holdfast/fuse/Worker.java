package dev.holdfast.fuse;

import dev.holdfast.ffm.Errno;
import dev.holdfast.ffm.ErrnoException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One thread that takes requests and answers them, until the mount is gone.
 *
 * <p>It says in {@link #isServing} that it is at the volume <em>before</em> the dispatcher looks
 * whether the session has ended: once it has, and no worker is serving, none will touch the volume
 * any more. Programs that keep the mount even so get errors.
 */
final class Worker implements Runnable {
    private static final System.Logger LOG = System.getLogger(Worker.class.getName());
    /** Room for a header and the fields of a write before its data. */
    private static final int HEADER_ROOM_BYTES = 4096;

    private final DeviceChannel channel;
    private final Dispatcher dispatcher;
    private final MemorySegment volume;
    private final MemorySegment zeroes;
    private volatile boolean isServing;

    Worker(DeviceChannel channel, Dispatcher dispatcher, MemorySegment volume,
            MemorySegment zeroes) {
        this.channel = channel;
        this.dispatcher = dispatcher;
        this.volume = volume;
        this.zeroes = zeroes;
    }

    @Override
    public void run() {
        try (Arena arena = Arena.ofConfined()) {
            Request request = new Request(
                    arena.allocate(HEADER_ROOM_BYTES + Session.MAX_IO_BYTES, 4096));
            Reply reply = new Reply(channel, volume, zeroes, arena);
            while (receive(request)) {
                isServing = true;
                try {
                    serve(request, reply);
                } finally {
                    isServing = false;
                }
            }
        }
    }

    /** Takes the next request; false when there will be none. */
    private boolean receive(Request request) {
        while (true) {
            try {
                if (request.accept(channel.receive(request.buffer()))) {
                    return true;
                }
            } catch (ErrnoException e) {
                switch (e.errno()) {
                    // A request withdrawn before it was read, or a signal.
                    case Errno.ENOENT, Errno.EINTR, Errno.EAGAIN -> { }
                    case Errno.ENODEV -> {
                        return false;
                    }
                    default -> {
                        LOG.log(Level.WARNING, "the channel to the kernel failed", e);
                        return false;
                    }
                }
            }
        }
    }

    private void serve(Request request, Reply reply) {
        try {
            dispatcher.serve(request, reply);
        } catch (ErrnoException e) {
            // ENOENT: whoever asked was interrupted and has gone; ENODEV: the mount is gone.
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENODEV) {
                LOG.log(Level.WARNING, "opcode " + request.opcode() + ": no reply", e);
            }
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            LOG.log(Level.ERROR, "opcode " + request.opcode() + ": no reply", e);
        }
    }

    boolean isServing() {
        return isServing;
    }
}
