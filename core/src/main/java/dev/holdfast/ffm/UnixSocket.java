package dev.holdfast.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;

/**
 * Unix sockets of packets ({@code SOCK_SEQPACKET}): a message arrives whole or not at all, may
 * carry descriptors, and the kernel says who sent it. Plain numbers, as {@link Linux}; any thread.
 */
public final class UnixSocket {
    /** The most descriptors that go with one message. */
    public static final int DESCRIPTORS_MAX = 8;

    private static final int AF_UNIX = 1;
    private static final int SOCK_SEQPACKET = 5;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_PEERCRED = 17;
    private static final int SO_PEERGROUPS = 59;
    private static final int SCM_RIGHTS = 1;
    private static final int MSG_CTRUNC = 0x8;
    private static final int MSG_TRUNC = 0x20;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;
    private static final int SHUT_RDWR = 2;

    /** struct sockaddr_un: family 2, path 108. */
    private static final long ADDRESS_BYTES = 110;
    private static final int PATH_BYTES_MAX = 107;
    // struct msghdr: name 0, its length 8, iov 16, iov count 24, control 32, its length 40, flags
    // 48.
    private static final long MSGHDR_BYTES = 56;
    private static final long IOVEC_BYTES = 16;
    // struct cmsghdr: length 0, level 8, type 12, then the descriptors.
    private static final long CONTROL_HEADER_BYTES = 16;
    private static final long CONTROL_BYTES = CONTROL_HEADER_BYTES + 4L * DESCRIPTORS_MAX;

    private static final MethodHandle SOCKET =
            Linux.call("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle SOCKETPAIR =
            Linux.call("socketpair", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle BIND =
            Linux.call("bind", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle LISTEN = Linux.call("listen", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle CONNECT =
            Linux.call("connect", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle ACCEPT =
            Linux.call("accept4", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
    private static final MethodHandle SHUTDOWN =
            Linux.call("shutdown", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle GETSOCKOPT = Linux.call(
            "getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle SENDMSG =
            Linux.call("sendmsg", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle RECVMSG =
            Linux.call("recvmsg", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);

    private UnixSocket() {}

    /**
     * Who is at the other end of a socket, as the kernel saw it when it connected.
     *
     * @param pid the process
     * @param user its effective user
     * @param group its effective group
     * @param groups its supplementary groups
     */
    public record Peer(int pid, int user, int group, int[] groups) {
        /** Tells whether the peer is in a group. */
        public boolean isIn(int wanted) {
            return group == wanted || Arrays.stream(groups).anyMatch(g -> g == wanted);
        }
    }

    /**
     * What was received: the bytes of the message, 0 at the end of the connection, and descriptors.
     */
    public record Received(int bytes, int[] descriptors) {
        /** Closes the descriptors, which nobody wants. */
        public void discard() {
            Arrays.stream(descriptors).forEach(Linux::close);
        }
    }

    /**
     * Makes a socket at a path, where nothing may be, for this process's user only, and listens.
     */
    public static int listen(String path, int backlog) throws ErrnoException {
        int fd = socket();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Linux.STATE.get();
            MemorySegment address = address(arena, path);
            Linux.check("bind " + path, (int) BIND.invokeExact(
                    state, fd, address, (int) ADDRESS_BYTES), state);
            Files.setPosixFilePermissions(
                    Path.of(path), PosixFilePermissions.fromString("rw-------"));
            Linux.check("listen", (int) LISTEN.invokeExact(state, fd, backlog), state);
            return fd;
        } catch (Throwable t) {
            Linux.close(fd);
            throw Linux.failure(t);
        }
    }

    /** Connects to a socket at a path. */
    public static int connect(String path) throws ErrnoException {
        int fd = socket();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Linux.STATE.get();
            Linux.check("connect " + path, (int) CONNECT.invokeExact(
                    state, fd, address(arena, path), (int) ADDRESS_BYTES), state);
            return fd;
        } catch (Throwable t) {
            Linux.close(fd);
            throw Linux.failure(t);
        }
    }

    /** Waits for a connection and returns it. */
    public static int accept(int listening) throws ErrnoException {
        MemorySegment state = Linux.STATE.get();
        try {
            int fd;
            do {
                fd = (int) ACCEPT.invokeExact(state, listening, MemorySegment.NULL,
                        MemorySegment.NULL, SOCK_CLOEXEC);
            } while (fd < 0 && Linux.errno(state) == Errno.EINTR);
            return (int) Linux.check("accept", fd, state);
        } catch (Throwable t) {
            throw Linux.failure(t);
        }
    }

    /** Makes a connected pair; programs that this process starts inherit the second. */
    public static int[] pair() throws ErrnoException {
        MemorySegment state = Linux.STATE.get();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pair = arena.allocate(8, 4);
            Linux.check("socketpair", (int) SOCKETPAIR.invokeExact(
                    state, AF_UNIX, SOCK_SEQPACKET, 0, pair), state);
            int first = pair.get(JAVA_INT, 0);
            Descriptors.closeOnExec(first);
            return new int[] {first, pair.get(JAVA_INT, 4)};
        } catch (Throwable t) {
            throw Linux.failure(t);
        }
    }

    /** Ends a connection in both directions, for every holder of this end, and wakes who waits. */
    public static void shutdown(int fd) {
        MemorySegment state = Linux.STATE.get();
        try {
            int ignored = (int) SHUTDOWN.invokeExact(state, fd, SHUT_RDWR);
        } catch (Throwable t) {
            throw Linux.unexpected(t);
        }
    }

    /** Returns who is at the other end. */
    public static Peer peer(int fd) throws ErrnoException {
        MemorySegment state = Linux.STATE.get();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment length = arena.allocate(JAVA_INT);
            // struct ucred: pid, uid, gid.
            MemorySegment credentials = arena.allocate(12, 4);
            length.set(JAVA_INT, 0, 12);
            Linux.check("getsockopt(SO_PEERCRED)", (int) GETSOCKOPT.invokeExact(
                    state, fd, SOL_SOCKET, SO_PEERCRED, credentials, length), state);
            long groupsBytes = 1 << 16;
            MemorySegment groups = arena.allocate(groupsBytes * 4, 4);
            length.set(JAVA_INT, 0, (int) groups.byteSize());
            Linux.check("getsockopt(SO_PEERGROUPS)", (int) GETSOCKOPT.invokeExact(
                    state, fd, SOL_SOCKET, SO_PEERGROUPS, groups, length), state);
            return new Peer(credentials.get(JAVA_INT, 0), credentials.get(JAVA_INT, 4),
                    credentials.get(JAVA_INT, 8),
                    groups.asSlice(0, length.get(JAVA_INT, 0)).toArray(JAVA_INT));
        } catch (Throwable t) {
            throw Linux.failure(t);
        }
    }

    /**
     * Sends the first {@code length} bytes of a message with descriptors, which stay the caller's.
     *
     * @throws ErrnoException EPIPE or ECONNRESET when nobody is at the other end
     */
    public static void send(int fd, MemorySegment message, long length, int... descriptors)
            throws ErrnoException {
        transmit(fd, message, length, MSG_NOSIGNAL, descriptors);
    }

    /** Sends a message unless that must wait for the other end to receive others: EAGAIN then. */
    public static void sendNow(int fd, MemorySegment message, long length) throws ErrnoException {
        transmit(fd, message, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    }

    private static void transmit(
            int fd, MemorySegment message, long length, int flags, int... descriptors)
            throws ErrnoException {
        if (descriptors.length > DESCRIPTORS_MAX) {
            throw new IllegalArgumentException(descriptors.length + " descriptors in a message");
        }
        MemorySegment state = Linux.STATE.get();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = header(arena, message.asSlice(0, length));
            if (descriptors.length > 0) {
                long bytes = CONTROL_HEADER_BYTES + 4L * descriptors.length;
                MemorySegment control = arena.allocate(CONTROL_BYTES, 8);
                control.set(JAVA_LONG, 0, bytes);
                control.set(JAVA_INT, 8, SOL_SOCKET);
                control.set(JAVA_INT, 12, SCM_RIGHTS);
                for (int i = 0; i < descriptors.length; i++) {
                    control.set(JAVA_INT, CONTROL_HEADER_BYTES + 4L * i, descriptors[i]);
                }
                header.set(ADDRESS, 32, control);
                header.set(JAVA_LONG, 40, bytes + 7 & -8);
            }
            long sent;
            do {
                sent = (long) SENDMSG.invokeExact(state, fd, header, flags);
            } while (sent < 0 && Linux.errno(state) == Errno.EINTR);
            Linux.check("sendmsg", sent, state);
        } catch (Throwable t) {
            throw Linux.failure(t);
        }
    }

    /**
     * Waits for a message. One that is longer than {@code buffer}, or has more descriptors than
     * there may be, is an error: EMSGSIZE, and is lost.
     */
    public static Received receive(int fd, MemorySegment buffer) throws ErrnoException {
        MemorySegment state = Linux.STATE.get();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = header(arena, buffer);
            MemorySegment control = arena.allocate(CONTROL_BYTES, 8);
            header.set(ADDRESS, 32, control);
            header.set(JAVA_LONG, 40, CONTROL_BYTES);
            long bytes;
            do {
                bytes = (long) RECVMSG.invokeExact(state, fd, header, MSG_CMSG_CLOEXEC);
            } while (bytes < 0 && Linux.errno(state) == Errno.EINTR);
            Linux.check("recvmsg", bytes, state);
            Received received = new Received((int) bytes,
                    descriptors(control, header.get(JAVA_LONG, 40)));
            if ((header.get(JAVA_INT, 48) & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
                received.discard();
                throw new ErrnoException("recvmsg", Errno.EMSGSIZE);
            }
            return received;
        } catch (Throwable t) {
            throw Linux.failure(t);
        }
    }

    private static int[] descriptors(MemorySegment control, long controlBytes) {
        if (controlBytes < CONTROL_HEADER_BYTES || control.get(JAVA_INT, 8) != SOL_SOCKET
                || control.get(JAVA_INT, 12) != SCM_RIGHTS) {
            return new int[0];
        }
        long bytes = Math.min(control.get(JAVA_LONG, 0), CONTROL_BYTES);
        int[] descriptors = new int[(int) ((bytes - CONTROL_HEADER_BYTES) / 4)];
        for (int i = 0; i < descriptors.length; i++) {
            descriptors[i] = control.get(JAVA_INT, CONTROL_HEADER_BYTES + 4L * i);
        }
        return descriptors;
    }

    private static MemorySegment header(Arena arena, MemorySegment message) {
        MemorySegment iovec = arena.allocate(IOVEC_BYTES, 8);
        iovec.set(ADDRESS, 0, message);
        iovec.set(JAVA_LONG, 8, message.byteSize());
        MemorySegment header = arena.allocate(MSGHDR_BYTES, 8);
        header.set(ADDRESS, 16, iovec);
        header.set(JAVA_LONG, 24, 1);
        return header;
    }

    private static int socket() throws ErrnoException {
        MemorySegment state = Linux.STATE.get();
        try {
            return (int) Linux.check("socket", (int) SOCKET.invokeExact(
                    state, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), state);
        } catch (Throwable t) {
            throw Linux.failure(t);
        }
    }

    private static MemorySegment address(Arena arena, String path) throws ErrnoException {
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > PATH_BYTES_MAX) {
            throw new ErrnoException(
                    "a socket at " + path + ", longer than " + PATH_BYTES_MAX + " bytes,",
                    Errno.ENAMETOOLONG);
        }
        MemorySegment address = arena.allocate(ADDRESS_BYTES, 2);
        address.set(JAVA_SHORT, 0, (short) AF_UNIX);
        MemorySegment.copy(bytes, 0, address, JAVA_BYTE, 2, bytes.length);
        return address;
    }
}
