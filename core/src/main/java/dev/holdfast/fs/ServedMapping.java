package dev.holdfast.fs;

import dev.holdfast.mm.Vma;
import java.io.IOException;
import java.util.List;

/**
 * A range of a file, mapped by another process through real page tables.
 *
 * <ol>
 * <li>made by {@link Mappings#serve}: every page of the range is bound to a block, the file's own or
 *     one reserved for its hole; the inode is held;
 * <li>the client maps the blocks of {@link #runs}, without access to any of them yet;
 * <li>{@link #fault} for each access that the hardware stops;
 * <li>{@link #close} once the client can reach the pages no more: it has unmapped them, or it is
 *     dead. Reserved blocks that no other mapping shares, and the hold, go.
 * </ol>
 *
 * <p>Thread-safe.
 */
public final class ServedMapping implements AutoCloseable {
    private final Inode inode;
    private final Vma vma;

    ServedMapping(Inode inode, Vma vma) {
        this.inode = inode;
        this.vma = vma;
    }

    /** Returns the file. */
    public Inode inode() {
        return inode;
    }

    /** Returns the mapping's VMA: its range, flags, and the mirror of the client's page table. */
    public Vma vma() {
        return vma;
    }

    /**
     * Returns where each page lies, in ascending order, in the longest runs possible; the same at every
     * call.
     */
    public List<BlockRun> runs() {
        throw new UnsupportedOperationException("seam");
    }

    /**
     * Serves an access that the hardware stopped: when this returns true the page is installed with the
     * right it needs. It may have brought others with it.
     *
     * @param page number of the page in the file, inside the mapping
     * @param write whether the access is a store, whatever the kind of the event
     * @return false when the client has gone, or unmapped the page: nobody waits
     * @throws dev.holdfast.error.HoldfastException BUS_ERROR: past the end of the file, or a store to a
     *     mapping that is for loads only, to be answered by a bus error; IO_ERROR, SHUT_DOWN: the
     *     same, the volume has stopped
     */
    public boolean fault(long page, boolean write) throws IOException {
        throw new UnsupportedOperationException("seam");
    }

    /** Ends the mapping; the caller has made sure that the client can reach the pages no more. Idempotent. */
    @Override
    public void close() {
        throw new UnsupportedOperationException("seam");
    }
}
