package dev.holdfast.fs;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.tree.TreeMerge;
import java.io.IOException;

/**
 * Sees to it that every record in the log can be taken into the tree: as many free nodes as replaying
 * it can cost at worst exist in chunks before it is appended (docs/architecture.md, "Space for
 * checkpoints").
 *
 * <p>The cost of the records of a checkpoint in progress and of those after its cut are counted apart,
 * because the two write different trees. Thread-safe; one short monitor.
 */
final class NodeReserve {
    /** Free nodes that only changes which give space back may count on. */
    static final int FLOOR_NODES = 12;

    /** Gets more nodes. */
    interface Supplier {
        /** Takes another chunk; tells whether there was space for one. */
        boolean takeChunk() throws IOException;

        /** Writes a checkpoint, which settles what is pending. */
        void checkpoint() throws IOException;
    }

    private static final int TRIES = 4;

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
    }

    /** A checkpoint up to {@code cut} is being written. */
    synchronized void cutting(Journal.Cut cut) {
        cutItems = cut.items();
        cutBytes = cut.bytes();
    }

    /** More nodes can be used by checkpoints to come. */
    synchronized void added(long nodes) {
        budgetNodes += nodes;
    }

    /** Returns once the nodes for {@code change} exist. */
    void reserveFor(Change change) throws IOException {
        synchronized (this) {
            reservedItems += change.items();
            reservedBytes += change.itemBytes();
        }
        for (int tries = 0; !isCovered(change.isFreeing() ? 0 : FLOOR_NODES); tries++) {
            boolean more = !change.isFreeing() && supplier.takeChunk();
            if (!more) {
                if (tries == TRIES) {
                    giveBack(change);
                    throw new HoldfastException(ErrorCode.NO_SPACE,
                            "no space left for metadata: delete files and try again");
                }
                supplier.checkpoint();
            }
        }
    }

    private synchronized void giveBack(Change change) {
        reservedItems -= change.items();
        reservedBytes -= change.itemBytes();
    }

    private synchronized boolean isCovered(int floor) {
        long inProgress = cutItems == takenItems ? 0
                : worst(cutItems - takenItems, cutBytes - takenBytes, treeBytes);
        long after = worst(reservedItems - cutItems, reservedBytes - cutBytes,
                treeBytes + cutBytes - takenBytes);
        return inProgress + after + floor <= budgetNodes;
    }

    private long worst(long items, long bytes, long bytesInTree) {
        return TreeMerge.worstCaseNodes(height, items, bytes, bytesInTree);
    }
}
