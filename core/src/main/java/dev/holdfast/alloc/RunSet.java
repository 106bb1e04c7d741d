package dev.holdfast.alloc;

import java.util.Arrays;

/**
 * A set of blocks, kept as maximal runs in address order.
 *
 * <p>A treap over primitive arrays, each node with the maxima of its subtree: looking a block up,
 * adding and cutting runs, and finding the first run that is long enough, or holds a huge page,
 * take logarithmic time and make no garbage. Runs rather than a bitmap, because a volume of 64 TiB
 * is mostly one run (a bitmap of it takes 2 GiB), and a million fragments still take under 60 MB.
 *
 * <p>Not thread-safe: guarded by the lock of {@link FreeSpace}.
 */
final class RunSet {
    /** No node. */
    static final int NONE = -1;

    /** What a search asks of a run. */
    enum Metric {
        /** Its length in blocks. */
        COUNT,
        /** How many aligned huge pages lie in it. */
        HUGE,
        /** The longest piece that can be cut from an end without breaking a huge page. */
        LOOSE
    }

    private static final long HUGE = BlockAllocator.HUGE_BLOCKS;

    private long[] start = new long[16];
    private long[] count = new long[16];
    private long[] maxCount = new long[16];
    private int[] maxHuge = new int[16];
    private int[] maxLoose = new int[16];
    private int[] left = new int[16];
    private int[] right = new int[16];
    private int[] priority = new int[16];

    private int root = NONE;
    /** Nodes used so far; those given back are chained through {@link #left}. */
    private int used;
    private int spare = NONE;
    private int splitRight;
    private long random = 0x9E3779B97F4A7C15L;

    private int runs;
    private long blocks;
    private long hugeRanges;

    int runs() {
        return runs;
    }

    long blocks() {
        return blocks;
    }

    /** Returns the number of aligned huge pages that lie wholly in the set. */
    long hugeRanges() {
        return hugeRanges;
    }

    boolean isEmpty() {
        return root == NONE;
    }

    long start(int node) {
        return start[node];
    }

    long end(int node) {
        return start[node] + count[node];
    }

    /** Returns the largest value of a metric over all runs, 0 when the set is empty. */
    long largest(Metric metric) {
        return root == NONE ? 0 : largest(metric, root);
    }

    /** Returns how many blocks from {@code block} on are in the set without a gap. */
    long lengthAt(long block) {
        int node = floor(block);
        return node == NONE ? 0 : Math.max(0, end(node) - block);
    }

    /** Tells whether any block of a range is in the set. */
    boolean intersects(long block, long length) {
        int node = floor(block + length - 1);
        return node != NONE && end(node) > block;
    }

    /** Returns the last run that starts at or before {@code block}. */
    int floor(long block) {
        int best = NONE;
        for (int node = root; node != NONE;) {
            if (start[node] <= block) {
                best = node;
                node = right[node];
            } else {
                node = left[node];
            }
        }
        return best;
    }

    /** Returns the first run that starts at or after {@code from} and measures {@code atLeast}. */
    int first(Metric metric, long from, long atLeast) {
        return first(root, metric, from, atLeast);
    }

    private int first(int node, Metric metric, long from, long atLeast) {
        if (node == NONE || largest(metric, node) < atLeast) {
            return NONE;
        }
        if (start[node] >= from) {
            int found = first(left[node], metric, from, atLeast);
            if (found != NONE) {
                return found;
            }
            if (measure(metric, node) >= atLeast) {
                return node;
            }
        }
        return first(right[node], metric, from, atLeast);
    }

    /**
     * Adds a run, none of whose blocks is in the set.
     *
     * @throws IllegalStateException when one is: it would be handed out twice
     */
    void add(long block, long length) {
        long end = block + length;
        int before = floor(end - 1);
        if (before != NONE && end(before) > block) {
            throw new IllegalStateException("blocks " + block + "+" + length
                    + " are added to " + start[before] + "+" + count[before]);
        }
        int after = floor(end);
        boolean joinsAfter = after != NONE && start[after] == end;
        boolean joinsBefore = before != NONE && end(before) == block;
        if (joinsAfter) {
            end = end(after);
            if (joinsBefore) {
                delete(after);
            } else {
                resize(after, block, end - block);
                return;
            }
        }
        if (joinsBefore) {
            resize(before, start[before], end - start[before]);
        } else {
            insert(block, end - block);
        }
    }

    /** Takes the blocks of a range that are in the set out of it; returns how many there were. */
    long cut(long block, long length) {
        long end = block + length;
        long taken = 0;
        int node = floor(end - 1);
        while (node != NONE && end(node) > block) {
            long runStart = start[node];
            long runEnd = end(node);
            taken += Math.min(runEnd, end) - Math.max(runStart, block);
            if (runStart < block) {
                resize(node, runStart, block - runStart);
                if (runEnd > end) {
                    insert(end, runEnd - end);
                }
                break;
            }
            if (runEnd > end) {
                resize(node, end, runEnd - end);
            } else {
                delete(node);
            }
            node = floor(end - 1);
        }
        return taken;
    }

    /** Takes out a range that lies wholly in the set. */
    void remove(long block, long length) {
        long taken = cut(block, length);
        if (taken != length) {
            throw new IllegalStateException("of blocks " + block + "+" + length + " only " + taken
                    + " are in the set they are taken from");
        }
    }

    /** Shows every run, in address order. The visitor must not change the set. */
    void forEach(RunVisitor visitor) {
        forEach(root, visitor);
    }

    private void forEach(int node, RunVisitor visitor) {
        if (node != NONE) {
            forEach(left[node], visitor);
            visitor.run(start[node], count[node]);
            forEach(right[node], visitor);
        }
    }

    // ---- the treap: ordered by start, a heap by priority ----

    private void insert(long block, long length) {
        int node = newNode();
        start[node] = block;
        count[node] = length;
        left[node] = NONE;
        right[node] = NONE;
        priority[node] = nextPriority();
        update(node);
        tally(node, 1);
        root = insert(root, node);
    }

    private int insert(int tree, int node) {
        if (tree == NONE) {
            return node;
        }
        if (priority[node] > priority[tree]) {
            left[node] = split(tree, start[node]);
            right[node] = splitRight;
            update(node);
            return node;
        }
        if (start[node] < start[tree]) {
            left[tree] = insert(left[tree], node);
        } else {
            right[tree] = insert(right[tree], node);
        }
        update(tree);
        return tree;
    }

    /** Returns the part of a tree before {@code key}; leaves the rest in {@link #splitRight}. */
    private int split(int tree, long key) {
        if (tree == NONE) {
            splitRight = NONE;
            return NONE;
        }
        if (start[tree] < key) {
            right[tree] = split(right[tree], key);
            update(tree);
            return tree;
        }
        int before = split(left[tree], key);
        left[tree] = splitRight;
        update(tree);
        splitRight = tree;
        return before;
    }

    private void delete(int node) {
        tally(node, -1);
        root = delete(root, start[node]);
        left[node] = spare;
        spare = node;
    }

    private int delete(int tree, long key) {
        if (start[tree] == key) {
            return merge(left[tree], right[tree]);
        }
        if (key < start[tree]) {
            left[tree] = delete(left[tree], key);
        } else {
            right[tree] = delete(right[tree], key);
        }
        update(tree);
        return tree;
    }

    private int merge(int before, int after) {
        if (before == NONE) {
            return after;
        }
        if (after == NONE) {
            return before;
        }
        if (priority[before] > priority[after]) {
            right[before] = merge(right[before], after);
            update(before);
            return before;
        }
        left[after] = merge(before, left[after]);
        update(after);
        return after;
    }

    /** Changes the bounds of a run within the gap between its neighbours: its place stays. */
    private void resize(int node, long block, long length) {
        tally(node, -1);
        start[node] = block;
        count[node] = length;
        tally(node, 1);
        updatePath(root, node);
    }

    private void updatePath(int tree, int node) {
        if (tree != node) {
            updatePath(start[node] < start[tree] ? left[tree] : right[tree], node);
        }
        update(tree);
    }

    private void update(int node) {
        long longest = count[node];
        int huge = (int) measure(Metric.HUGE, node);
        int loose = (int) measure(Metric.LOOSE, node);
        int child = left[node];
        if (child != NONE) {
            longest = Math.max(longest, maxCount[child]);
            huge = Math.max(huge, maxHuge[child]);
            loose = Math.max(loose, maxLoose[child]);
        }
        child = right[node];
        if (child != NONE) {
            longest = Math.max(longest, maxCount[child]);
            huge = Math.max(huge, maxHuge[child]);
            loose = Math.max(loose, maxLoose[child]);
        }
        maxCount[node] = longest;
        maxHuge[node] = huge;
        maxLoose[node] = loose;
    }

    private void tally(int node, int sign) {
        runs += sign;
        blocks += sign * count[node];
        hugeRanges += sign * measure(Metric.HUGE, node);
    }

    private long largest(Metric metric, int node) {
        return switch (metric) {
            case COUNT -> maxCount[node];
            case HUGE -> maxHuge[node];
            case LOOSE -> maxLoose[node];
        };
    }

    private long measure(Metric metric, int node) {
        return switch (metric) {
            case COUNT -> count[node];
            case HUGE -> hugeIn(start[node], end(node));
            case LOOSE -> looseIn(start[node], end(node));
        };
    }

    private static long hugeIn(long from, long to) {
        return Math.max(0, (to & -HUGE) - roundUp(from)) / HUGE;
    }

    private static long looseIn(long from, long to) {
        return hugeIn(from, to) == 0
                ? to - from
                : Math.max(roundUp(from) - from, to - (to & -HUGE));
    }

    private static long roundUp(long block) {
        return block + HUGE - 1 & -HUGE;
    }

    private int newNode() {
        if (spare != NONE) {
            int node = spare;
            spare = left[node];
            return node;
        }
        if (used == start.length) {
            int capacity = used + (used >> 1);
            start = Arrays.copyOf(start, capacity);
            count = Arrays.copyOf(count, capacity);
            maxCount = Arrays.copyOf(maxCount, capacity);
            maxHuge = Arrays.copyOf(maxHuge, capacity);
            maxLoose = Arrays.copyOf(maxLoose, capacity);
            left = Arrays.copyOf(left, capacity);
            right = Arrays.copyOf(right, capacity);
            priority = Arrays.copyOf(priority, capacity);
        }
        return used++;
    }

    private int nextPriority() {
        random ^= random << 13;
        random ^= random >>> 7;
        random ^= random << 17;
        return (int) (random >>> 32);
    }
}
