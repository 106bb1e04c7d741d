package dev.holdfast.mm;

import dev.holdfast.device.DaxDevice;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * The pins of one file: how often each page is held by segments in users' hands, and how often
 * writably.
 *
 * <p>Who hands a page out and who takes its block away agree by this order:
 * <ol>
 * <li>handing out: {@link #pin}, <em>then</em> look whether the page table still maps the page;
 *     if not, {@link #unpin} and fault;
 * <li>taking away: unmap from the page tables, <em>then</em> {@link #firstPinned}; if there is one,
 *     give up. Unmapped pages simply fault again.
 * </ol>
 * Whichever comes second sees the first, so a block is never freed below a segment.
 *
 * <p>Lock rule: a monitor per 512 pages, held for the count alone; a leaf. No garbage but for the
 * first pin in each 2 MiB. A range that covers 512 aligned pages costs one count, not 512.
 */
public final class PinTable {
    private static final int CHUNK_PAGES = PageTable.HUGE_PAGES;
    private static final int CHUNKS = 512;

    /** Whose pins they are, for messages. */
    public interface Holder {
        /** Tells whether a page is pinned by this; takes no lock. */
        boolean holds(long filePage);

        /** Says which pages around one it pins, and what it is. */
        String describe(long filePage);
    }

    /**
     * Counts of 512 pages; a page's count is that of the whole chunk plus its own, which may be
     * negative.
     */
    private static final class Chunk {
        private int whole;
        private int wholeWritable;
        /**
         * Null until a part of the chunk is pinned; pins at i, writable pins at CHUNK_PAGES + i.
         */
        private int[] own;

        private synchronized void add(int from, int to, int delta, boolean writable) {
            if (from == 0 && to == CHUNK_PAGES) {
                whole += delta;
                wholeWritable += writable ? delta : 0;
                return;
            }
            if (own == null) {
                own = new int[2 * CHUNK_PAGES];
            }
            for (int i = from; i < to; i++) {
                own[i] += delta;
                own[CHUNK_PAGES + i] += writable ? delta : 0;
                assert pins(i) >= pinsWritable(i) && pinsWritable(i) >= 0 : "unbalanced pin " + i;
            }
        }

        private int pins(int i) {
            return own == null ? whole : whole + own[i];
        }

        private int pinsWritable(int i) {
            return own == null ? wholeWritable : wholeWritable + own[CHUNK_PAGES + i];
        }

        private synchronized int firstPinned(int from, int to) {
            for (int i = from; i < to; i++) {
                if (pins(i) != 0) {
                    return i;
                }
            }
            return -1;
        }

        /** Sets the bits of the pages that are pinned writable. */
        private synchronized void writableBits(boolean[] bits) {
            for (int i = 0; i < CHUNK_PAGES; i++) {
                bits[i] = pinsWritable(i) != 0;
            }
        }
    }

    private final String file;
    private final LongAdder pinnedPages = new LongAdder();
    private final Set<Holder> holders = ConcurrentHashMap.newKeySet();
    /**
     * Chunk {@code c} is element {@code c % CHUNKS} of element {@code c / CHUNKS}; grows by copy.
     */
    private volatile Chunk[][] directory = {};

    /** Creates the table of a file without pins; {@code file} names it in messages. */
    public PinTable(String file) {
        this.file = file;
    }

    /** Returns the name of the file for messages. */
    public String file() {
        return file;
    }

    /**
     * Pins the pages of a range once each. Afterwards the caller checks that they are still mapped.
     */
    public void pin(long filePage, long pages, boolean writable) {
        checkRange(filePage, pages);
        pinnedPages.add(pages);
        add(filePage, pages, 1, writable);
        // Pairs with the fence of firstPinned: the count is visible before the page table is read.
        VarHandle.fullFence();
    }

    /** Takes back one pin of each page of a range, of the same kind as was taken. */
    public void unpin(long filePage, long pages, boolean writable) {
        checkRange(filePage, pages);
        add(filePage, pages, -1, writable);
        pinnedPages.add(-pages);
    }

    /** Returns the first pinned page of a range that has just been unmapped, or -1. */
    public long firstPinned(long filePage, long pages) {
        checkRange(filePage, pages);
        VarHandle.fullFence();
        Chunk[][] seen = directory;
        long end = Math.min(filePage + pages, (long) seen.length * CHUNKS * CHUNK_PAGES);
        for (long at = filePage; at < end; at = nextChunk(seen, at)) {
            Chunk chunk = chunk(seen, at / CHUNK_PAGES);
            if (chunk != null) {
                long start = at / CHUNK_PAGES * CHUNK_PAGES;
                int found = chunk.firstPinned(
                        (int) (at - start), (int) Math.min(CHUNK_PAGES, end - start));
                if (found >= 0) {
                    return start + found;
                }
            }
        }
        return -1;
    }

    /** Says who holds a page, for a message: the file, the page's run in one arena, the arena. */
    public String holderOf(long filePage) {
        for (Holder holder : holders) {
            if (holder.holds(filePage)) {
                return file + ", " + holder.describe(filePage);
            }
        }
        return file + ", page " + filePage + ", held by a mapping call in progress";
    }

    /** Visits the runs of pages that are pinned writable, from one page to another, exclusive. */
    public void forEachWritablePinned(long fromPage, long toPage, PageRuns visitor)
            throws IOException {
        Chunk[][] seen = directory;
        long end = Math.min(toPage, (long) seen.length * CHUNKS * CHUNK_PAGES);
        boolean[] bits = new boolean[CHUNK_PAGES];
        long runStart = -1;
        for (long at = fromPage; at < end; at = nextChunk(seen, at)) {
            Chunk chunk = chunk(seen, at / CHUNK_PAGES);
            long chunkEnd = Math.min(end, (at / CHUNK_PAGES + 1) * CHUNK_PAGES);
            if (chunk == null) {
                runStart = endRun(runStart, at, visitor);
                continue;
            }
            chunk.writableBits(bits);
            for (long page = at; page < chunkEnd; page++) {
                if (!bits[(int) (page % CHUNK_PAGES)]) {
                    runStart = endRun(runStart, page, visitor);
                } else if (runStart < 0) {
                    runStart = page;
                }
            }
        }
        endRun(runStart, end, visitor);
    }

    /** Returns the bytes pinned now; a page pinned by two arenas counts twice. */
    public long pinnedBytes() {
        return pinnedPages.sum() * DaxDevice.BLOCK_BYTES;
    }

    /** Adds who will be named for the pages it holds; it keeps count of its own pins. */
    public void addHolder(Holder holder) {
        holders.add(holder);
    }

    /** Forgets a holder; no error when it is not there. */
    public void removeHolder(Holder holder) {
        holders.remove(holder);
    }

    private static long endRun(long runStart, long end, PageRuns visitor) throws IOException {
        if (runStart >= 0) {
            visitor.run(runStart, end - runStart);
        }
        return -1;
    }

    private void add(long filePage, long pages, int delta, boolean writable) {
        long end = filePage + pages;
        for (long at = filePage; at < end; ) {
            long start = at / CHUNK_PAGES * CHUNK_PAGES;
            long to = Math.min(end, start + CHUNK_PAGES);
            Chunk chunk = chunk(directory, at / CHUNK_PAGES);
            if (chunk == null) {
                chunk = newChunk(at / CHUNK_PAGES);
            }
            chunk.add((int) (at - start), (int) (to - start), delta, writable);
            at = to;
        }
    }

    private static Chunk chunk(Chunk[][] directory, long index) {
        long gib = index / CHUNKS;
        Chunk[] chunks = gib < directory.length ? directory[(int) gib] : null;
        return chunks == null ? null : chunks[(int) (index % CHUNKS)];
    }

    /** Returns the start of the next chunk worth a look: the next one, or past an absent GiB. */
    private static long nextChunk(Chunk[][] directory, long page) {
        long index = page / CHUNK_PAGES;
        boolean absent = directory[(int) (index / CHUNKS)] == null;
        return (absent ? (index / CHUNKS + 1) * CHUNKS : index + 1) * CHUNK_PAGES;
    }

    private synchronized Chunk newChunk(long index) {
        Chunk[][] current = directory;
        int gib = Math.toIntExact(index / CHUNKS);
        if (gib >= current.length) {
            current = Arrays.copyOf(current, gib + 1);
        }
        if (current[gib] == null) {
            current[gib] = new Chunk[CHUNKS];
        }
        int slot = (int) (index % CHUNKS);
        if (current[gib][slot] == null) {
            current[gib][slot] = new Chunk();
        }
        // A volatile store even when nothing grew: it publishes the elements set above.
        directory = current;
        return current[gib][slot];
    }

    private static void checkRange(long filePage, long pages) {
        if (filePage < 0 || pages <= 0 || pages > Long.MAX_VALUE - filePage) {
            throw new IndexOutOfBoundsException("no pages: " + pages + " from " + filePage);
        }
    }
}
