package dev.holdfast.device;

import dev.holdfast.device.TracedDevice.Unit;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A device that shows an image, one after another, of what a power cut may have left: whatever is
 * recovered, checked and tried on it is undone by {@link #undo}, at the cost of the pages touched.
 *
 * <ol>
 *   <li>{@link #setImage}, as often as the next image differs from the last;
 *   <li>use, by one volume at a time, which need not be closed; persists count and do nothing;
 *   <li>{@link #undo}; then 1 again.
 * </ol>
 *
 * <p>Which lines were read, and which memory was handed out, is remembered on request: a line that
 * nobody read cannot have mattered.
 *
 * <p>Not thread-safe, but for what the device itself is asked by the threads of one volume.
 */
public final class ImageDevice extends HeardDevice {
    /** Largest image: it is an array. */
    public static final long MAX_BYTES = 1L << 30;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private static final byte UNKNOWN = 0;
    private static final byte ZERO = 1;
    private static final byte NOT_ZERO = 2;

    private final Unit unit;
    private final byte[] image;
    private final int[] touchedPages;
    private int touchedCount;
    private final boolean[] touched;
    private final long[] linesRead;
    private boolean tracksReads;
    /** What is known of each page of the image; see {@link #isZero}. */
    private final byte[] zero;

    private ImageDevice(DeviceMemory live, Unit unit, int sizeBytes) {
        super("crash image", live, unit);
        this.unit = unit;
        image = new byte[sizeBytes];
        touchedPages = new int[sizeBytes / BLOCK_BYTES];
        touched = new boolean[touchedPages.length];
        linesRead = new long[touchedPages.length];
        zero = new byte[touchedPages.length];
    }

    /** Creates a device of zeroes. */
    public static ImageDevice create(long sizeBytes, Unit unit) throws IOException {
        if (checkSize(sizeBytes) > MAX_BYTES) {
            throw new IllegalArgumentException("an image of " + sizeBytes + " bytes; the limit is "
                    + MAX_BYTES);
        }
        return new ImageDevice(
                DeviceMemory.memfd("holdfast-image", sizeBytes), unit, (int) sizeBytes);
    }

    @Override
    public Unit unit() {
        return unit;
    }

    @Override
    public boolean isKnownZeroWhenNew() {
        return false;
    }

    @Override
    boolean writeBack(long offset, long length) {
        return true;
    }

    @Override
    public void populate(long offset, long length) {
        // Memory of this process: nothing to get ready.
    }

    /** Changes the image, and what the device shows. Nothing may be touched and not undone. */
    public void setImage(long offset, byte[] source, int index, int length) {
        System.arraycopy(source, index, image, (int) offset, length);
        MemorySegment.copy(source, index, memory(), BYTE, offset, length);
        int last = (int) ((offset + length - 1) / BLOCK_BYTES);
        for (int page = (int) (offset / BLOCK_BYTES); page <= last; page++) {
            zero[page] = UNKNOWN;
        }
    }

    /** Returns the bytes of the image, to read: what is touched does not show here. */
    public byte[] image() {
        return image;
    }

    /** Makes the device show the image again. */
    public void undo() {
        for (int i = 0; i < touchedCount; i++) {
            int page = touchedPages[i];
            touched[page] = false;
            int offset = page * BLOCK_BYTES;
            MemorySegment.copy(image, offset, memory(), BYTE, offset, BLOCK_BYTES);
        }
        touchedCount = 0;
    }

    /** Returns how many pages were touched since the last undo. */
    public int touchedPages() {
        return touchedCount;
    }

    /** Returns the number of the n-th page touched. */
    public int touchedPage(int n) {
        return touchedPages[n];
    }

    /** Tells whether a page was touched since the last undo. */
    public boolean isTouched(int page) {
        return touched[page];
    }

    /** Forgets which lines were read, and remembers them from here on, or does not. */
    public void trackReads(boolean track) {
        tracksReads = track;
        Arrays.fill(linesRead, 0);
    }

    /** Tells whether a line was read, or handed out, while reads were tracked. */
    public boolean wasRead(long line) {
        return (linesRead[(int) (line >>> 6)] & 1L << line) != 0;
    }

    @Override
    void heardRead(long offset, long length) {
        if (tracksReads) {
            noteRead(offset, length);
        }
        super.heardRead(offset, length);
    }

    /** Sets the lines of each page with one operation: a page has as many as a long has bits. */
    private void noteRead(long offset, long length) {
        if (length <= 0) {
            return;
        }
        int first = (int) (offset / LINE_BYTES);
        int last = (int) ((offset + length - 1) / LINE_BYTES);
        for (int page = first / Long.SIZE; page <= last / Long.SIZE; page++) {
            long lines = -1L;
            if (page == first / Long.SIZE) {
                lines &= -1L << first;
            }
            if (page == last / Long.SIZE) {
                lines &= -1L >>> ~last;
            }
            linesRead[page] |= lines;
        }
    }

    /** Looks at each page of the image once; the known-zero claims of a volume are most of it. */
    @Override
    public long firstNonZero(long offset, long length) {
        if (tracksReads) {
            noteRead(offset, length);
        }
        long end = offset + length;
        for (long at = offset; at < end; ) {
            int page = (int) (at / BLOCK_BYTES);
            long next = Math.min(end, (page + 1L) * BLOCK_BYTES);
            if (touched[page] || !isZero(page)) {
                long found = super.firstNonZero(at, next - at);
                if (found >= 0) {
                    return found;
                }
            }
            at = next;
        }
        return -1;
    }

    private boolean isZero(int page) {
        if (zero[page] == UNKNOWN) {
            int from = page * BLOCK_BYTES;
            boolean all = true;
            for (int i = from; all && i < from + BLOCK_BYTES; i++) {
                all = image[i] == 0;
            }
            zero[page] = all ? ZERO : NOT_ZERO;
        }
        return zero[page] == ZERO;
    }

    @Override
    void heardStore(long offset, long length) {
        touch(offset, length);
        super.heardStore(offset, length);
    }

    private void touch(long offset, long length) {
        if (length <= 0) {
            return;
        }
        int last = (int) ((offset + length - 1) / BLOCK_BYTES);
        for (int page = (int) (offset / BLOCK_BYTES); page <= last; page++) {
            if (!touched[page]) {
                touched[page] = true;
                touchedPages[touchedCount++] = page;
            }
        }
    }

    @Override
    public void handedOut(long offset, long length, boolean writable) {
        if (tracksReads) {
            noteRead(offset, length);
        }
        if (writable) {
            touch(offset, length);
        }
        super.handedOut(offset, length, writable);
    }
}
