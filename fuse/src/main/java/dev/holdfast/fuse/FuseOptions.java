package dev.holdfast.fuse;

import java.time.Duration;

/** How a volume is mounted. Immutable; each method returns a changed copy. */
public final class FuseOptions {
    private static final int MAX_WORKERS = 64;

    private final int workers;
    private final Duration cacheTime;
    private final boolean writeback;
    private final boolean othersAllowed;
    private final String source;

    private FuseOptions(int workers, Duration cacheTime, boolean writeback, boolean othersAllowed,
            String source) {
        this.workers = workers;
        this.cacheTime = cacheTime;
        this.writeback = writeback;
        this.othersAllowed = othersAllowed;
        this.source = source;
    }

    /**
     * Returns the defaults: a worker for each processor but at least four, names and attributes
     * cached for a second, no write-back cache, other users allowed where root mounts, the volume's
     * name as source.
     */
    public static FuseOptions defaults() {
        int processors = Runtime.getRuntime().availableProcessors();
        return new FuseOptions(Math.clamp(processors, 4, 16), Duration.ofSeconds(1), false, true,
                null);
    }

    /** Sets how many requests are served at a time, from 1 to 64. */
    public FuseOptions workers(int count) {
        if (count < 1 || count > MAX_WORKERS) {
            throw new IllegalArgumentException("workers: " + count + " is not from 1 to "
                    + MAX_WORKERS);
        }
        return new FuseOptions(count, cacheTime, writeback, othersAllowed, source);
    }

    /**
     * Sets for how long the kernel may answer for names and attributes without asking. What
     * programs do through the mount they see at once in any case; this is how late they may see
     * what users within the owning process do.
     */
    public FuseOptions cacheTime(Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException("a negative cache time: " + time);
        }
        return new FuseOptions(workers, time, writeback, othersAllowed, source);
    }

    /**
     * Lets the kernel keep written data, sizes and times to itself until it writes them back:
     * faster for small writes, and lost with the machine or seen late within the owning process
     * until an fsync.
     */
    public FuseOptions writeback() {
        return new FuseOptions(workers, cacheTime, true, othersAllowed, source);
    }

    /** Keeps other users out of the mount, even root where an ordinary user mounts. */
    public FuseOptions ownerOnly() {
        return new FuseOptions(workers, cacheTime, writeback, false, source);
    }

    /** Sets what the mount table shows as source, instead of the volume's name. */
    public FuseOptions source(String text) {
        return new FuseOptions(workers, cacheTime, writeback, othersAllowed, text);
    }

    int workerCount() {
        return workers;
    }

    Duration cacheDuration() {
        return cacheTime;
    }

    boolean isWriteback() {
        return writeback;
    }

    boolean isOthersAllowed() {
        return othersAllowed;
    }

    String sourceOr(String volumeName) {
        return source == null ? volumeName : source;
    }
}
