package dev.holdfast.explore.junit;

/**
 * Where a workload says what it has promised to whom: the moment at which a thing counts as safe,
 * such as a reply to a client. Values are kept and compared, so they must not change; strings,
 * numbers and records do well. Thread-safe.
 */
public interface Acks {
    /**
     * Acknowledges: a power cut from this moment on must not lose {@code thing}. Ends what
     * {@link #begin} began.
     */
    void ack(Object thing);

    /** Acknowledges that a key has this value now. */
    default void ack(Object key, Object value) {
        ack(new Entry(key, value));
    }

    /**
     * Says that work on a thing begins. Until it is acknowledged a power cut may show all of it, or
     * nothing; {@link Acknowledged#inFlight} tells the recover method, and a failure names it.
     */
    void begin(Object thing);

    /** Says that the work of giving a key this value begins. */
    default void begin(Object key, Object value) {
        begin(new Entry(key, value));
    }

    /**
     * Looks at the memory that the volume has handed out. Stores to it are otherwise seen at the
     * next call of the volume, or of this, and of several to a line between two looks only the
     * last: call this where a value in between must count.
     */
    void observe();

    /** A key and the value it was given. */
    record Entry(Object key, Object value) {
        @Override
        public String toString() {
            return key + " = " + value;
        }
    }
}
