package dev.holdfast.alloc;

/**
 * Exact counts since the mount, taken at one moment.
 *
 * @param poolHits requests for zeroed blocks answered from the pool: no barrier, no zeroing
 * @param claimMisses requests that had to wait for a claim to leave the log durably
 * @param unknownMisses requests for zeroed blocks that got blocks the caller must zero
 * @param blocksZeroedAhead blocks zeroed in the background
 * @param blocksLeft blocks that left the known-zero set durably
 * @param blocksJoined blocks that joined it
 */
public record AllocatorCounters(
        long poolHits,
        long claimMisses,
        long unknownMisses,
        long blocksZeroedAhead,
        long blocksLeft,
        long blocksJoined) {}
