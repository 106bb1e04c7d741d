package dev.holdfast.faultd.wire;

/** The numbers of the protocol that are no message's own. */
public final class Protocol {
    /** First four bytes of the body of HELLO: "HFFS". */
    public static final int MAGIC = 0x53464648;
    /** The version; an owner refuses others. */
    public static final int VERSION = 1;

    /** OPEN: stores, truncate and punch are allowed. */
    public static final int OPEN_WRITE = 1;
    /** OPEN: a file that is not there is made. */
    public static final int OPEN_CREATE = 2;

    /**
     * HELLO's answer: the client asks the owner to persist, instead of writing lines back itself.
     */
    public static final int PERSIST_BY_OWNER = 1;
    /** HELLO's answer: the volume is open for reading only. */
    public static final int VOLUME_READ_ONLY = 2;

    /** MAP: loads only. */
    public static final int MAP_READ_ONLY = 0;
    /** MAP: stores go to the file. */
    public static final int MAP_SHARED = 1;
    /** MAP: and a writable page's metadata is durable. */
    public static final int MAP_SYNC = 2;

    /** Runs that fit an answer to RUNS, 16 bytes each. */
    public static final int RUNS_MAX = 2000;
    /** Handles a client may have at a time, and mappings. */
    public static final int HELD_MAX = 4096;

    private Protocol() {}
}
