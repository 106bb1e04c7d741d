package dev.holdfast.fuse;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.holdfast.ffm.Errno;
import dev.holdfast.ffm.ErrnoException;
import dev.holdfast.ffm.Linux;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A file system that hands each request on to another directory by system calls, over the same
 * protocol code: what a mount is measured beside. It knows the requests that reading, extracting an
 * archive and removing it need. Whether a file has capabilities, which the kernel asks about before
 * it changes one, is handed on as well unless it is told to have no extended attributes: then the
 * kernel asks once only.
 */
final class PassThroughServer {
    private static final int THREADS = 4;
    private static final int O_PATH = 0x200000;
    private static final int O_NOFOLLOW = 0x20000;
    private static final int EMPTY_PATH = 0x1000;
    private static final int STATX_BYTES = 256;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            STATE.varHandle(java.lang.foreign.MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle SYSCALL = LINKER.downcallHandle(
            LINKER.defaultLookup().find("syscall").orElseThrow(),
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG,
                    JAVA_LONG), Linker.Option.captureCallState("errno"),
            Linker.Option.firstVariadicArg(1));

    private final DeviceChannel channel;
    private final boolean hasAttributes;
    private final Calls calls = Calls.ofThisMachine();
    private final ConcurrentHashMap<Long, Integer> nodes = new ConcurrentHashMap<>();
    private final AtomicLong nextNode = new AtomicLong(1);

    private PassThroughServer(DeviceChannel channel, Path directory, boolean hasAttributes)
            throws ErrnoException {
        this.channel = channel;
        this.hasAttributes = hasAttributes;
        nodes.put(1L, Linux.open(directory.toString(), O_PATH, 0));
    }

    /** Numbers of system calls, which differ between architectures. */
    private record Calls(int openat, int statx, int mkdirat, int unlinkat, int utimensat,
            int fchownat, int fchmod, int pread, int pwrite, int getxattr) {
        static Calls ofThisMachine() {
            return System.getProperty("os.arch").equals("aarch64")
                    ? new Calls(56, 291, 34, 35, 88, 54, 53, 67, 68, 8)
                    : new Calls(257, 332, 258, 263, 280, 260, 268, 17, 18, 191);
        }
    }

    /**
     * Mounts the first directory at the second, until it is unmounted; with extended attributes if
     * a third argument is {@code attributes}.
     */
    public static void main(String[] arguments) throws Exception {
        DeviceChannel channel = Mounter.mount(Path.of(arguments[1]), "pass",
                FuseOptions.defaults(), false);
        PassThroughServer server = new PassThroughServer(channel, Path.of(arguments[0]),
                arguments[2].equals("attributes"));
        Thread[] threads = new Thread[THREADS];
        for (int i = 0; i < THREADS; i++) {
            threads[i] = Thread.ofPlatform().start(server::serve);
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void serve() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(Session.MAX_IO_BYTES, 4096);
            Request request = new Request(arena.allocate(4096 + Session.MAX_IO_BYTES, 4096));
            Reply reply = new Reply(channel, data, data, arena);
            Service service = new Service(arena, data);
            while (true) {
                try {
                    request.accept(channel.receive(request.buffer()));
                    reply.begin(request.unique());
                    service.answer(request, reply);
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

    /** What one thread answers, and the memory it needs for that. */
    private final class Service {
        private final MemorySegment state;
        private final MemorySegment data;
        private final MemorySegment text;
        private final MemorySegment statx;
        private final MemorySegment empty;

        Service(Arena arena, MemorySegment data) {
            this.state = arena.allocate(STATE);
            this.data = data;
            this.text = arena.allocate(4096);
            this.statx = arena.allocate(STATX_BYTES, 8);
            this.empty = arena.allocate(1);
        }

        private long call(long number, long fd, MemorySegment pointer, long a, long b, long c)
                throws FuseException {
            try {
                long result = (long) SYSCALL.invokeExact(state, number, fd, pointer, a, b, c);
                if (result < 0) {
                    throw new FuseException((int) ERRNO.get(state, 0L), "call " + number);
                }
                return result;
            } catch (FuseException e) {
                throw e;
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }

        private MemorySegment name(Request request, int offset) throws FuseException {
            text.setString(0, request.string(offset));
            return text;
        }

        void answer(Request request, Reply reply) throws IOException {
            try {
                if (serve(request, reply)) {
                    reply.send();
                }
            } catch (FuseException e) {
                reply.sendError(e.errno());
            }
        }

        /** Fills the reply; false when it is sent, or there is none to send. */
        private boolean serve(Request request, Reply reply) throws IOException {
            long fd = nodes.getOrDefault(request.node(), -1);
            switch (request.opcode()) {
                case Op.INIT -> EmptyServer.init(reply);
                case Op.LOOKUP -> entry(fd, name(request, 0), reply);
                case Op.GETATTR -> attributes(fd, reply);
                case Op.SETATTR -> setAttributes(request, fd, reply);
                case Op.MKDIR -> {
                    call(calls.mkdirat, fd, name(request, Wire.MKDIR_BYTES),
                            request.getInt(Wire.MKDIR_MODE), 0, 0);
                    entry(fd, text, reply);
                }
                case Op.CREATE -> {
                    long handle = call(calls.openat, fd, name(request, Wire.CREATE_BYTES),
                            request.getInt(Wire.CREATE_FLAGS) | Linux.O_CREAT | O_NOFOLLOW,
                            request.getInt(Wire.CREATE_MODE), 0);
                    entry(fd, text, reply);
                    reply.putLong(reply.add(Wire.OPEN_OUT_BYTES), handle);
                }
                case Op.OPEN -> {
                    text.setString(0, "/proc/self/fd/" + fd);
                    reply.putLong(reply.add(Wire.OPEN_OUT_BYTES), call(calls.openat, -1, text,
                            request.getInt(Wire.OPEN_FLAGS) & ~O_NOFOLLOW, 0, 0));
                }
                case Op.READ -> {
                    long size = request.getSize(Wire.READ_SIZE);
                    long read = call(calls.pread, request.getLong(0), data, size,
                            request.getLong(Wire.READ_OFFSET), 0);
                    if (read > 0) {
                        reply.run(0, read);
                    }
                    reply.finish();
                    return false;
                }
                case Op.WRITE -> {
                    long size = request.getSize(Wire.WRITE_SIZE);
                    reply.putInt(reply.add(Wire.WRITE_OUT_BYTES), (int) call(calls.pwrite,
                            request.getLong(0), request.bytes(Wire.WRITE_BYTES, size), size,
                            request.getLong(Wire.WRITE_OFFSET), 0));
                }
                case Op.GETXATTR -> {
                    if (!hasAttributes) {
                        throw new FuseException(FuseErrno.ENOSYS, "no extended attributes");
                    }
                    attribute(request, fd, reply);
                    return false;
                }
                case Op.UNLINK -> call(calls.unlinkat, fd, name(request, 0), 0, 0, 0);
                case Op.RELEASE -> Linux.close((int) request.getLong(0));
                case Op.FORGET -> {
                    forget(request.node());
                    return false;
                }
                case Op.BATCH_FORGET -> {
                    for (int i = 0; i < request.getInt(Wire.BATCH_COUNT); i++) {
                        forget(request.getLong(Wire.BATCH_BYTES + i * Wire.BATCH_ENTRY_BYTES));
                    }
                    return false;
                }
                case Op.INTERRUPT -> {
                    return false;
                }
                default -> throw new FuseException(FuseErrno.ENOSYS, "not passed on");
            }
            return true;
        }

        private void forget(long node) {
            Integer fd = node == 1 ? null : nodes.remove(node);
            if (fd != null) {
                Linux.close(fd);
            }
        }

        private void entry(long directory, MemorySegment name, Reply reply) throws FuseException {
            long fd = call(calls.openat, directory, name, O_PATH | O_NOFOLLOW, 0, 0);
            long node = nextNode.incrementAndGet();
            nodes.put(node, (int) fd);
            int at = reply.add(Wire.ENTRY_BYTES);
            reply.putLong(at + Wire.ENTRY_NODE, node);
            reply.putLong(at + Wire.ENTRY_NAME_SECONDS, 1);
            reply.putLong(at + Wire.ENTRY_ATTR_SECONDS, 1);
            stat(fd, reply, at + Wire.ENTRY_ATTR);
        }

        private void attributes(long fd, Reply reply) throws FuseException {
            int at = reply.add(Wire.ATTR_OUT_BYTES);
            reply.putLong(at + Wire.ATTR_OUT_SECONDS, 1);
            stat(fd, reply, at + Wire.ATTR_OUT_ATTR);
        }

        private void stat(long fd, Reply reply, int at) throws FuseException {
            call(calls.statx, fd, empty, EMPTY_PATH, 0x7ff, statx.address());
            reply.putLong(at + Wire.ATTR_INO, statx.get(JAVA_LONG, Wire.STATX_INO));
            reply.putLong(at + Wire.ATTR_SIZE, statx.get(JAVA_LONG, Wire.STATX_SIZE));
            reply.putLong(at + Wire.ATTR_BLOCKS, statx.get(JAVA_LONG, Wire.STATX_BLOCKS));
            reply.putLong(at + Wire.ATTR_MTIME, statx.get(JAVA_LONG, Wire.STATX_MTIME));
            reply.putInt(at + Wire.ATTR_MODE, statx.get(JAVA_SHORT, Wire.STATX_MODE) & 0xffff);
            reply.putInt(at + Wire.ATTR_LINKS, statx.get(JAVA_INT, Wire.STATX_LINKS));
            reply.putInt(at + Wire.ATTR_UID, statx.get(JAVA_INT, Wire.STATX_UID));
            reply.putInt(at + Wire.ATTR_GID, statx.get(JAVA_INT, Wire.STATX_GID));
        }

        private void attribute(Request request, long fd, Reply reply) throws IOException {
            MemorySegment name = name(request, Wire.GETXATTR_BYTES);
            statx.setString(0, "/proc/self/fd/" + fd);
            long size = request.getSize(Wire.GETXATTR_SIZE);
            long length = call(calls.getxattr, statx.address(), name, data.address(), size, 0);
            if (size == 0) {
                reply.putInt(reply.add(Wire.GETXATTR_OUT_BYTES), (int) length);
                reply.send();
            } else {
                reply.run(0, length);
                reply.finish();
            }
        }

        private void setAttributes(Request request, long fd, Reply reply) throws FuseException {
            int valid = request.getInt(Wire.SETATTR_VALID);
            if ((valid & Wire.FATTR_MODE) != 0) {
                text.setString(0, "/proc/self/fd/" + fd);
                call(calls.fchmod, -1, text, request.getInt(Wire.SETATTR_MODE) & 07777, 0, 0);
            }
            if ((valid & (Wire.FATTR_UID | Wire.FATTR_GID)) != 0) {
                call(calls.fchownat, fd, empty, request.getInt(Wire.SETATTR_UID),
                        request.getInt(Wire.SETATTR_GID), EMPTY_PATH);
            }
            if ((valid & Wire.FATTR_MTIME) != 0) {
                statx.set(JAVA_LONG, 0, request.getLong(Wire.SETATTR_ATIME));
                statx.set(JAVA_LONG, 8, request.getInt(Wire.SETATTR_ATIME_NANOS));
                statx.set(JAVA_LONG, 16, request.getLong(Wire.SETATTR_MTIME));
                statx.set(JAVA_LONG, 24, request.getInt(Wire.SETATTR_MTIME_NANOS));
                call(calls.utimensat, fd, empty, statx.address(), EMPTY_PATH, 0);
            }
            attributes(fd, reply);
        }
    }
}
