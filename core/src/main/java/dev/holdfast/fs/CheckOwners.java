package dev.holdfast.fs;

import dev.holdfast.alloc.RunVisitor;
import dev.holdfast.file.CheckReport.Area;
import dev.holdfast.file.CheckReport.Place;
import dev.holdfast.tree.Slot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Who owns each block: superblock area, log, node chunks, free space, or a file; each block has
 * exactly one owner. Kept as runs, so that its size follows the extents and not the blocks.
 */
final class CheckOwners {
    /** Free space, as an owner. Positive owners are inodes. */
    static final long FREE = 0;
    static final long CHUNK = -1;
    private static final long LOG = -2;
    private static final long SUPERBLOCK = -3;

    private final long volumeBlocks;
    private final CheckFindings findings;
    private final List<Owned> runs = new ArrayList<>();
    private Owned lastFree;

    private record Owned(long start, long count, long owner) {
        long end() {
            return start + count;
        }

        String name() {
            return owner == FREE ? "free space"
                    : owner == CHUNK ? "a node chunk"
                    : owner == LOG ? "the log"
                    : owner == SUPERBLOCK ? "the superblock area"
                    : "inode " + owner;
        }
    }

    CheckOwners(Slot.Geometry geometry, CheckFindings findings) {
        this.volumeBlocks = geometry.volumeBlocks();
        this.findings = findings;
        add(0, geometry.logFirstBlock(), SUPERBLOCK);
        add(geometry.logFirstBlock(), geometry.logBlocks(), LOG);
    }

    long volumeBlocks() {
        return volumeBlocks;
    }

    /** Adds a run; one that leaves the volume is reported and left out. */
    void add(long start, long count, long owner) {
        Owned run = new Owned(start, count, owner);
        if (start < 0 || count <= 0 || count > volumeBlocks || start > volumeBlocks - count) {
            findings.damage(Area.SPACE, Place.block(start), count + " blocks of " + run.name()
                    + " pass the end of the volume, at block " + volumeBlocks);
            return;
        }
        if (owner == FREE) {
            if (lastFree != null && lastFree.end() == start) {
                findings.warn(Area.SPACE, Place.block(start), "a free run begins where another "
                        + "ends: they should be one", "large allocations may miss it");
            }
            lastFree = run;
        }
        runs.add(run);
    }

    /** Shows each run of an inode. */
    void forEachFileRun(RunVisitor visitor) {
        for (Owned run : runs) {
            if (run.owner > 0) {
                visitor.run(run.start, run.count);
            }
        }
    }

    void finish() {
        runs.sort(Comparator.comparingLong(Owned::start));
        Owned furthest = null;
        long end = 0;
        for (Owned run : runs) {
            if (run.start > end) {
                lost(end, run.start);
            } else if (furthest != null && run.start < end) {
                findings.damage(Area.SPACE, Place.block(run.start),
                        Math.min(end, run.end()) - run.start + " blocks belong to "
                                + furthest.name() + " and to " + run.name());
            }
            if (run.end() > end) {
                end = run.end();
                furthest = run;
            }
        }
        if (end < volumeBlocks) {
            lost(end, volumeBlocks);
        }
        findings.blocks = volumeBlocks;
    }

    private void lost(long from, long to) {
        findings.warn(Area.SPACE, Place.block(from), to - from + " blocks belong to nobody",
                "their space is lost; nothing else is");
    }
}
