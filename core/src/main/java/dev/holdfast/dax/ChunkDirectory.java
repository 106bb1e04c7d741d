package dev.holdfast.dax;

import dev.holdfast.mm.PageTable;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;

/**
 * The chunks of one file by huge page, in two levels: one array a GiB, made when first needed, as
 * long as what it holds needs (most files are small), and never taken away before the file is
 * evicted.
 *
 * <p>Lock rule: finding takes none; adding is serialised by the monitor, which is a leaf.
 */
final class ChunkDirectory {
    private static final int LEAF_CHUNKS = 512;
    private static final EntryChunk[] NO_CHUNKS = {};
    private static final VarHandle CHUNK = MethodHandles.arrayElementVarHandle(EntryChunk[].class);

    private final DaxContext context;
    private final LongAdder nrPages;
    private volatile EntryChunk[][] leaves = {};

    ChunkDirectory(DaxContext context, LongAdder nrPages) {
        this.context = context;
        this.nrPages = nrPages;
    }

    /** Returns the chunk of a page, or null if the page never had an entry or a mark. */
    EntryChunk find(long page) {
        long index = page / PageTable.HUGE_PAGES;
        EntryChunk[][] seen = leaves;
        long leaf = index / LEAF_CHUNKS;
        int slot = (int) (index % LEAF_CHUNKS);
        return leaf < seen.length && slot < seen[(int) leaf].length
                ? (EntryChunk) CHUNK.getAcquire(seen[(int) leaf], slot)
                : null;
    }

    /** Returns the chunk of a page. */
    EntryChunk findOrAdd(long page) {
        EntryChunk chunk = find(page);
        return chunk != null ? chunk : add(page);
    }

    /** Returns the first chunk that holds pages of {@code [page, endPage)}, or null. */
    EntryChunk next(long page, long endPage) {
        EntryChunk[][] seen = leaves;
        long index = page / PageTable.HUGE_PAGES;
        long known = (long) seen.length * LEAF_CHUNKS * PageTable.HUGE_PAGES;
        long endIndex =
                (Math.min(endPage, known) + PageTable.HUGE_PAGES - 1) / PageTable.HUGE_PAGES;
        while (page < endPage && index < endIndex) {
            EntryChunk[] leaf = seen[(int) (index / LEAF_CHUNKS)];
            int slot = (int) (index % LEAF_CHUNKS);
            if (slot >= leaf.length) {
                index = (index / LEAF_CHUNKS + 1) * LEAF_CHUNKS;
                continue;
            }
            EntryChunk chunk = (EntryChunk) CHUNK.getAcquire(leaf, slot);
            if (chunk != null) {
                return chunk;
            }
            index++;
        }
        return null;
    }

    private synchronized EntryChunk add(long page) {
        EntryChunk chunk = find(page);
        if (chunk != null) {
            return chunk;
        }
        long index = page / PageTable.HUGE_PAGES;
        int leaf = Math.toIntExact(index / LEAF_CHUNKS);
        int slot = (int) (index % LEAF_CHUNKS);
        EntryChunk[][] grown = Arrays.copyOf(leaves, Math.max(leaves.length, leaf + 1));
        Arrays.fill(grown, leaves.length, grown.length, NO_CHUNKS);
        if (slot >= grown[leaf].length) {
            // Who looks into the shorter one meanwhile misses this chunk, as if just before.
            grown[leaf] = Arrays.copyOf(grown[leaf], Math.max(1, 2 * Integer.highestOneBit(slot)));
        }
        chunk = new EntryChunk(index * PageTable.HUGE_PAGES, context, nrPages);
        CHUNK.setRelease(grown[leaf], slot, chunk);
        leaves = grown;
        return chunk;
    }
}
