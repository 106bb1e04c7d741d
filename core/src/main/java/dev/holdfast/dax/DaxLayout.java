package dev.holdfast.dax;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.mutant.Mutant;
import java.io.IOException;

/**
 * Takes pages of one file out of use before their blocks change owner. To remove or move blocks:
 *
 * <ol>
 * <li>hold the invalidate lock exclusively, so that no fault brings a page back;
 * <li>{@link #breakLayouts}: gives up if a segment in a user's hand shows a page;
 * <li>{@link #deleteEntries} or {@link #truncatePages};
 * <li>only then change the extents (Z3).
 * </ol>
 */
public final class DaxLayout {
    private static final long END = Long.MAX_VALUE / DaxDevice.BLOCK_BYTES;

    private final AddressSpace space;

    /** Creates the layout breaker of a file. */
    public DaxLayout(AddressSpace space) {
        this.space = space;
    }

    /**
     * Unmaps every page that the range touches from every mapping, and checks that none is pinned.
     * It waits for entries that a write-back has locked (Z5), and never for a pin: a pin lasts as
     * long as its arena.
     *
     * @throws HoldfastException BUSY, naming file, range and holder; the pages fault again when
     *     used
     */
    public void breakLayouts(long offset, long length) throws HoldfastException {
        if (length == 0) {
            return;
        }
        long firstPage = offset / DaxDevice.BLOCK_BYTES;
        long endPage = endPage(offset, length);
        if (!space.context().mutants().on(Mutant.LOCKED_ENTRY_SKIPPED)) {
            space.awaitUnlocked(firstPage, endPage);
        }
        space.vmas().unmap(firstPage, endPage - firstPage);
        long pinned = space.pins().firstPinned(firstPage, endPage - firstPage);
        if (pinned >= 0) {
            throw new HoldfastException(ErrorCode.BUSY, "cannot take away " + length
                    + " bytes at offset " + offset + " of " + space.host().fileName()
                    + ": a memory segment shows page " + pinned + " ("
                    + space.pins().holderOf(pinned)
                    + "); close its arena first");
        }
    }

    /**
     * Removes entries and marks of the pages that lie wholly in the range; pages that it touches in
     * part keep their bytes, and their marks.
     */
    public void deleteEntries(long offset, long length) {
        long firstPage = (offset + DaxDevice.BLOCK_BYTES - 1) / DaxDevice.BLOCK_BYTES;
        long endPage = (offset + length) / DaxDevice.BLOCK_BYTES;
        space.deleteEntries(firstPage, endPage);
    }

    /** Unmaps and removes every page that lies wholly past the new size. */
    public void truncatePages(long newSizeBytes) {
        long firstPage = (newSizeBytes + DaxDevice.BLOCK_BYTES - 1) / DaxDevice.BLOCK_BYTES;
        space.deleteEntries(firstPage, END);
    }

    /** Unmaps and drops what is clean in the range; dirty entries stay, for a write-back (Z6). */
    public void invalidate(long offset, long length) {
        if (length > 0) {
            space.invalidateClean(offset / DaxDevice.BLOCK_BYTES, endPage(offset, length));
        }
    }

    /**
     * Takes away zero pages mapped over a range that has just been given blocks, and shows the
     * blocks to segments handed out (R9); {@code deviceOffset} is that of the first whole page of
     * the range.
     */
    public void showNewBlocks(long offset, long length, long deviceOffset) throws IOException {
        long firstPage = offset / DaxDevice.BLOCK_BYTES;
        long endPage = endPage(offset, length);
        space.dropZeroEntries(firstPage, endPage);
        space.vmas().relay(firstPage, deviceOffset, endPage - firstPage);
    }

    private static long endPage(long offset, long length) {
        return Math.min(END, (offset + length - 1) / DaxDevice.BLOCK_BYTES + 1);
    }
}
