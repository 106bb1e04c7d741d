package dev.holdfast.device;

/**
 * Hears what happens on a {@link HeardDevice}: what an explorer of crash states needs to know
 * which stores lie between two persists, and what a recovery looks at. Accesses through
 * {@link DaxDevice#memory()} are not heard, but which parts of it users hold.
 *
 * <p>Called in the thread that accesses the device. The two persist calls come while the device
 * holds its persist lock, so that a crash image taken in them is exact; they must not wait for a
 * thread that persists.
 */
public interface DeviceListener {
    /** A range was stored to. */
    default void stored(long offset, long length) {}

    /** A range was loaded. */
    default void read(long offset, long length) {}

    /** A persist of {@code count} offset and length pairs begins; nothing of it is durable yet. */
    default void beforePersist(long[] ranges, int count) {}

    /** The persist is done; not called for one that failed. */
    default void afterPersist(long[] ranges, int count) {}

    /**
     * A user gets memory that shows a range; see {@link DaxDevice#handedOut}. Stores through it are
     * not heard.
     */
    default void handedOut(long offset, long length, boolean writable) {}

    /** The power was cut and is on again: what the device holds now is durable, nothing else is. */
    default void crashed() {}
}
