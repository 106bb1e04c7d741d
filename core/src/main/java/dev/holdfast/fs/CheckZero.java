package dev.holdfast.fs;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.file.CheckReport.Area;
import dev.holdfast.file.CheckReport.Place;
import java.util.ArrayList;
import java.util.List;

/**
 * The known-zero claims: they lie in free space, do not overlap, and the blocks are zero on the
 * device.
 *
 * <p>Up to {@value #ALL_BLOCKS} claimed blocks are all read. Of more an even sample of
 * {@value #SAMPLE_BLOCKS} is: the claims of a large, sparse volume are larger than any memory, and
 * reading a hole of tmpfs fills it.
 */
final class CheckZero {
    private static final long ALL_BLOCKS = (1L << 30) / Limits.BLOCK_BYTES;
    private static final long SAMPLE_BLOCKS = (64L << 20) / Limits.BLOCK_BYTES;
    /** Blocks that are read together. */
    private static final int BATCH_BLOCKS = 16;

    private final DaxDevice device;
    private final long volumeBlocks;
    private final CheckFindings findings;
    private final List<Run> free = new ArrayList<>();
    private final List<Run> claims = new ArrayList<>();
    private long end;

    private record Run(long start, long count) {
        long end() {
            return start + count;
        }
    }

    CheckZero(DaxDevice device, long volumeBlocks, CheckFindings findings) {
        this.device = device;
        this.volumeBlocks = volumeBlocks;
        this.findings = findings;
    }

    /** Adds a free run; they come in order, before all claims. */
    void free(long start, long count) {
        free.add(new Run(start, count));
    }

    /** Adds a claim; they come in order. */
    void claim(long start, long count) {
        Run run = new Run(start, count);
        if (start < end) {
            damage(run, "overlap another claim");
        }
        end = Math.max(end, run.end());
        findings.knownZeroBlocks += count;
        claims.add(run);
    }

    private void damage(Run run, String problem) {
        findings.damage(Area.KNOWN_ZERO, Place.block(run.start),
                run.count + " blocks claimed to be zero " + problem);
    }

    void finish() {
        int at = 0;
        long claimed = findings.knownZeroBlocks;
        long skip = claimed <= ALL_BLOCKS ? 1 : claimed / SAMPLE_BLOCKS;
        for (Run claim : claims) {
            while (at < free.size() && free.get(at).end() <= claim.start) {
                at++;
            }
            if (at == free.size() || free.get(at).start > claim.start
                    || free.get(at).end() < claim.end()) {
                damage(claim, "are not all free");
            } else if (claim.end() <= volumeBlocks) {
                read(claim, skip);
            }
        }
    }

    /** Reads one batch in every {@code skip}; the first one always. */
    private void read(Run claim, long skip) {
        for (long block = claim.start; block < claim.end(); block += BATCH_BLOCKS * skip) {
            int blocks = (int) Math.min(BATCH_BLOCKS, claim.end() - block);
            long found = device.firstNonZero(
                    block * Limits.BLOCK_BYTES, (long) blocks * Limits.BLOCK_BYTES);
            findings.knownZeroBlocksRead += blocks;
            if (found >= 0) {
                findings.damage(Area.KNOWN_ZERO, Place.block(found / Limits.BLOCK_BYTES),
                        "is claimed to be zero and is not, at byte "
                                + found % Limits.BLOCK_BYTES);
                return;
            }
        }
    }
}
