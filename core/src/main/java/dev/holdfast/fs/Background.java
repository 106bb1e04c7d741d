package dev.holdfast.fs;

/**
 * Where a volume has its background work done: commits, checkpoints, zeroing and populating ahead.
 * Work that fails leaves the volume to report it to the next caller who needs what it would have
 * done.
 */
public interface Background extends AutoCloseable {
    /** Has {@code work} run soon, once, however often it was asked for before it ran. */
    void request(Runnable work);

    /** Has {@code work} run every {@code periodNanos} until closed. */
    void repeat(Runnable work, long periodNanos);

    /** Runs nothing more; returns when nothing is running. */
    @Override
    void close();
}
