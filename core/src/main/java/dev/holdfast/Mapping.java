package dev.holdfast;

import dev.holdfast.error.HoldfastException;
import dev.holdfast.fs.ChangeGate;
import dev.holdfast.fs.FileMapping;
import dev.holdfast.fs.FileSystem;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A range of a file, mapped. A program asks for the part it is about to use and gets memory:
 *
 * {@snippet :
 * MemorySegment record = mapping.writable(offset, 64, arena);
 * record.set(ValueLayout.JAVA_LONG, 0, value);
 * mapping.persist(offset, 64);
 * }
 *
 * <p>A segment handed out is a pin, tied to its arena: until the arena is closed no truncate or
 * punch takes the page away, and a writable one counts as dirty at each fsync. Narrow windows in
 * short arenas are the idiom; the methods without an arena pin until the mapping is closed.
 *
 * <p>Offsets are in bytes from the start of the mapping. Thread-safe; segments as their arenas say.
 */
public final class Mapping implements AutoCloseable {
    private final FileMapping mapping;
    private final FileSystem fs;
    private final MapMode mode;
    private final String path;
    private final long fileOffset;
    private final long length;
    private final Arena own = Arena.ofShared();
    private final AtomicBoolean ownClosed = new AtomicBoolean();

    Mapping(FileMapping mapping, FileSystem fs, MapMode mode, String path, long fileOffset,
            long length) {
        this.mapping = mapping;
        this.fs = fs;
        this.mode = mode;
        this.path = path;
        this.fileOffset = fileOffset;
        this.length = length;
    }

    /** Returns the mode. */
    public MapMode mode() {
        return mode;
    }

    /** Returns the length in bytes. */
    public long lengthBytes() {
        return length;
    }

    /** Returns read-only memory that shows a range, pinned until the mapping is closed. */
    public MemorySegment readable(long offset, long lengthBytes) throws IOException {
        return readable(offset, lengthBytes, own);
    }

    /**
     * Returns read-only memory that shows a range, now and as it changes, until {@code arena} is
     * closed.
     *
     * @throws HoldfastException BUS_ERROR when the range passes the page that holds the end of the
     *     file
     * @throws IndexOutOfBoundsException when it is not inside the mapping
     */
    public MemorySegment readable(long offset, long lengthBytes, Arena arena) throws IOException {
        return segment(offset, lengthBytes, arena, false);
    }

    /** Returns memory to load from and store to, pinned until the mapping is closed. */
    public MemorySegment writable(long offset, long lengthBytes) throws IOException {
        return writable(offset, lengthBytes, own);
    }

    /**
     * Returns memory to load from and store to, until {@code arena} is closed. Every page of it has
     * its blocks. Under {@link MapMode#SYNC} the metadata that finds them after a crash is durable
     * when this returns: a store that is then {@linkplain #persist persisted} is not lost.
     *
     * @throws HoldfastException NO_SPACE when the volume is full; BUS_ERROR past the end of the
     *     file; SHUT_DOWN after a failed write-back
     * @throws UnsupportedOperationException under {@link MapMode#READ_ONLY}
     */
    public MemorySegment writable(long offset, long lengthBytes, Arena arena) throws IOException {
        if (!mode.isWritable()) {
            throw new UnsupportedOperationException(path + " is mapped for reading only");
        }
        return segment(offset, lengthBytes, arena, true);
    }

    private MemorySegment segment(long offset, long lengthBytes, Arena arena, boolean writable)
            throws IOException {
        if (offset < 0 || lengthBytes <= 0 || lengthBytes > length - offset) {
            throw new IndexOutOfBoundsException(lengthBytes + " bytes at offset " + offset
                    + " are not inside a mapping of " + length + " bytes of " + path);
        }
        return mapping.segment(arena, fileOffset + offset, lengthBytes, writable);
    }

    /**
     * Makes the stores to a range durable, by whatever thread; one barrier where the range lies in
     * one piece. Says nothing about metadata: under {@link MapMode#SYNC} that was durable before,
     * under {@link MapMode#SHARED} it takes an {@link DaxFile#fdatasync} too.
     */
    public void persist(long offset, long lengthBytes) throws IOException {
        if (offset < 0 || lengthBytes <= 0 || lengthBytes > length - offset) {
            throw new IndexOutOfBoundsException(lengthBytes + " bytes at offset " + offset
                    + " are not inside a mapping of " + length + " bytes of " + path);
        }
        mapping.persist(fileOffset + offset, lengthBytes);
    }

    /** Makes every store durable, and the metadata that finds it: msync of the whole mapping. */
    public void sync() throws IOException {
        mapping.requireOpen();
        try (ChangeGate _ = fs.changing()) {
            fs.files().fdatasync(mapping.inode());
        }
    }

    /** Says how the mapping is mapped now, and why not otherwise. */
    public MapInfo mapInfo() {
        mapping.requireOpen();
        return MapInfo.of(this, mapping, fs);
    }

    /** Hands out no more segments; those of callers' arenas stay good. Idempotent. */
    @Override
    public void close() {
        // The volume may have closed the mapping below, when it was to be closed itself.
        mapping.close();
        if (ownClosed.compareAndSet(false, true)) {
            closeOwn();
        }
    }

    private void closeOwn() {
        boolean done = false;
        try {
            own.close();
            done = true;
        } finally {
            ownClosed.set(done);
        }
    }

    @Override
    public String toString() {
        return "Mapping[" + path + " " + mode + " offset=" + fileOffset + " length=" + length + "]";
    }
}
