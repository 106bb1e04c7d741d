package dev.holdfast.fs;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.tree.TreeMerge;
import java.io.IOException;

/**
 * Sees to it that every record in the log can be taken into the tree: as many free nodes as
 * replaying it can cost at worst exist in chunks before it is appended (docs/architecture.md,
 * "Space for checkpoints").
 *
 * <p>The cost of the records of a checkpoint in progress and of those after its cut are counted
 * apart, because the two write different trees. Thread-safe; one short monitor.
 */
final class NodeReserve {
    /**
     * Items of the largest record that must always be possible: one that gives space back. The
     * nodes it can cost are the floor, on which only such changes may count.
     */
    private static final int FLOOR_ITEMS = 16;
    private static final int FLOOR_BYTES = 2048;
    /** Extents that a record within the floor may free. */
    static final int FLOOR_EXTENTS = 2;
    /** Items that freeing an extent changes at worst. */
    private static final int ITEMS_PER_EXTENT = 3;

    /** Gets more nodes. */
    interface Supplier {
        /** Takes another chunk; tells whether there was space for one. */
        boolean takeChunk() throws IOException;

        /**
         * Writes a checkpoint, which settles what is pending and frees what the one before it kept.
         */
        void checkpoint() throws IOException;
    }

    /**
     * Checkpoints before a change is refused: the second frees what the first still had to keep.
     */
    private static final int MAX_CHECKPOINTS = 4;
    /** Bytes that an item takes, generously. */
    private static final long ITEM_BYTES = 96;
    /** A check looks ahead by one item for so many blocks of the volume, within bounds. */
    private static final long BLOCKS_PER_ITEM_AHEAD = 64;
    private static final long MIN_ITEMS_AHEAD = 16;
    private static final long MAX_ITEMS_AHEAD = 1024;

    /** How far ahead one check looks, so that most changes need none. */
    private final long aheadItems;
    private Supplier supplier;
    private long budgetNodes;
    private int height;
    private long treeBytes;
    private long reservedItems;
    private long reservedBytes;
    private long takenItems;
    private long takenBytes;
    private long cutItems;
    private long cutBytes;
    /** Up to here what is reserved is known to be covered. */
    private long coveredItems;
    private long coveredBytes;
    private volatile boolean low;

    NodeReserve(long volumeBlocks) {
        aheadItems = Math.clamp(volumeBlocks / BLOCKS_PER_ITEM_AHEAD, MIN_ITEMS_AHEAD,
                MAX_ITEMS_AHEAD);
    }

    void supplyFrom(Supplier nodes) {
        this.supplier = nodes;
    }

    /** A checkpoint became durable: what was reserved before its cut is settled. */
    synchronized void settled(Journal.Cut cut, long freeNodes, int newHeight, long newTreeBytes) {
        takenItems = cut.items();
        takenBytes = cut.bytes();
        cutItems = cut.items();
        cutBytes = cut.bytes();
        budgetNodes = freeNodes;
        height = newHeight;
        treeBytes = newTreeBytes;
        coveredItems = 0;
    }

    /** A checkpoint up to {@code cut} is being written. */
    synchronized void cutting(Journal.Cut cut) {
        cutItems = cut.items();
        cutBytes = cut.bytes();
        coveredItems = 0;
    }

    /** More nodes can be used by checkpoints to come. */
    synchronized void added(long nodes) {
        budgetNodes += nodes;
    }

    private boolean isCoveredAhead(long items) {
        return isCovered(true, items, ITEM_BYTES * items);
    }

    /**
     * Gives up free nodes if those left are enough for some time, so that they are not taken again
     * at once; tells whether it did.
     */
    synchronized boolean spare(long nodes) {
        budgetNodes -= nodes;
        coveredItems = 0;
        boolean enough = isCoveredAhead(4 * aheadItems);
        if (!enough) {
            budgetNodes += nodes;
        }
        return enough;
    }

    /** Returns once the nodes for {@code change} exist. */
    void reserveFor(Change change) throws IOException {
        synchronized (this) {
            reservedItems += change.items();
            reservedBytes += change.itemBytes();
            if (reservedItems <= coveredItems && reservedBytes <= coveredBytes) {
                return;
            }
        }
        int checkpoints = 0;
        while (!isCovered(!change.isFreeing(), 0, 0)) {
            boolean more = !change.isFreeing() && supplier.takeChunk();
            if (!more) {
                if (checkpoints++ == MAX_CHECKPOINTS) {
                    giveBack(change);
                    throw new HoldfastException(ErrorCode.NO_SPACE,
                            "no space left for metadata: delete files and try again");
                }
                supplier.checkpoint();
            }
        }
        lookAhead();
    }

    private synchronized void lookAhead() {
        if (isCoveredAhead(aheadItems)) {
            coveredItems = reservedItems + aheadItems;
            coveredBytes = reservedBytes + ITEM_BYTES * aheadItems;
        }
        low = !isCoveredAhead(2 * aheadItems);
    }

    /** Tells whether a chunk should be taken before an operation has to. */
    boolean isLow() {
        return low;
    }

    /** Takes a chunk ahead, if there is space for one and still need. */
    void stock() throws IOException {
        if (low) {
            low = false;
            supplier.takeChunk();
        }
    }

    /** What was reserved for a change that was not appended after all. */
    synchronized void giveBack(Change change) {
        reservedItems -= change.items();
        reservedBytes -= change.itemBytes();
    }

    /** Tells whether a record that frees {@code extents} extents would need no checkpoint first. */
    synchronized boolean hasRoomFor(int extents) {
        return needed(FLOOR_ITEMS + ITEMS_PER_EXTENT * extents, 0) <= budgetNodes;
    }

    private synchronized boolean isCovered(boolean withFloor, long moreItems, long moreBytes) {
        return needed(moreItems, moreBytes) + (withFloor ? floorNodes() : 0) <= budgetNodes;
    }

    private long floorNodes() {
        return worst(FLOOR_ITEMS, FLOOR_BYTES, treeBytes + reservedBytes - takenBytes);
    }

    private long needed(long moreItems, long moreBytes) {
        long inProgress = cutItems == takenItems ? 0
                : worst(cutItems - takenItems, cutBytes - takenBytes, treeBytes);
        long after = worst(reservedItems + moreItems - cutItems,
                reservedBytes + moreBytes - cutBytes, treeBytes + cutBytes - takenBytes);
        return inProgress + after;
    }

    private long worst(long items, long bytes, long bytesInTree) {
        return TreeMerge.worstCaseNodes(height, items, bytes, bytesInTree);
    }
}
