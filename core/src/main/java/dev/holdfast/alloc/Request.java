package dev.holdfast.alloc;

/**
 * What a caller wants of {@link BlockAllocator#allocate}: one run. Mutable and reused, not
 * thread-safe; {@link #reset} restores the defaults, and the setters return this.
 */
public final class Request {
    /** Whether it matters to the caller that the blocks are zero already. */
    public enum Content {
        /** Zeroed blocks save the caller work: a fault, a small write. */
        ZERO_WANTED,
        /** The blocks will be written over, or nobody reads them: leave zeroed ones to others. */
        ANY
    }

    /** No block is better than another. */
    public static final long NO_GOAL = -1;
    /** No place within a huge page is better than another. */
    public static final int NO_COLOUR = -1;
    /** The request belongs to no stream. */
    public static final long NO_STREAM = 0;

    long goal;
    long minCount;
    long maxCount;
    long align;
    int colour;
    long stream;
    Content content;
    boolean fromReservation;

    /** Creates a request for one block whose content matters. */
    public Request() {
        reset();
    }

    /** Asks for one block, zeroed if possible, anywhere, not from a reservation. */
    public Request reset() {
        goal = NO_GOAL;
        minCount = 1;
        maxCount = 1;
        align = 1;
        colour = NO_COLOUR;
        stream = NO_STREAM;
        content = Content.ZERO_WANTED;
        fromReservation = false;
        return this;
    }

    /** Sets the block that continues the file's extent before this one, or {@link #NO_GOAL}. */
    public Request goal(long block) {
        goal = block;
        return this;
    }

    /** Sets the fewest and the most blocks to answer with. */
    public Request count(long min, long max) {
        minCount = min;
        maxCount = max;
        return this;
    }

    /** Asks for a whole aligned huge page, or nothing (M7). */
    public Request huge() {
        return count(BlockAllocator.HUGE_BLOCKS, BlockAllocator.HUGE_BLOCKS)
                .align(BlockAllocator.HUGE_BLOCKS);
    }

    /** Requires the first block to be a multiple of {@code blocks}, a power of two. */
    public Request align(long blocks) {
        align = blocks;
        return this;
    }

    /**
     * Sets the file block modulo {@link BlockAllocator#HUGE_BLOCKS} that the run will hold: a large
     * run starts, where it can, at a device block with the same remainder, so that its middle can
     * be mapped huge. Or {@link #NO_COLOUR}.
     */
    public Request colour(int remainder) {
        colour = remainder;
        return this;
    }

    /** Names the file that grows: requests of one stream are kept together, apart from others. */
    public Request stream(long id) {
        stream = id;
        return this;
    }

    /** Sets whether zeroed blocks are worth anything to the caller. */
    public Request content(Content wanted) {
        content = wanted;
        return this;
    }

    /** Takes the blocks out of what {@link BlockAllocator#reserve} promised. */
    public Request fromReservation(boolean promised) {
        fromReservation = promised;
        return this;
    }

    /** Refuses a request that no run can answer. */
    void check() {
        if (minCount < 1 || maxCount < minCount || align < 1 || Long.bitCount(align) != 1
                || colour < NO_COLOUR || colour >= BlockAllocator.HUGE_BLOCKS
                || goal < NO_GOAL) {
            throw new IllegalArgumentException("not a request for blocks: " + this);
        }
    }

    @Override
    public String toString() {
        return "Request[" + minCount + ".." + maxCount + " goal=" + goal + " align=" + align
                + " colour=" + colour + " stream=" + stream + " " + content
                + (fromReservation ? " reserved]" : "]");
    }
}
