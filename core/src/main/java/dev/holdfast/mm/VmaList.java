package dev.holdfast.mm;

import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The mappings of one file, in the order they were made.
 *
 * <p>Lock rule: changes copy an array and are serialised by this object; everything else reads the
 * array without a lock, and so may miss a mapping made meanwhile. That mapping's pages fault in
 * under the lock of their mapping entry, which the caller of {@link #writeProtect} holds.
 */
public final class VmaList {
    private static final Vma[] NONE = {};
    private static final View[] NO_VIEWS = {};

    /** Memory that shows the file without a page table, and so must be told of new blocks. */
    public interface View {
        /** Shows blocks that a hole of the file was given; see {@link VmaList#relay}. */
        void relay(long filePage, long deviceOffset, long pages) throws IOException;
    }

    private final boolean protectFirstOnly;
    private final boolean byFirstPage;
    private volatile View[] views = NO_VIEWS;
    private volatile Vma[] vmas = NONE;

    /** Creates an empty list. */
    public VmaList(Mutants mutants) {
        this.protectFirstOnly = mutants.on(Mutant.ONE_MAPPING_PROTECTED);
        this.byFirstPage = mutants.on(Mutant.MAPPINGS_BY_FIRST_PAGE);
    }

    /** Adds a mapping that is not in the list. */
    public synchronized void add(Vma vma) {
        if (indexOf(vma) >= 0) {
            throw new IllegalStateException(vma + " is in the list of its file already");
        }
        Vma[] longer = Arrays.copyOf(vmas, vmas.length + 1);
        longer[vmas.length] = vma;
        vmas = longer;
    }

    /** Removes a mapping; returns whether it was in the list. */
    public synchronized boolean remove(Vma vma) {
        int index = indexOf(vma);
        if (index < 0) {
            return false;
        }
        Vma[] shorter = new Vma[vmas.length - 1];
        System.arraycopy(vmas, 0, shorter, 0, index);
        System.arraycopy(vmas, index + 1, shorter, index, shorter.length - index);
        vmas = shorter;
        return true;
    }

    /** Adds memory that shows the file from now on. */
    public synchronized void addView(View view) {
        View[] longer = Arrays.copyOf(views, views.length + 1);
        longer[views.length] = view;
        views = longer;
    }

    /** Removes such memory. */
    public synchronized void removeView(View view) {
        views = Arrays.stream(views).filter(other -> other != view).toArray(View[]::new);
    }

    /** Tells whether the file has no mapping. */
    public boolean isEmpty() {
        return vmas.length == 0 && views.length == 0;
    }

    /** Visits every mapping that maps any page of a range of the file. */
    public void forEachOverlapping(long filePage, long pages, Consumer<Vma> visitor) {
        for (Vma vma : vmas) {
            if (vma.overlaps(filePage, pages)) {
                visitor.accept(vma);
            }
        }
    }

    /**
     * Write-protects, in every mapping, whatever maps any page of a range (B6).
     *
     * @return the entries changed
     */
    public long writeProtect(long filePage, long pages) {
        long changed = 0;
        for (Vma vma : vmas) {
            if (vma.overlaps(filePage, byFirstPage ? 1 : pages)) {
                changed += vma.writeProtect(filePage, pages);
                if (protectFirstOnly) {
                    break;
                }
            }
        }
        return changed;
    }

    /**
     * Unmaps, in every mapping, whatever maps any page of a range.
     *
     * @return the entries removed
     */
    public long unmap(long filePage, long pages) {
        long removed = 0;
        for (Vma vma : vmas) {
            removed += vma.unmap(filePage, pages);
        }
        return removed;
    }

    /**
     * Takes pages whose blocks have left the file out of the hardware of every served mapping; they
     * are adjacent on the device, starting at {@code deviceBlock}. No fault can come in.
     */
    public void takeBack(long filePage, long deviceBlock, long pages) {
        for (Vma vma : vmas) {
            if (vma.isServed() && vma.overlaps(filePage, pages)) {
                long from = Math.max(filePage, vma.firstPage());
                long end = Math.min(filePage + pages, vma.endPage());
                vma.takeBack(from, deviceBlock + from - filePage, end - from);
            }
        }
    }

    /**
     * Lays blocks that a hole of the file was given over the zeroes that windows of its mappings
     * show there, so that segments handed out earlier see them (R9). The hole's zero entries have
     * been unmapped before, and the blocks' content is in place.
     */
    public void relay(long filePage, long deviceOffset, long pages) throws IOException {
        for (Vma vma : vmas) {
            SegmentSource source = vma.source();
            if (source != null && vma.overlaps(filePage, pages)) {
                source.relay(filePage, deviceOffset, pages);
            }
        }
        for (View view : views) {
            view.relay(filePage, deviceOffset, pages);
        }
    }

    private int indexOf(Vma vma) {
        for (int i = 0; i < vmas.length; i++) {
            if (vmas[i] == vma) {
                return i;
            }
        }
        return -1;
    }
}
