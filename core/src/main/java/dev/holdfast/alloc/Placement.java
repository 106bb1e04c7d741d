package dev.holdfast.alloc;

import dev.holdfast.alloc.FreeSpace.Kind;
import dev.holdfast.alloc.RunSet.Metric;

/**
 * Chooses which free blocks answer a request; changes nothing but the stream windows.
 *
 * <ul>
 * <li><b>Aligned</b>: the goal, else the first aligned place, in a class that suits, else across
 *     classes.
 * <li><b>Small</b> (at most {@value #SMALL_BLOCKS} blocks): the goal; else where the stream goes
 *     on; else the first loose end, that is, blocks of a huge page that is broken already; else the
 *     first run long enough; the windows of other streams are passed over. When zeroes are wanted
 *     the pool comes before all else, even before a goal outside it: no barrier beats adjacency.
 * <li><b>Large</b>: the goal; else, with a colour, a place of that colour with room; else the first
 *     run long enough, else the longest.
 * </ul>
 *
 * <p>Guarded by the lock of {@link FreeSpace}.
 */
final class Placement {
    /** The most blocks of a small request. */
    static final long SMALL_BLOCKS = 64;

    /** Runs looked at before the windows of other streams are ignored. */
    private static final int TRIES = 8;
    private static final int HUGE = BlockAllocator.HUGE_BLOCKS;
    private static final Kind[] ZERO_FIRST = {Kind.POOL, Kind.CLAIMED, Kind.UNKNOWN};
    private static final Kind[] CLAIMED_FIRST = {Kind.CLAIMED, Kind.POOL, Kind.UNKNOWN};
    private static final Kind[] ZERO_LAST = {Kind.UNKNOWN, Kind.CLAIMED, Kind.POOL};

    /** The run chosen by the last call that returned true. */
    long block;
    long count;

    private final FreeSpace space;
    private final StreamWindows windows = new StreamWindows();

    Placement(FreeSpace space) {
        this.space = space;
    }

    /** Chooses a run of at least the request's minimum and at most {@code limit} blocks. */
    boolean place(Request request, long limit) {
        boolean found = request.align > 1
                ? aligned(request, limit)
                : limit <= SMALL_BLOCKS ? small(request, limit) : large(request, limit);
        if (found && request.content == Request.Content.ZERO_WANTED && request.align == 1) {
            trimToOneContent(request.minCount);
        }
        if (found) {
            windows.moveBehind(request.stream, block + count, count);
        }
        return found;
    }

    /** Cuts the run where zero and other blocks meet, so that no zero block is zeroed again. */
    private void trimToOneContent(long min) {
        long zero = space.zeroLengthAt(block, count);
        long same = zero > 0 ? zero : Math.min(count, space.unknown.lengthAt(block));
        if (same >= min) {
            count = same;
        }
    }

    private boolean aligned(Request request, long limit) {
        if ((request.goal & request.align - 1) == 0 && atGoal(space.free, request, limit)) {
            return true;
        }
        boolean zeroWanted = request.content == Request.Content.ZERO_WANTED;
        for (Kind kind : zeroWanted ? ZERO_FIRST : ZERO_LAST) {
            if (alignedIn(space.set(kind), request, limit)) {
                return true;
            }
        }
        return alignedIn(space.free, request, limit);
    }

    /** Huge pages are found by the index; other alignments, of small volumes, run by run. */
    private boolean alignedIn(RunSet set, Request request, long limit) {
        boolean byHuge = request.align == HUGE && request.minCount >= HUGE;
        Metric metric = byHuge ? Metric.HUGE : Metric.COUNT;
        long atLeast = byHuge ? request.minCount / HUGE : request.minCount;
        int node = set.first(metric, 0, atLeast);
        while (node != RunSet.NONE) {
            long place = set.start(node) + request.align - 1 & -request.align;
            if (set.end(node) - place >= request.minCount) {
                return chooseAt(set, place, limit);
            }
            node = set.first(metric, set.start(node) + 1, atLeast);
        }
        return false;
    }

    private boolean small(Request request, long limit) {
        boolean zeroWanted = request.content == Request.Content.ZERO_WANTED;
        if (zeroWanted && (atGoal(space.pool, request, limit)
                || smallIn(space.pool, request, limit))) {
            return true;
        }
        if (atGoal(space.free, request, limit)) {
            return true;
        }
        for (Kind kind : zeroWanted ? CLAIMED_FIRST : ZERO_LAST) {
            if (smallIn(space.set(kind), request, limit)) {
                return true;
            }
        }
        return smallIn(space.free, request, limit);
    }

    private boolean atGoal(RunSet set, Request request, long limit) {
        return request.goal >= 0 && set.lengthAt(request.goal) >= request.minCount
                && chooseAt(set, request.goal, limit);
    }

    private boolean smallIn(RunSet set, Request request, long limit) {
        if (set.largest(Metric.COUNT) < request.minCount) {
            return false;
        }
        long next = windows.next(request.stream);
        if (next >= 0 && set.lengthAt(next) >= request.minCount) {
            return chooseAt(set, next, limit);
        }
        return apart(set, Metric.LOOSE, request.stream, limit)
                || apart(set, Metric.COUNT, request.stream, limit)
                || firstOrLongest(set, limit);
    }

    /** Looks for {@code limit} blocks outside the windows of other streams. */
    private boolean apart(RunSet set, Metric metric, long stream, long limit) {
        int node = set.first(metric, 0, limit);
        for (int i = 0; i < TRIES && node != RunSet.NONE; i++) {
            long end = set.end(node);
            long from = metric == Metric.LOOSE ? looseStart(set, node, limit) : set.start(node);
            long place = windows.skip(stream, from, limit);
            if (place + limit <= end) {
                return choose(place, limit);
            }
            node = set.first(metric, set.start(node) + 1, limit);
        }
        return false;
    }

    /** Returns where a run's loose end of {@code length} blocks begins. */
    private static long looseStart(RunSet set, int node, long length) {
        long start = set.start(node);
        long firstHuge = start + HUGE - 1 & -HUGE;
        long lastEnd = set.end(node) & -HUGE;
        return firstHuge >= lastEnd || firstHuge - start >= length ? start : lastEnd;
    }

    private boolean large(Request request, long limit) {
        if (atGoal(space.free, request, limit)) {
            return true;
        }
        // A large run is worth a commit: the pool is kept for those that are not.
        boolean zeroWanted = request.content == Request.Content.ZERO_WANTED;
        for (Kind kind : zeroWanted ? CLAIMED_FIRST : ZERO_LAST) {
            RunSet set = space.set(kind);
            if (set.largest(Metric.COUNT) >= limit) {
                return coloured(set, request, limit) || firstOrLongest(set, limit);
            }
        }
        return space.free.largest(Metric.COUNT) >= request.minCount
                && (coloured(space.free, request, limit) || firstOrLongest(space.free, limit));
    }

    /** Looks for a place of the request's colour, in a run with room or else in the longest. */
    private boolean coloured(RunSet set, Request request, long limit) {
        if (request.colour == Request.NO_COLOUR) {
            return false;
        }
        int node = set.first(Metric.COUNT, 0, limit + HUGE - 1);
        if (node == RunSet.NONE) {
            node = set.first(Metric.COUNT, 0, set.largest(Metric.COUNT));
        }
        long start = set.start(node);
        long place = start + (request.colour - start & HUGE - 1);
        long length = Math.min(limit, set.end(node) - place);
        // A colour is worth nothing when no whole huge page would have it.
        return length >= Math.max(request.minCount, Math.min(limit, HUGE))
                && choose(place, length);
    }

    private boolean firstOrLongest(RunSet set, long limit) {
        long length = Math.min(limit, set.largest(Metric.COUNT));
        return choose(set.start(set.first(Metric.COUNT, 0, length)), length);
    }

    private boolean chooseAt(RunSet set, long place, long limit) {
        return choose(place, Math.min(limit, set.lengthAt(place)));
    }

    private boolean choose(long place, long length) {
        block = place;
        count = length;
        return true;
    }
}
