package dev.holdfast.faultd.client;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.faultd.wire.MessageType;
import dev.holdfast.faultd.wire.Protocol;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A connection to the owner of a volume ({@code holdfast serve}).
 *
 * <ol>
 * <li>{@link #connect};
 * <li>{@link #open} files, {@link ClientFile#map} them, use the memory;
 * <li>{@link #close}: unmaps and lets go of everything.
 * </ol>
 *
 * <p>When the owner dies, its keeper starts another: requests and stores wait meanwhile and then go
 * on. When the owner ends for good, requests fail with SHUT_DOWN and the memory of mappings answers
 * accesses with {@link InternalError}.
 *
 * <p>The owner learns of a fault from the kernel and needs nothing of this process, so a thread
 * that waits in a fault merely takes longer, as does a garbage collection that waits for it.
 *
 * <p>Thread-safe.
 */
public final class FaultClient implements AutoCloseable {
    /** What an open file is for. */
    public enum Access {
        /** Loads. */
        READ(0),
        /** Loads, stores, truncate and punch. */
        WRITE(Protocol.OPEN_WRITE),
        /** The same; a file that is not there is made. */
        CREATE(Protocol.OPEN_WRITE | Protocol.OPEN_CREATE);

        private final int flags;

        Access(int flags) {
            this.flags = flags;
        }
    }

    private static final int MODE_FILE = 0644;

    private final Connection connection;
    private final AtomicLong nextId = new AtomicLong(1);
    private final Set<ClientMapping> mappings = ConcurrentHashMap.newKeySet();

    private FaultClient(Path socket) throws IOException {
        connection = Connection.open(socket, () -> mappings.forEach(ClientMapping::die));
    }

    /**
     * Connects to the owner of a volume.
     *
     * @throws HoldfastException NOT_FOUND: nobody listens at the socket; ACCESS_DENIED: the
     *     socket's mode, or this process may not use userfaultfd, and the message says what to
     *     grant; NOT_SUPPORTED: the kernel lacks what is needed, and the message says what
     */
    public static FaultClient connect(Path socket) throws IOException {
        return new FaultClient(socket);
    }

    /** Opens a file of the volume. */
    public ClientFile open(String path, Access access) throws IOException {
        if (path.length() > Short.MAX_VALUE / 4) {
            throw new HoldfastException(ErrorCode.NAME_TOO_LONG, "a path of " + path.length()
                    + " characters");
        }
        long id = nextId.getAndIncrement();
        connection.call(MessageType.OPEN, request -> request.putLong(id).putInt(access.flags)
                .putInt(MODE_FILE).putText(path), ClientFile::decodeSize);
        return new ClientFile(this, id, path);
    }

    /**
     * Tells whether the owner also serves faults inside system calls. It does where this process
     * may use {@code /dev/userfaultfd}, or is privileged. Otherwise a system call on a page that is
     * not mapped fails with EFAULT ("Bad address"): touch memory before passing it to one.
     */
    public boolean servesSystemCalls() {
        return !connection.faults().isForUserModeOnly();
    }

    Connection connection() {
        return connection;
    }

    long nextId() {
        return nextId.getAndIncrement();
    }

    void began(ClientMapping mapping) {
        mappings.add(mapping);
        if (connection.isEnded()) {
            mapping.die();
        }
    }

    void ended(ClientMapping mapping) {
        mappings.remove(mapping);
    }

    /**
     * Unmaps everything and ends the connection. Idempotent.
     *
     * @throws IllegalStateException while a native call holds memory of a mapping; the connection
     *     then stays
     */
    @Override
    public void close() throws IOException {
        List<ClientMapping> left = new ArrayList<>(mappings);
        for (ClientMapping mapping : left) {
            mapping.close();
        }
        connection.close();
    }

    @Override
    public String toString() {
        return "FaultClient[" + connection + "]";
    }
}
