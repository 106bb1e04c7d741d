package dev.holdfast.faultd.ledger;

import dev.holdfast.fs.BlockRun;
import java.util.List;

/**
 * A mapping that a client has.
 *
 * @param id the number the client gave it
 * @param ino the inode
 * @param offset first byte of the file
 * @param length bytes mapped
 * @param mode loads only, stores, stores of which the metadata is durable
 * @param pages pages that the runs add up to
 * @param address where the client has laid it; 0 until it has
 * @param runs the block of each page
 */
public record HeldMapping(long id, long ino, long offset, long length, int mode, long pages,
        long address, List<BlockRun> runs) {
    /** Takes over the list as it is. */
    public HeldMapping {
        runs = List.copyOf(runs);
    }

    HeldMapping at(long newAddress) {
        return new HeldMapping(id, ino, offset, length, mode, pages, newAddress, runs);
    }

    HeldMapping with(List<BlockRun> moreRuns) {
        return new HeldMapping(id, ino, offset, length, mode, pages, address, moreRuns);
    }

    /** Tells whether all runs are known. */
    boolean isComplete() {
        return runs.stream().mapToLong(BlockRun::pages).sum() == pages;
    }
}
