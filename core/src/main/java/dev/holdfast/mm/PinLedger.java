package dev.holdfast.mm;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * The pages of a file that one arena holds through one mapping, each pinned once, however many
 * segments of the arena show it.
 *
 * <ol>
 * <li>Made with the first segment handed out in the arena.
 * <li>{@link #adopt} takes over pins already taken in the {@link PinTable}.
 * <li>{@link #release} gives all of them back, when the arena is closed or found unreachable. It
 *     refers to neither the arena nor a segment, so that it keeps no automatic arena alive.
 * </ol>
 *
 * <p>Lock rule: changes under this object's monitor, which comes before those of the pin table;
 * {@link #holds} takes no lock.
 */
final class PinLedger implements PinTable.Holder {
    private static final int CHUNK_PAGES = PageTable.HUGE_PAGES;
    private static final int WORDS = CHUNK_PAGES / Long.SIZE;
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle CHUNK = MethodHandles.arrayElementVarHandle(Chunk[].class);

    /** Bits of 512 pages: pinned at word i, pinned writable at word WORDS + i. */
    private record Chunk(long index, long[] bits) {}

    private final PinTable table;
    private final String arena;
    private final Runnable whenReleased;
    /** Open-addressed by chunk index, a power of two long, at most half full. */
    private volatile Chunk[] chunks = new Chunk[4];
    private int size;
    private boolean released;

    PinLedger(PinTable table, String arena, Runnable whenReleased) {
        this.table = table;
        this.arena = arena;
        this.whenReleased = whenReleased;
        table.addHolder(this);
    }

    @Override
    public boolean holds(long filePage) {
        return holds(filePage, 1, false);
    }

    /** Tells whether every page of a range is held, and held writably if that is asked. */
    boolean holds(long filePage, long pages, boolean writable) {
        long end = filePage + pages;
        int half = writable ? WORDS : 0;
        Chunk[] seen = chunks;
        for (long at = filePage; at < end; ) {
            Chunk chunk = find(seen, at / CHUNK_PAGES);
            if (chunk == null) {
                return false;
            }
            int bit = (int) (at % CHUNK_PAGES);
            int count = (int) Math.min(end - at, Long.SIZE - bit % Long.SIZE);
            long mask = -1L >>> Long.SIZE - count << bit;
            long word = (long) WORD.getAcquire(chunk.bits, half + bit / Long.SIZE);
            if ((word & mask) != mask) {
                return false;
            }
            at += count;
        }
        return true;
    }

    /**
     * Takes over one pin of each page of a range, taken by the caller; gives back those that are
     * not needed because the page was held already.
     *
     * @throws IllegalStateException the arena has been closed; the pins are given back
     */
    synchronized void adopt(long filePage, long pages, boolean writable) {
        if (released) {
            table.unpin(filePage, pages, writable);
            throw new IllegalStateException("the " + arena + " has been closed");
        }
        long end = filePage + pages;
        for (long at = filePage; at < end; ) {
            long chunkEnd = Math.min(end, (at / CHUNK_PAGES + 1) * CHUNK_PAGES);
            long[] bits = findOrAdd(at / CHUNK_PAGES).bits;
            for (; at < chunkEnd; at++) {
                adoptPage(bits, at, writable);
            }
        }
    }

    private void adoptPage(long[] bits, long page, boolean writable) {
        int word = (int) (page % CHUNK_PAGES) / Long.SIZE;
        long mask = 1L << page;
        boolean held = (bits[word] & mask) != 0;
        boolean heldWritable = (bits[WORDS + word] & mask) != 0;
        if (held) {
            // Of a readable and a writable pin the writable one stays.
            table.unpin(page, 1, heldWritable && writable);
        }
        WORD.setRelease(bits, word, bits[word] | mask);
        if (writable) {
            WORD.setRelease(bits, WORDS + word, bits[WORDS + word] | mask);
        }
    }

    /** Gives back every pin. Idempotent. */
    void release() {
        synchronized (this) {
            if (released) {
                return;
            }
            released = true;
            for (Chunk chunk : chunks) {
                if (chunk != null) {
                    releaseChunk(chunk);
                }
            }
            chunks = new Chunk[1];
        }
        table.removeHolder(this);
        whenReleased.run();
    }

    private void releaseChunk(Chunk chunk) {
        int from = 0;
        while (from < CHUNK_PAGES) {
            int kind = kind(chunk.bits, from);
            int to = from + 1;
            while (to < CHUNK_PAGES && kind(chunk.bits, to) == kind) {
                to++;
            }
            if (kind != 0) {
                table.unpin(chunk.index * CHUNK_PAGES + from, to - from, kind == 2);
            }
            from = to;
        }
    }

    /** Returns 0 for a page not held, 1 for one held readable, 2 for one held writable. */
    private static int kind(long[] bits, int page) {
        int word = page / Long.SIZE;
        return (int) (bits[word] >>> page & 1) + (int) (bits[WORDS + word] >>> page & 1);
    }

    /** Says which pages around a held page are held, and by which arena. */
    @Override
    public String describe(long filePage) {
        long from = filePage;
        while (from > 0 && holds(from - 1, 1, false)) {
            from--;
        }
        long last = filePage;
        while (holds(last + 1, 1, false)) {
            last++;
        }
        return "pages " + from + " to " + last + ", held by a " + arena;
    }

    private static Chunk find(Chunk[] chunks, long index) {
        int mask = chunks.length - 1;
        for (int i = slot(index, mask); ; i = i + 1 & mask) {
            Chunk chunk = (Chunk) CHUNK.getAcquire(chunks, i);
            if (chunk == null || chunk.index == index) {
                return chunk;
            }
        }
    }

    private Chunk findOrAdd(long index) {
        Chunk found = find(chunks, index);
        if (found != null) {
            return found;
        }
        if (2 * (size + 1) > chunks.length) {
            Chunk[] larger = new Chunk[2 * chunks.length];
            Arrays.stream(chunks).filter(c -> c != null).forEach(c -> put(larger, c));
            chunks = larger;
        }
        Chunk chunk = new Chunk(index, new long[2 * WORDS]);
        put(chunks, chunk);
        size++;
        return chunk;
    }

    private static void put(Chunk[] chunks, Chunk chunk) {
        int mask = chunks.length - 1;
        int i = slot(chunk.index, mask);
        while (chunks[i] != null) {
            i = i + 1 & mask;
        }
        CHUNK.setRelease(chunks, i, chunk);
    }

    private static int slot(long index, int mask) {
        return (int) (index * 0x9E3779B97F4A7C15L >>> 40) & mask;
    }
}
