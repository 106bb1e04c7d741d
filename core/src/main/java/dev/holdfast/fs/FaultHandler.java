package dev.holdfast.fs;

import dev.holdfast.dax.BusReason;
import dev.holdfast.dax.FaultResult;
import dev.holdfast.dax.PfnSlot;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.PastEndException;
import dev.holdfast.mm.Vma;
import java.io.IOException;

/**
 * The file system's fault handler: one path for first faults, write-enables and huge faults (H5).
 *
 * <ol>
 * <li>a store through a shared mapping: refused after a shutdown (H4), times change (H1, H2);
 * <li>invalidate lock shared, until the end (S2);
 * <li>the DAX fault; on lack of space a commit and another try, three times at most (H3);
 * <li>if it needs a data sync: fdatasync, and only then the page-table entry.
 * </ol>
 */
final class FaultHandler {
    private static final int NO_SPACE_TRIES = 3;
    private static final int RACE_TRIES = 1000;
    private static final ThreadLocal<PfnSlot> PFN_SLOT = ThreadLocal.withInitial(PfnSlot::new);

    private final FileSystem fs;

    FaultHandler(FileSystem fs) {
        this.fs = fs;
    }

    /** Serves one access to a page of the file; returns when the page table answers it. */
    FaultResult fault(Inode inode, Vma vma, long page, boolean write) throws IOException {
        return fault(inode, vma, page, 1, write);
    }

    /**
     * Serves one access, and maps up to {@code pages} pages from {@code page} on with it. Of a
     * served mapping the answer may also be that it is gone: {@link BusReason#MAPPING_GONE}.
     */
    FaultResult fault(Inode inode, Vma vma, long page, int pages, boolean write)
            throws IOException {
        if (!write || !vma.shared()) {
            return withLayoutHeld(inode, vma, page, pages, write);
        }
        try (ChangeGate _ = fs.changing()) {
            fs.requireWritable();
            fs.files().touchModified(inode);
            inode.tailDirty = true;
            return withLayoutHeld(inode, vma, page, pages, true);
        }
    }

    private FaultResult withLayoutHeld(Inode inode, Vma vma, long page, int wanted, boolean write)
            throws IOException {
        FilePages pages = fs.pages(inode);
        long stamp = inode.invalidate.readLock();
        try {
            int noSpace = 0;
            for (int tries = 0; tries < RACE_TRIES; tries++) {
                FaultResult result =
                        pages.faults.faultRun(vma, page, wanted, write, PFN_SLOT.get());
                if (result instanceof FaultResult.NeedDataSync) {
                    result = pages.faults.finishSyncFault(vma, page, PFN_SLOT.get());
                }
                switch (result) {
                    case FaultResult.Retry retry -> Thread.onSpinWait();
                    case FaultResult.OutOfSpace none -> {
                        if (++noSpace > NO_SPACE_TRIES
                                || fs.space().allocator().pendingFreeBlocks() == 0) {
                            throw none.cause();
                        }
                        fs.journal().commit(fs.journal().appendedLsn());
                    }
                    case FaultResult.BusError error -> {
                        if (error.reason() == BusReason.MAPPING_GONE) {
                            return error;
                        }
                        throw failure(pages, page, error);
                    }
                    default -> {
                        if (write && vma.shared()) {
                            fs.inodes().retain(inode);
                        }
                        if (result instanceof FaultResult.Mapped mapped && mapped.major()) {
                            // Blocks were taken and a record was logged: stock and log may want
                            // work.
                            fs.requestWork();
                        }
                        return result;
                    }
                }
            }
        } finally {
            inode.invalidate.unlockRead(stamp);
        }
        throw new HoldfastException(ErrorCode.IO_ERROR, pages.host.fileName() + ": page " + page
                + " could not be mapped in " + RACE_TRIES + " tries");
    }

    private static IOException failure(FilePages pages, long page, FaultResult.BusError error) {
        if (error.cause() instanceof HoldfastException known) {
            return known;
        }
        String message = pages.host.fileName() + ": access to offset " + page * Limits.BLOCK_BYTES
                + " of a file of " + pages.host.sizeBytes() + " bytes: " + error.reason();
        return error.reason() == BusReason.PAST_END_OF_FILE ? new PastEndException(message)
                : new HoldfastException(ErrorCode.BUS_ERROR, message, error.cause());
    }
}
