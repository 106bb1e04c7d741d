package dev.holdfast.alloc;

import dev.holdfast.alloc.FreeSpace.Kind;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.mutant.Mutants;
import java.util.Objects;

/**
 * Fills a {@link BlockAllocator} from the fold at mount. Not thread-safe.
 *
 * <ol>
 * <li>{@link #addFree} for every FREE item.
 * <li>{@link #addKnownZero} for every ZERO item. What has none is unknown: the unclean end of the
 *     last mount may have left anything there.
 * <li>{@link #start}, once.
 * </ol>
 */
public final class AllocatorLoader {
    private final ZeroClaims claims;
    private final Mutants mutants;
    private FreeSpace space;

    /** Creates a loader for a volume of {@code totalBlocks} blocks, none of them free. */
    public AllocatorLoader(long totalBlocks, ZeroClaims claims, Mutants mutants) {
        this.space = new FreeSpace(totalBlocks);
        this.claims = Objects.requireNonNull(claims);
        this.mutants = Objects.requireNonNull(mutants);
    }

    /**
     * Adds free blocks.
     *
     * @throws HoldfastException CORRUPT when they lie outside the volume or are free already
     */
    public void addFree(long block, long count) throws HoldfastException {
        if (!space.isValid(block, count)) {
            throw corrupt("free blocks", block, count, "lie outside the volume's "
                    + space.totalBlocks + " blocks");
        }
        if (space.free.intersects(block, count)) {
            throw corrupt("free blocks", block, count, "are listed twice");
        }
        space.put(Kind.UNKNOWN, block, count);
        space.ledger.add(count);
    }

    /**
     * Adds a durable claim that free blocks are zero.
     *
     * @throws HoldfastException CORRUPT when they are not all free, or claimed already
     */
    public void addKnownZero(long block, long count) throws HoldfastException {
        if (!space.isValid(block, count) || space.unknown.lengthAt(block) < count) {
            throw corrupt("known-zero blocks", block, count, "are not free, or are listed twice");
        }
        space.take(Kind.UNKNOWN, block, count);
        space.put(Kind.CLAIMED, block, count);
    }

    /** Returns the allocator over what was added. The loader is used up. */
    public BlockAllocator start() {
        FreeSpace loaded = Objects.requireNonNull(space, "started already");
        space = null;
        return new BlockAllocator(loaded, claims, mutants);
    }

    private static HoldfastException corrupt(String what, long block, long count, String why) {
        return new HoldfastException(ErrorCode.CORRUPT,
                what + " " + block + "+" + count + " " + why + "; check the volume");
    }
}
