package dev.holdfast.dax;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.mm.PageTable;
import dev.holdfast.mutant.Mutant;
import java.io.IOException;

/**
 * Makes the bytes of a range of one file durable: the data half of fsync, fdatasync and msync.
 *
 * <ol>
 * <li>What is dirty now is tagged to-write; what gets dirty later is for the next call.
 * <li>A batch of tagged entries is locked in ascending order, waiting for each (W4).
 * <li>The batch is write-protected in every mapping: a store faults again, and waits (W1).
 * <li>All of it is persisted with one call of the device; huge entries whole (W2).
 * <li>Dirty marks go, except those of pages pinned writable; the entries are unlocked.
 * </ol>
 *
 * <p>A page pinned writable is in a user's hand and cannot be protected: it stays dirty and
 * writable, and every call persists it.
 *
 * <p>Failure: the batch stays dirty, the error is recorded for each open file description (W6), the
 * host is told, and every later call is refused: bytes that failed once are never reported durable.
 *
 * <p>Lock rule: the caller holds no lock of this package. Any number of calls may run at once.
 */
public final class Writeback {
    private final AddressSpace space;
    private final DaxContext context;
    private volatile IOException failure;

    /** Creates the write-back of a file; one for each address space. */
    public Writeback(AddressSpace space) {
        this.space = space;
        this.context = space.context();
    }

    /**
     * Makes every byte of the range that was stored before this call durable.
     *
     * @throws IOException the medium failed, now (IO_ERROR) or earlier (SHUT_DOWN): nothing may be
     *     taken for durable
     */
    public void writeback(long offset, long length) throws IOException {
        if (offset < 0 || length < 0 || length > Long.MAX_VALUE - DaxDevice.BLOCK_BYTES - offset) {
            throw new IllegalArgumentException(
                    "no range of a file: " + length + " bytes at " + offset);
        }
        if (failure != null && !context.mutants().on(Mutant.FAILED_WRITE_BACK_FORGOTTEN)) {
            throw new HoldfastException(ErrorCode.SHUT_DOWN, space.host().fileName()
                    + ": an earlier write-back failed; open the volume anew to recover", failure);
        }
        if (length == 0) {
            return;
        }
        long firstPage = offset / DaxDevice.BLOCK_BYTES;
        long endPage = (offset + length - 1) / DaxDevice.BLOCK_BYTES + 1;
        if (tag(firstPage, endPage)) {
            writeTagged(firstPage, endPage);
        }
    }

    private boolean tag(long firstPage, long endPage) {
        boolean any = false;
        EntryChunk chunk;
        for (long at = firstPage; (chunk = space.chunks().next(at, endPage)) != null; ) {
            any |= chunk.tag(from(chunk, at), to(chunk, endPage));
            at = chunk.firstPage() + PageTable.HUGE_PAGES;
        }
        return any;
    }

    private void writeTagged(long firstPage, long endPage) throws IOException {
        WritebackBatch batch = new WritebackBatch(space);
        try {
            EntryChunk chunk;
            for (long at = firstPage; (chunk = space.chunks().next(at, endPage)) != null; ) {
                int to = to(chunk, endPage);
                int slot = from(chunk, at);
                while ((slot = chunk.take(slot, to, batch)) >= 0) {
                    if (batch.isFull()) {
                        batch.write();
                    }
                }
                at = chunk.firstPage() + PageTable.HUGE_PAGES;
            }
            batch.write();
        } catch (IOException e) {
            failed(e);
            throw e;
        } finally {
            batch.abandon();
        }
    }

    private void failed(IOException e) {
        failure = e;
        space.errors().record(e);
        space.host().writebackFailed(e);
    }

    private static int from(EntryChunk chunk, long page) {
        return (int) Math.max(0, page - chunk.firstPage());
    }

    private static int to(EntryChunk chunk, long endPage) {
        return (int) Math.min(PageTable.HUGE_PAGES, endPage - chunk.firstPage());
    }
}
