package dev.holdfast.faultd.ledger;

import java.util.LinkedHashMap;
import java.util.Map;

/** A client: the descriptors that reach it, its open files and its mappings. Not thread-safe. */
public final class HeldClient {
    private final long id;
    private final int socket;
    private final int userfaultfd;
    private final Map<Long, HeldHandle> handles = new LinkedHashMap<>();
    private final Map<Long, HeldMapping> mappings = new LinkedHashMap<>();

    /** Creates a client that has nothing open. The descriptors belong to whoever holds this. */
    public HeldClient(long id, int socket, int userfaultfd) {
        this.id = id;
        this.socket = socket;
        this.userfaultfd = userfaultfd;
    }

    /** Returns the number of the client. */
    public long id() {
        return id;
    }

    /** Returns the connection. */
    public int socket() {
        return socket;
    }

    /** Returns the client's userfaultfd. */
    public int userfaultfd() {
        return userfaultfd;
    }

    /** Returns its open files by their numbers. */
    public Map<Long, HeldHandle> handles() {
        return handles;
    }

    /** Returns its mappings by their numbers. */
    public Map<Long, HeldMapping> mappings() {
        return mappings;
    }
}
