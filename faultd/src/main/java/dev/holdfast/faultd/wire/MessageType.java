package dev.holdfast.faultd.wire;

/** What a message asks for or says. A reply has the type of its request. */
public enum MessageType {
    /** Agrees on the version; carries the client's userfaultfd. First and once. */
    HELLO(1),
    /** Opens a file under a handle that the client chose. */
    OPEN(2),
    /** Lets go of a handle. */
    CLOSE(3),
    /** Asks for size and identity of a file. */
    STAT(4),
    /** Sets the size of a file. */
    TRUNCATE(5),
    /** Frees a range of a file, which reads as zero from then on. */
    PUNCH(6),
    /** Makes data and metadata of a file durable. */
    FSYNC(7),
    /** Makes a mapping under a number that the client chose; the answer carries the device. */
    MAP(8),
    /** Asks for a part of the list of device blocks of a mapping. */
    RUNS(9),
    /** Says where the client has laid the mapping: its faults are served from now on. */
    ATTACH(10),
    /** Ends a mapping, which the client has unmapped before. */
    UNMAP(11),
    /** Makes a range durable, where the client cannot do that itself. */
    PERSIST(12),
    /**
     * Owner to client, unasked: a new owner serves; requests without an answer are to be sent
     * again.
     */
    RESTARTED(100),
    /** Owner to client, unasked: the owner ends; no mapping is served when the connection ends. */
    STOPPING(101),

    /** Worker to keeper: a client's descriptors, and later changes of what it holds. */
    CLIENT_JOINED(200),
    /** Worker to keeper: a client has gone. */
    CLIENT_LEFT(201),
    /** Worker to keeper: a client opened a file. */
    HANDLE_ADDED(202),
    /** Worker to keeper: a client let go of a file. */
    HANDLE_REMOVED(203),
    /** Worker to keeper: a client has a mapping. */
    MAPPING_ADDED(204),
    /** Worker to keeper: blocks of a mapping, in order. */
    MAPPING_RUNS(205),
    /** Worker to keeper: where the client laid a mapping. */
    MAPPING_ATTACHED(206),
    /** Worker to keeper: a mapping is no more. */
    MAPPING_REMOVED(207),
    /** Keeper to worker: everything that was held has been told, or there is nothing to tell. */
    BEGIN(208),
    /** Worker to keeper: the volume is open and clients are served. */
    SERVING(209),
    /** Keeper to worker: end in good order. */
    STOP(210);

    private static final MessageType[] BY_CODE = new MessageType[256];

    static {
        for (MessageType type : values()) {
            BY_CODE[type.code] = type;
        }
    }

    private final int code;

    MessageType(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    static MessageType of(int code) throws WireException {
        MessageType type = code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
        if (type == null) {
            throw new WireException("no message is of type " + code);
        }
        return type;
    }
}
