package dev.holdfast.fs;

import dev.holdfast.alloc.BlockAllocator;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;

/**
 * Blocks promised to the writable mappings of one file: one for each hole at the time of the map
 * call, so that running out of space is an error of that call and not of a store.
 *
 * <p>The promises of all the file's mappings are pooled: whoever fills a hole uses one. When a
 * mapping ends, what exceeds the promises of the others goes back. Thread-safe.
 */
final class Reservation {
    private long promisedBlocks;
    private long unusedBlocks;

    /** Promises {@code blocks} to one more mapping. */
    synchronized void promise(BlockAllocator allocator, long blocks, String fileName)
            throws HoldfastException {
        if (!allocator.reserve(blocks)) {
            throw new HoldfastException(ErrorCode.NO_SPACE,
                    fileName + ": mapping it needs " + blocks
                    + " more blocks of 4096 bytes for its holes, and " + allocator.availableBlocks()
                    + " are available; free space, or map less");
        }
        promisedBlocks += blocks;
        unusedBlocks += blocks;
    }

    /** Ends the promise to one mapping. */
    synchronized void end(BlockAllocator allocator, long blocks) {
        promisedBlocks -= blocks;
        long excess = Math.max(0, unusedBlocks - promisedBlocks);
        allocator.unreserve(excess);
        unusedBlocks -= excess;
    }

    synchronized boolean covers(long blocks) {
        return unusedBlocks >= blocks;
    }

    synchronized void use(long blocks) {
        unusedBlocks -= blocks;
    }
}
