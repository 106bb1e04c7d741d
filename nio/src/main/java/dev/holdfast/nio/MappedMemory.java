package dev.holdfast.nio;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.fs.ContiguousMapping;
import dev.holdfast.fs.ContiguousMapping.Kind;
import dev.holdfast.fs.FileSystem;
import dev.holdfast.fs.Inode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel.MapMode;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Maps ranges of files as one <em>mapped</em> segment, for which {@code force}, {@code load} and
 * {@code isLoaded} work: the JDK maps as much of a scratch file, and the extents are laid over its
 * addresses.
 *
 * <ol>
 * <li>The core allocates, makes durable and pins what the mapping needs.
 * <li>The arena is given the last thing to do when it closes: letting go of the pins.
 * <li>The JDK maps the scratch file into the arena.
 * <li>The arena is given the first thing to do when it closes: no block is laid any more.
 * <li>The extents are laid over.
 * </ol>
 *
 * <p>So a closing arena stops, unmaps, and unpins, in this order: an arena runs what it was given
 * in the reverse order, and no address is laid over once it may belong to somebody else.
 */
final class MappedMemory {
    private static final long PAGE = 4096;

    private static final int COLLECTIONS = 5;
    private static final long COLLECTION_NANOS = 200_000_000;
    private static final long LOOK_NANOS = 1_000_000;

    /** What is mapped now, by the address of its first page: to find what a segment shows. */
    private static final ConcurrentSkipListMap<Long, ContiguousMapping> BY_ADDRESS =
            new ConcurrentSkipListMap<>();

    /**
     * The mappings that end when the collector finds their buffers unreachable, with their volumes.
     */
    private static final Map<ContiguousMapping, FileSystem> COLLECTED = new ConcurrentHashMap<>();

    private MappedMemory() {}

    /** Maps {@code size} bytes, at least one, from {@code position} of a file. */
    static MemorySegment map(FileSystem core, Inode inode, MapMode mode, long position, long size,
            Arena arena, boolean collected) throws IOException {
        MapMode plain = MapModes.plain(mode);
        Kind kind = plain == MapMode.READ_ONLY ? Kind.READABLE
                : plain == MapMode.PRIVATE ? Kind.PRIVATE : Kind.WRITABLE;
        ContiguousMapping mapping =
                core.mappings().mapContiguous(inode, position, size, kind, mode != plain);
        boolean complete = false;
        try {
            if (collected) {
                COLLECTED.put(mapping, core);
            }
            MemorySegment.NULL.reinterpret(arena, unused -> unmapped(mapping));
            long inPage = position % PAGE;
            MemorySegment segment = ScratchFile.map(plain, inPage, size, arena);
            long base = segment.address() - inPage;
            BY_ADDRESS.put(base, mapping);
            MemorySegment.NULL.reinterpret(arena, unused -> unmapping(base, mapping));
            mapping.lay(base);
            complete = true;
            return segment;
        } finally {
            if (!complete) {
                unmapped(mapping);
            }
        }
    }

    private static void unmapped(ContiguousMapping mapping) {
        mapping.release();
        COLLECTED.remove(mapping);
    }

    private static void unmapping(long base, ContiguousMapping mapping) {
        BY_ADDRESS.remove(base, mapping);
        mapping.stop();
    }

    /**
     * Has buffers that nobody can reach any more unmapped, so that their volume can be closed:
     * there is no other way to unmap a buffer. Those that are reachable stay.
     */
    static void collect(FileSystem core) {
        for (int i = 0; i < COLLECTIONS && COLLECTED.containsValue(core); i++) {
            System.gc();
            long end = System.nanoTime() + COLLECTION_NANOS;
            while (COLLECTED.containsValue(core) && System.nanoTime() < end) {
                LockSupport.parkNanos(LOOK_NANOS);
            }
        }
    }

    /** Makes the stores to a range of a segment durable. */
    static void persist(MemorySegment segment, long offset, long length) throws IOException {
        // Checks the range, and that the arena is open.
        MemorySegment range = segment.asSlice(offset, length);
        if (!segment.scope().isAlive()) {
            throw new IllegalStateException("the arena of the segment is closed");
        }
        Map.Entry<Long, ContiguousMapping> entry = BY_ADDRESS.floorEntry(range.address());
        if (entry == null || !segment.isMapped()
                || range.address() - entry.getKey()
                        > entry.getValue().lengthBytes() - length) {
            throw new HoldfastException(ErrorCode.INVALID,
                    "not memory that a channel of a Holdfast volume has mapped");
        }
        entry.getValue().persist(range.address(), length);
    }
}
