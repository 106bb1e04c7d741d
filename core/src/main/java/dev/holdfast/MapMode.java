package dev.holdfast;

import dev.holdfast.dax.MapFlags;

/** What a mapping promises, and where stores to it go. */
public enum MapMode {
    /** Loads only. */
    READ_ONLY(MapFlags.SHARED, false),
    /**
     * Stores go to the file. A stored and persisted byte may still be lost with the metadata that
     * finds it, until an fsync or fdatasync of the file.
     */
    SHARED(MapFlags.SHARED, true),
    /**
     * Stores go to the file, and when a page is writable the metadata that finds it after a crash
     * is durable already: storing and {@link Mapping#persist persisting} is all that durability
     * takes.
     */
    SYNC(MapFlags.SHARED | MapFlags.SYNC | MapFlags.VALIDATE, true),
    /** Stores go to private copies of the pages and are never written to the file. */
    PRIVATE(MapFlags.PRIVATE, true);

    private final int flags;
    private final boolean writable;

    MapMode(int flags, boolean writable) {
        this.flags = flags;
        this.writable = writable;
    }

    int flags() {
        return flags;
    }

    boolean isWritable() {
        return writable;
    }
}
