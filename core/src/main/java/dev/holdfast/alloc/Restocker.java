package dev.holdfast.alloc;

import dev.holdfast.alloc.FreeSpace.Kind;
import dev.holdfast.alloc.RunSet.Metric;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Works ahead of the faults: stocks the pool from claimed blocks, and zeroes unknown ones.
 *
 * <p>Each step takes blocks out under the lock, does the slow part without it, and puts them back;
 * when that fails they go where their durable state allows.
 */
final class Restocker {
    /** Blocks moved by one step, unless it takes a whole huge page: 1 MiB, one record. */
    static final long STEP_BLOCKS = 256;
    /** The pool never holds more: 16 MiB. */
    private static final long MAX_TARGET_BLOCKS = 4096;
    private static final int VOLUME_SHARE = 16;
    /**
     * Unknown blocks are zeroed ahead only while fewer than these are known to be zero: 64 MiB.
     * More would cost the medium writes that nobody may ever need.
     */
    private static final long AHEAD_BLOCKS = 16384;
    /** Loose ends shorter than this are not worth a record while there are longer runs. */
    private static final long MIN_LOOSE_BLOCKS = 64;
    private static final int HUGE = BlockAllocator.HUGE_BLOCKS;

    private final FreeSpace space;
    private final ZeroClaims claims;
    private final Mutants mutants;
    private final long target;
    /** Pending runs are to be zeroed too early; set only by a mutant. */
    private boolean early;
    private volatile boolean wanted;

    long zeroedAhead;
    long left;
    long joined;

    Restocker(FreeSpace space, ZeroClaims claims, Mutants mutants) {
        this.space = space;
        this.claims = claims;
        this.mutants = mutants;
        long share = Math.min(MAX_TARGET_BLOCKS, Math.max(1, space.totalBlocks / VOLUME_SHARE));
        target = space.totalBlocks >= 2 * HUGE ? Math.max(HUGE, share) : share;
    }

    boolean isWanted() {
        return wanted;
    }

    /** Works out anew whether a step would find work. Called under the lock after each change. */
    void review() {
        boolean work = stockIsLow() && !space.claimed.isEmpty() || hasUnknownToZero() || early;
        if (work != wanted) {
            wanted = work;
        }
    }

    /** Is told that blocks were freed whose record may not be durable. Called under the lock. */
    void freed() {
        early = mutants.on(Mutant.FREED_BLOCK_ZEROED_EARLY);
    }

    /** Does one step; returns how many blocks it moved, 0 when there was nothing to do. */
    int step() throws IOException {
        var departure = new Departure(space);
        boolean stock;
        long block;
        long count;
        space.lock.lock();
        try {
            space.drain(claims.durableLsn());
            if (early) {
                zeroPending();
            }
            stock = stockIsLow() && !space.claimed.isEmpty();
            RunSet source = stock ? space.claimed : space.unknown;
            if (source.isEmpty() || !stock && !hasUnknownToZero()) {
                review();
                return 0;
            }
            int node = stock ? claimedToStock() : space.unknown.first(Metric.COUNT, 0, 1);
            block = placeIn(source, node, stock);
            count = Math.min(source.lengthAt(block), sizeAt(block, stock));
            if (stock) {
                departure.add(block, count);
            } else {
                space.take(Kind.UNKNOWN, block, count);
            }
            space.takeOff();
        } finally {
            space.lock.unlock();
        }
        if (stock) {
            stock(departure, block, count);
        } else {
            zeroAhead(block, count);
        }
        return (int) count;
    }

    private boolean hasUnknownToZero() {
        return !space.unknown.isEmpty()
                && space.pool.blocks() + space.claimed.blocks() < AHEAD_BLOCKS;
    }

    /** Less than the target by a step, or by half where the target is less than two steps. */
    private boolean stockIsLow() {
        return target - space.pool.blocks() >= Math.min(STEP_BLOCKS, (target + 1) / 2);
    }

    private boolean hasRoomForHuge() {
        return target - space.pool.blocks() >= HUGE;
    }

    /** A huge page while the pool has none, else what is broken already, else the next one. */
    private int claimedToStock() {
        RunSet claimed = space.claimed;
        boolean huge = hasRoomForHuge() && claimed.hugeRanges() > 0;
        if (huge && space.pool.hugeRanges() == 0) {
            return claimed.first(Metric.HUGE, 0, 1);
        }
        int node = claimed.first(Metric.LOOSE, 0, MIN_LOOSE_BLOCKS);
        if (node == RunSet.NONE && huge) {
            node = claimed.first(Metric.HUGE, 0, 1);
        }
        if (node == RunSet.NONE) {
            long length = Math.min(STEP_BLOCKS, claimed.largest(Metric.COUNT));
            node = claimed.first(Metric.COUNT, 0, length);
        }
        return node;
    }

    private long placeIn(RunSet source, int node, boolean stock) {
        long start = source.start(node);
        long firstHuge = start + HUGE - 1 & -HUGE;
        boolean takesHuge = stock && hasRoomForHuge() && firstHuge + HUGE <= source.end(node)
                && (space.pool.hugeRanges() == 0 || firstHuge - start < MIN_LOOSE_BLOCKS);
        return takesHuge ? firstHuge : start;
    }

    private long sizeAt(long block, boolean stock) {
        if (!stock) {
            return STEP_BLOCKS;
        }
        if ((block & HUGE - 1) == 0 && hasRoomForHuge()) {
            return HUGE;
        }
        // Up to the next huge page, so that it stays whole; a small pool is not overfilled.
        long toHuge = HUGE - (block & HUGE - 1);
        return Math.min(toHuge, Math.min(STEP_BLOCKS, target - space.pool.blocks()));
    }

    private void stock(Departure departure, long block, long count) throws IOException {
        boolean gone = false;
        try {
            departure.leave(claims, !mutants.on(Mutant.KNOWN_ZERO_CLAIM_NOT_DURABLE));
            gone = true;
            claims.populate(block, count);
        } finally {
            space.lock.lock();
            try {
                if (gone) {
                    left += departure.poolOutside(block, block);
                } else {
                    departure.undo(block, block);
                }
                land();
            } finally {
                space.lock.unlock();
            }
        }
    }

    private void zeroAhead(long block, long count) throws IOException {
        Kind kind = Kind.UNKNOWN;
        try {
            claims.zeroAndPersist(block, count);
            kind = Kind.POOL;
            if (isStocked()) {
                claims.join(block, count);
                kind = Kind.CLAIMED;
            }
        } finally {
            space.lock.lock();
            try {
                space.put(kind, block, count);
                zeroedAhead += kind == Kind.UNKNOWN ? 0 : count;
                joined += kind == Kind.CLAIMED ? count : 0;
                land();
            } finally {
                space.lock.unlock();
            }
        }
    }

    private boolean isStocked() {
        space.lock.lock();
        try {
            return !stockIsLow();
        } finally {
            space.lock.unlock();
        }
    }

    /** What the mutant does. */
    private void zeroPending() throws IOException {
        early = false;
        List<long[]> runs = new ArrayList<>();
        space.parked.forEach((block, count) -> runs.add(new long[] {block, count}));
        for (long[] run : runs) {
            claims.zeroAndPersist(run[0], run[1]);
        }
    }

    /** Makes the pool join the known-zero set; returns the last LSN, 0 when it was empty. */
    long releasePool() throws IOException {
        long lsn = 0;
        while (true) {
            long block;
            long count;
            space.lock.lock();
            try {
                if (space.pool.isEmpty()) {
                    return lsn;
                }
                int node = space.pool.first(Metric.COUNT, 0, 1);
                block = space.pool.start(node);
                count = space.pool.end(node) - block;
                space.take(Kind.POOL, block, count);
                space.takeOff();
            } finally {
                space.lock.unlock();
            }
            Kind kind = Kind.POOL;
            try {
                lsn = claims.join(block, count);
                kind = Kind.CLAIMED;
            } finally {
                space.lock.lock();
                try {
                    space.put(kind, block, count);
                    joined += kind == Kind.CLAIMED ? count : 0;
                    land();
                } finally {
                    space.lock.unlock();
                }
            }
        }
    }

    private void land() {
        space.land();
        review();
    }
}
