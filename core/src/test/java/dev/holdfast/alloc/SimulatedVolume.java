package dev.holdfast.alloc;

import dev.holdfast.error.HoldfastException;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * A log, a device's content and the files of a volume, as plainly as they can be modelled: the log
 * is a list whose prefix is durable, content is one bit a block, "may not be zero". Every rule that
 * a crash could expose is asserted as it is relied on. Thread-safe.
 */
final class SimulatedVolume implements ZeroClaims {
    private enum Op { LEAVE, JOIN, MAP, UNMAP }

    private record Entry(Op op, long block, long count) {}

    /** What a replay of the first records yields. */
    record Fold(BitSet free, BitSet zero) {}

    final int totalBlocks;
    private final BitSet baseFree = new BitSet();
    private final BitSet baseZero = new BitSet();
    private final BitSet dirty = new BitSet();
    private final BitSet owned = new BitSet();
    private final BitSet headZero = new BitSet();
    private final BitSet durableZero = new BitSet();
    private final long[] freedAt;
    private final List<Entry> log = new ArrayList<>();
    private int durable;

    int leaves;
    int joins;
    int commits;
    int populated;
    /** Calls of each kind that still succeed before one fails. */
    int failLeaveAfter = Integer.MAX_VALUE;
    int failJoinAfter = Integer.MAX_VALUE;
    int failCommitAfter = Integer.MAX_VALUE;
    int failZeroAfter = Integer.MAX_VALUE;

    /** A volume whose blocks {@code [firstFree, totalBlocks)} are free and known to be zero. */
    SimulatedVolume(int totalBlocks, int firstFree) {
        this(totalBlocks);
        baseFree.set(firstFree, totalBlocks);
        baseZero.set(firstFree, totalBlocks);
        remount();
    }

    private SimulatedVolume(int totalBlocks) {
        this.totalBlocks = totalBlocks;
        freedAt = new long[totalBlocks];
        dirty.set(0, totalBlocks);
    }

    /** A volume with the given free blocks, none of them known to be zero. */
    static SimulatedVolume unknown(int totalBlocks, int... freeRuns) {
        var volume = new SimulatedVolume(totalBlocks);
        for (int i = 0; i < freeRuns.length; i += 2) {
            volume.baseFree.set(freeRuns[i], freeRuns[i] + freeRuns[i + 1]);
        }
        volume.remount();
        return volume;
    }

    private void remount() {
        log.clear();
        durable = 0;
        dirty.andNot(baseZero);
        owned.set(0, totalBlocks);
        owned.andNot(baseFree);
        headZero.clear();
        headZero.or(baseZero);
        durableZero.clear();
        durableZero.or(baseZero);
        Arrays.fill(freedAt, 0);
    }

    /** Mounts: loads an allocator from the fold. */
    BlockAllocator mount(Mutants mutants) {
        var loader = new AllocatorLoader(totalBlocks, this, mutants);
        try {
            for (int from = baseFree.nextSetBit(0); from >= 0;) {
                int to = baseFree.nextClearBit(from);
                loader.addFree(from, to - from);
                from = baseFree.nextSetBit(to);
            }
            for (int from = baseZero.nextSetBit(0); from >= 0;) {
                int to = baseZero.nextClearBit(from);
                loader.addKnownZero(from, to - from);
                from = baseZero.nextSetBit(to);
            }
        } catch (HoldfastException e) {
            throw new AssertionError(e);
        }
        return loader.start();
    }

    BlockAllocator mount() {
        return mount(Mutants.NONE);
    }

    /** Cuts the power after {@code records} records, at least the durable ones, and recovers. */
    synchronized void crash(int records) {
        assert records >= durable && records <= log.size();
        Fold fold = fold(records);
        baseFree.clear();
        baseFree.or(fold.free);
        baseZero.clear();
        baseZero.or(fold.zero);
        requireRecoverable(fold);
        remount();
    }

    synchronized int durableRecords() {
        return durable;
    }

    synchronized int records() {
        return log.size();
    }

    /** Asserts that every prefix a crash may leave recovers to claims that are true. */
    synchronized void requireRecoverable() {
        for (int records = durable; records <= log.size(); records++) {
            requireRecoverable(fold(records));
        }
    }

    private void requireRecoverable(Fold fold) {
        var lies = (BitSet) fold.zero.clone();
        lies.and(dirty);
        require(lies.isEmpty(), "claimed to be zero and may not be", lies.length() - 1, 1);
    }

    synchronized Fold fold(int records) {
        var fold = new Fold((BitSet) baseFree.clone(), (BitSet) baseZero.clone());
        for (Entry entry : log.subList(0, records)) {
            int from = (int) entry.block;
            int to = (int) (entry.block + entry.count);
            switch (entry.op) {
                case LEAVE -> fold.zero.clear(from, to);
                case JOIN -> fold.zero.set(from, to);
                case MAP -> {
                    require(fold.free.nextClearBit(from) >= to,
                            "mapped, not free", from, to - from);
                    int zero = fold.zero.nextSetBit(from);
                    require(zero < 0 || zero >= to, "mapped while claimed", from, to - from);
                    fold.free.clear(from, to);
                }
                case UNMAP -> fold.free.set(from, to);
            }
        }
        return fold;
    }

    // ---- what the file system does with blocks ----

    /** Shows a run to a file, and lets the file store to it. */
    synchronized void use(Run run) {
        for (int block = (int) run.block; block < run.end(); block++) {
            require(!owned.get(block), "handed out twice", block, 1);
            require(freedAt[block] <= durable, "reused before its free is durable", block, 1);
            require(!run.zeroed || !dirty.get(block), "said to be zeroed, is not", block, 1);
            require(!durableZero.get(block) && !headZero.get(block),
                    "stored to while its claim may survive", block, 1);
            owned.set(block);
            dirty.set(block);
        }
        log.add(new Entry(Op.MAP, run.block, run.count));
    }

    /** Takes blocks from their file; returns the LSN for {@link BlockAllocator#free}. */
    synchronized long unmap(long block, long count) {
        log.add(new Entry(Op.UNMAP, block, count));
        for (int b = (int) block; b < block + count; b++) {
            require(owned.get(b), "freed, not owned", b, 1);
            owned.clear(b);
            freedAt[b] = log.size();
        }
        return log.size();
    }

    synchronized BitSet owned() {
        return (BitSet) owned.clone();
    }

    // ---- ZeroClaims ----

    @Override
    public synchronized long leave(long block, long count) throws IOException {
        if (failLeaveAfter-- <= 0) {
            throw new IOException("leave fails");
        }
        require(headZero.nextClearBit((int) block) >= block + count,
                "leaves without a claim", block, count);
        headZero.clear((int) block, (int) (block + count));
        log.add(new Entry(Op.LEAVE, block, count));
        leaves++;
        return log.size();
    }

    @Override
    public synchronized long join(long block, long count) throws IOException {
        if (failJoinAfter-- <= 0) {
            throw new IOException("join fails");
        }
        for (int b = (int) block; b < block + count; b++) {
            require(!dirty.get(b), "joins, but is not zero", b, 1);
            require(!owned.get(b), "joins, but is not free", b, 1);
            require(freedAt[b] <= durable, "joins before its free is durable", b, 1);
            require(!headZero.get(b), "joins twice", b, 1);
        }
        headZero.set((int) block, (int) (block + count));
        log.add(new Entry(Op.JOIN, block, count));
        joins++;
        return log.size();
    }

    @Override
    public synchronized void commit(long lsn) throws IOException {
        if (failCommitAfter-- <= 0) {
            throw new IOException("commit fails");
        }
        commits++;
        for (; durable < lsn; durable++) {
            Entry entry = log.get(durable);
            int from = (int) entry.block;
            int to = (int) (entry.block + entry.count);
            if (entry.op == Op.LEAVE) {
                durableZero.clear(from, to);
            } else if (entry.op == Op.JOIN) {
                durableZero.set(from, to);
            }
        }
    }

    @Override
    public synchronized long durableLsn() {
        return durable;
    }

    @Override
    public synchronized void zeroAndPersist(long block, long count) throws IOException {
        if (failZeroAfter-- <= 0) {
            throw new IOException("zeroing fails");
        }
        for (int b = (int) block; b < block + count; b++) {
            require(!owned.get(b), "zeroed, but a file's", b, 1);
            require(freedAt[b] <= durable, "zeroed before its free is durable", b, 1);
            dirty.clear(b);
        }
    }

    @Override
    public synchronized void populate(long block, long count) {
        require(owned.get((int) block, (int) (block + count)).isEmpty(),
                "populated when a file's", block, count);
        populated += (int) count;
    }

    private static void require(boolean holds, String what, long block, long count) {
        if (!holds) {
            throw new AssertionError(what + ": blocks " + block + "+" + count);
        }
    }
}
