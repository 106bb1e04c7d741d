package dev.holdfast.alloc;

import dev.holdfast.alloc.FreeSpace.Kind;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;

/**
 * Hands out the free blocks of a volume. A cache of the fold's FREE and ZERO items, loaded at mount
 * ({@link AllocatorLoader}); the map and unmap records that change them are the file system's.
 *
 * <p>The life of a block:
 * <ol>
 * <li><em>claimed</em>: a durable record claims that it is zero; nobody may store to it;
 * <li>its claim leaves the log durably, a MiB at a time: it is in the <em>pool</em>, zero, and
 *     costs whoever gets it neither zeroing nor a barrier;
 * <li>allocated: the file system zeroes it durably if {@link Run#zeroed} is false, logs a map
 *     record;
 * <li>freed ({@link #free}): <em>pending</em> until the record that freed it is durable;
 * <li><em>unknown</em>: free, with any content, until {@link #refill} has zeroed it: then it is in
 *     the pool or, with a new claim, claimed.
 * </ol>
 *
 * <p>Thread safety: every method may be called by any thread. One lock, held for a few tree steps;
 * records are appended and committed, and blocks zeroed, without it, while the blocks concerned are
 * in nobody's reach. A caller may hold any file-system lock but the log's own (H6). Allocating from
 * the pool makes no garbage.
 *
 * <p>Durability: what {@code allocate} returned may be stored to at once. No block is returned
 * before the record that freed it, and the departure of its claim, are durable.
 */
public final class BlockAllocator {
    /** Blocks of a huge page, and the alignment of one. */
    public static final int HUGE_BLOCKS = 512;

    private final FreeSpace space;
    private final ZeroClaims claims;
    private final Mutants mutants;
    private final Placement placement;
    private final Restocker restocker;

    private long poolHits;
    private long claimMisses;
    private long unknownMisses;
    private long left;

    BlockAllocator(FreeSpace space, ZeroClaims claims, Mutants mutants) {
        this.space = space;
        this.claims = claims;
        this.mutants = mutants;
        placement = new Placement(space);
        restocker = new Restocker(space, claims, mutants);
        restocker.review();
    }

    /**
     * Answers a request with one run, or returns false when there is none: too few blocks are free
     * and not promised to others, or no run is long or aligned enough. Then nothing has changed;
     * when {@link #pendingFreeBlocks} says so, a commit brings more (H3).
     *
     * @throws IOException when a claim could not leave durably; no block is lost
     * @throws IllegalArgumentException when no run could ever answer the request
     */
    public boolean allocate(Request request, Run run) throws IOException {
        request.check();
        Departure departure;
        space.lock.lock();
        try {
            if (!choose(request)) {
                return false;
            }
            departure = take(request, run);
        } finally {
            restocker.review();
            space.lock.unlock();
        }
        if (departure != null) {
            leave(departure, request, run);
        }
        return true;
    }

    private boolean choose(Request request) {
        // One block is always found where the ledger has one; longer runs wait for what is in
        // flight now.
        long until = request.minCount == 1 && request.align == 1
                ? Long.MAX_VALUE : space.flightsStarted();
        while (true) {
            long limit = Math.min(request.maxCount, space.ledger.limit(request.fromReservation));
            if (limit >= request.minCount && placement.place(request, limit)) {
                return true;
            }
            if (!space.drain(claims.durableLsn())
                    && (limit < request.minCount || !space.awaitLanding(until))) {
                return false;
            }
        }
    }

    /** Takes the chosen run; returns the claims that must leave before it may be used, or null. */
    private Departure take(Request request, Run run) {
        run.block = placement.block;
        run.count = placement.count;
        run.zeroed = true;
        space.ledger.take(run.count, request.fromReservation);
        boolean zeroWanted = request.content == Request.Content.ZERO_WANTED;
        long pooled = space.pool.cut(run.block, run.count);
        if (pooled == run.count) {
            space.free.remove(run.block, run.count);
            poolHits += zeroWanted ? 1 : 0;
            return null;
        }
        long unknown = space.unknown.cut(run.block, run.count);
        run.zeroed = unknown == 0;
        unknownMisses += zeroWanted && unknown > 0 ? 1 : 0;
        if (pooled + unknown == run.count) {
            space.free.remove(run.block, run.count);
            return null;
        }
        claimMisses++;
        Departure departure = depart(run);
        space.free.cut(run.block, run.count);
        space.takeOff();
        return departure;
    }

    /** Takes out the claimed blocks of a run and, as one record serves both, of the MiB around. */
    private Departure depart(Run run) {
        var departure = new Departure(space);
        long from = run.block & -Restocker.STEP_BLOCKS;
        long to = run.end() + Restocker.STEP_BLOCKS - 1 & -Restocker.STEP_BLOCKS;
        int node = space.claimed.floor(run.end() - 1);
        while (node != RunSet.NONE && space.claimed.end(node) > run.block) {
            long start = Math.max(space.claimed.start(node), from);
            departure.add(start, Math.min(space.claimed.end(node), to) - start);
            node = space.claimed.floor(run.end() - 1);
        }
        return departure;
    }

    private void leave(Departure departure, Request request, Run run) throws IOException {
        boolean gone = false;
        try {
            departure.leave(claims, !mutants.on(Mutant.KNOWN_ZERO_CLAIM_NOT_DURABLE));
            gone = true;
        } finally {
            space.lock.lock();
            try {
                if (gone) {
                    left += departure.poolOutside(run.block, run.end());
                } else {
                    space.ledger.giveBack(run.count, request.fromReservation);
                    departure.undo(run.block, run.end());
                }
                space.land();
                restocker.review();
            } finally {
                space.lock.unlock();
            }
        }
    }

    /** Tells whether {@link #free} would take the blocks: on the volume, none free or pending. */
    public boolean isInUse(long block, long count) {
        space.lock.lock();
        try {
            return space.isValid(block, count) && !space.free.intersects(block, count)
                    && !space.parked.intersects(block, count);
        } finally {
            space.lock.unlock();
        }
    }

    /**
     * Takes back blocks whose UNMAP record, or whichever freed them, ends at {@code lsn}: they can
     * be had again when that is durable, and their content is then unknown.
     *
     * @throws IllegalStateException when some of them are free or pending already
     */
    public void free(long block, long count, long lsn) {
        if (!space.isValid(block, count)) {
            throw new IllegalArgumentException("blocks " + block + "+" + count
                    + " are not on a volume of " + space.totalBlocks);
        }
        space.lock.lock();
        try {
            if (space.free.intersects(block, count) || space.parked.intersects(block, count)) {
                throw new IllegalStateException("blocks " + block + "+" + count
                        + " are freed, but some of them are free or pending already");
            }
            boolean atOnce = mutants.on(Mutant.FREED_BLOCK_REUSED_AT_ONCE);
            space.park(atOnce ? 0 : lsn, block, count);
            restocker.freed();
            space.drain(claims.durableLsn());
            restocker.review();
        } finally {
            space.lock.unlock();
        }
    }

    /**
     * Takes back a run that no record ever showed to a file: an attempt that came to nothing (M7).
     * It may have been stored to, so its content is unknown.
     *
     * @param toReservation the run was taken from a reservation, which gets it back
     */
    public void giveBack(Run run, boolean toReservation) {
        space.lock.lock();
        try {
            space.put(Kind.UNKNOWN, run.block, run.count);
            space.ledger.giveBack(run.count, toReservation);
            restocker.review();
        } finally {
            space.lock.unlock();
        }
    }

    /**
     * Takes back a run that nobody has stored to since {@link #allocate}, but to zero it: what is
     * known of its content still holds.
     */
    public void putBack(Run run) {
        space.lock.lock();
        try {
            space.put(run.zeroed ? Kind.POOL : Kind.UNKNOWN, run.block, run.count);
            space.ledger.giveBack(run.count, false);
            restocker.review();
        } finally {
            space.lock.unlock();
        }
    }

    /**
     * Takes the first free run that lies in a range, cut to it; false when none does. Not out of a
     * reservation; its content may be anything.
     */
    public boolean allocateWithin(long block, long count, Run run) throws IOException {
        Request request = new Request();
        Departure departure;
        space.lock.lock();
        try {
            while (space.awaitLanding(Long.MAX_VALUE)) {
                continue;
            }
            int node = space.free.floor(block);
            if (node == RunSet.NONE || space.free.end(node) <= block) {
                node = space.free.first(RunSet.Metric.COUNT, block, 1);
            }
            if (node == RunSet.NONE || space.free.start(node) >= block + count) {
                return false;
            }
            placement.block = Math.max(block, space.free.start(node));
            placement.count = Math.min(block + count, space.free.end(node)) - placement.block;
            departure = take(request, run);
        } finally {
            restocker.review();
            space.lock.unlock();
        }
        if (departure != null) {
            leave(departure, request, run);
        }
        run.zeroed = false;
        return true;
    }

    /**
     * Is told that records up to {@code lsn} are durable. Costs a load when no block waits for it.
     */
    public void onDurable(long lsn) {
        if (!space.wouldDrain(lsn)) {
            return;
        }
        space.lock.lock();
        try {
            space.drain(lsn);
            restocker.review();
        } finally {
            space.lock.unlock();
        }
    }

    /**
     * Promises {@code count} blocks to later requests {@linkplain Request#fromReservation from the
     * reservation}; false when so many are not available. The promise is of a number of blocks, not
     * of runs.
     */
    public boolean reserve(long count) {
        space.lock.lock();
        try {
            return space.ledger.reserve(count)
                    || space.drain(claims.durableLsn()) && space.ledger.reserve(count);
        } finally {
            restocker.review();
            space.lock.unlock();
        }
    }

    /** Takes back a promise, or the part of it that was not used. */
    public void unreserve(long count) {
        space.lock.lock();
        try {
            space.ledger.unreserve(count);
        } finally {
            space.lock.unlock();
        }
    }

    /**
     * Does one step of background work: moves up to a MiB, or a whole aligned 2 MiB, into the pool,
     * or else zeroes up to a MiB of unknown blocks. Steps may run in several threads.
     *
     * @return how many blocks were moved; 0 when there is nothing to do
     * @throws IOException when a record could not be committed or blocks not be zeroed; no block is
     * lost
     */
    public int refill() throws IOException {
        return restocker.step();
    }

    /** Tells, without the lock, whether {@link #refill} would find work. */
    public boolean needsRefill() {
        return restocker.isWanted() || space.wouldDrain(claims.durableLsn());
    }

    /**
     * Makes what is left in the pool join the known-zero set, for a clean close; nothing may be
     * allocated afterwards.
     *
     * @return the LSN to commit, 0 when the pool was empty
     */
    public long releasePool() throws IOException {
        return restocker.releasePool();
    }

    /** Returns the free blocks, promised ones included, those that wait for a record not. */
    public long freeBlocks() {
        space.lock.lock();
        try {
            return space.ledger.free();
        } finally {
            space.lock.unlock();
        }
    }

    /** Returns the free blocks that nobody was promised: what a plain request can have at most. */
    public long availableBlocks() {
        space.lock.lock();
        try {
            return space.ledger.available();
        } finally {
            space.lock.unlock();
        }
    }

    /** Returns the blocks promised and not yet taken. */
    public long reservedBlocks() {
        space.lock.lock();
        try {
            return space.ledger.reserved();
        } finally {
            space.lock.unlock();
        }
    }

    /** Returns the freed blocks that wait for their record to be durable: a commit brings them. */
    public long pendingFreeBlocks() {
        space.lock.lock();
        try {
            if (space.drain(claims.durableLsn())) {
                restocker.review();
            }
            return space.parked.blocks();
        } finally {
            space.lock.unlock();
        }
    }

    /** Returns the blocks that can be had without zeroing and without a barrier. */
    public long poolBlocks() {
        space.lock.lock();
        try {
            return space.pool.blocks();
        } finally {
            space.lock.unlock();
        }
    }

    /** Returns how many aligned huge pages are free, whatever is known of their content. */
    public long freeHugeRanges() {
        space.lock.lock();
        try {
            return space.free.hugeRanges();
        } finally {
            space.lock.unlock();
        }
    }

    /** Returns the length in blocks of the longest free run. */
    public long largestFreeRun() {
        space.lock.lock();
        try {
            return space.free.largest(RunSet.Metric.COUNT);
        } finally {
            space.lock.unlock();
        }
    }

    /** Returns the counters as of now. */
    public AllocatorCounters counters() {
        space.lock.lock();
        try {
            return new AllocatorCounters(poolHits, claimMisses, unknownMisses,
                    restocker.zeroedAhead, left + restocker.left, restocker.joined);
        } finally {
            space.lock.unlock();
        }
    }

    /**
     * Shows every free run to {@code free}, maximal and in ascending order, when nothing is in
     * flight; then those that wait for their record to {@code pending}. For checks: the two
     * together are the FREE items of the fold up to the end of the log, less what is allocated
     * and not logged yet. The lock is held, so the visitors must not call back.
     */
    public void forEachFree(RunVisitor free, RunVisitor pending) {
        space.lock.lock();
        try {
            while (space.awaitLanding(Long.MAX_VALUE)) {
                continue;
            }
            space.free.forEach(free);
            space.parked.forEach(pending);
        } finally {
            space.lock.unlock();
        }
    }

    /** Shows every run whose durable claim to be zero stands, as {@link #forEachFree} does. */
    public void forEachKnownZero(RunVisitor visitor) {
        space.lock.lock();
        try {
            while (space.awaitLanding(Long.MAX_VALUE)) {
                continue;
            }
            space.claimed.forEach(visitor);
        } finally {
            space.lock.unlock();
        }
    }
}
