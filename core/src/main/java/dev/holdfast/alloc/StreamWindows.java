package dev.holdfast.alloc;

/**
 * Soft claims of growing files on the blocks right after their last ones, so that files that grow
 * at the same time do not take turns block by block. Nothing is lost when a window is ignored or
 * forgotten. Guarded by the lock of {@link FreeSpace}.
 */
final class StreamWindows {
    /** Streams remembered at once, a power of two; a newer one displaces an older with its slot. */
    private static final int SLOTS = 16;
    private static final long MIN_BLOCKS = 16;
    private static final long MAX_BLOCKS = BlockAllocator.HUGE_BLOCKS;

    private final long[] streams = new long[SLOTS];
    private final long[] starts = new long[SLOTS];
    private final long[] ends = new long[SLOTS];

    /** Returns the block where a stream goes on, or -1. */
    long next(long stream) {
        int slot = slot(stream);
        return stream != Request.NO_STREAM && streams[slot] == stream ? starts[slot] : -1;
    }

    /** Moves the window of a stream behind the run it just got; longer runs get longer windows. */
    void moveBehind(long stream, long end, long count) {
        if (stream != Request.NO_STREAM) {
            int slot = slot(stream);
            streams[slot] = stream;
            starts[slot] = end;
            ends[slot] = end + Math.clamp(count, MIN_BLOCKS, MAX_BLOCKS);
        }
    }

    /**
     * Returns the first place from {@code block} on with {@code count} blocks in no other's window.
     */
    long skip(long stream, long block, long count) {
        long place = block;
        for (int slot = 0; slot < SLOTS; slot++) {
            if (streams[slot] != Request.NO_STREAM && streams[slot] != stream
                    && starts[slot] < place + count && ends[slot] > place) {
                place = ends[slot];
                slot = -1; // a window passed before may lie across the new place
            }
        }
        return place;
    }

    private static int slot(long stream) {
        return (int) (stream * 0x9E3779B97F4A7C15L >>> 60);
    }
}
