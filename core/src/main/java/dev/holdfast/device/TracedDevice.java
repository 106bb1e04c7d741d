package dev.holdfast.device;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.ffm.Linux;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A device in memory that models what a power cut does: <em>live</em> memory, which stores reach at
 * once, and a <em>medium</em>, which they reach when persisted. Between the two every line that
 * differs may have reached the medium or not, wholly or by words; a {@link LineFate} decides.
 *
 * <ol>
 *   <li>Running: stores, by accessors or through {@link #memory()}, and persists. It counts as a
 *       real device does.
 *   <li>Optionally {@link #powerOffAfter}: at a persist the power goes. What live memory held then
 *       is what a crash decides over; later stores are into the void and later persists throw.
 *   <li>{@link #crash}: the result is both live memory and medium; the power is on again.
 *       {@link #crashImage} gives the same as another device and leaves this one alone.
 * </ol>
 *
 * <p>The model's limit: of a line stored to several times since its last persist, only the newest
 * value can be found after the crash, not an earlier one that was evicted in between.
 *
 * <p>Lock rule: persists, crashes and images exclude each other by one lock; accesses take none.
 * Crashes while other threads store see each word as it is when it is copied.
 */
public final class TracedDevice extends HeardDevice {
    /** What is written back when any part of it is persisted. */
    public enum Unit {
        /** A cache line of 64 bytes. */
        LINE(64),
        /** A disk's sector of 512 bytes. */
        SECTOR(512),
        /** A page of 4096 bytes, as with {@code msync}. */
        PAGE(4096);

        private final int bytes;

        Unit(int bytes) {
            this.bytes = bytes;
        }

        /** Returns the size of the unit in bytes. */
        public int bytes() {
            return bytes;
        }
    }

    private static final long NEVER = Long.MAX_VALUE;
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG;

    private final Unit unit;
    private final ScratchMemory medium;

    // Guarded by lock.
    private long persistsUntilPowerOff = NEVER;
    private long persistsUntilFailure = NEVER;
    private long failuresLeft;
    /** Live memory as it was when the power went; null while the power is on. */
    private ScratchMemory frozen;
    /** A fate is being asked, which must not close the device under its own crash. */
    private boolean deciding;
    private boolean closed;

    private TracedDevice(DeviceMemory live, ScratchMemory medium, Unit unit) {
        super("traced memory", live, unit);
        this.unit = unit;
        this.medium = medium;
    }

    /** Creates a device of zeroes whose unit of durability is a line. */
    public static TracedDevice create(long sizeBytes) throws IOException {
        return create(sizeBytes, Unit.LINE);
    }

    /**
     * Creates a device of zeroes.
     *
     * @param sizeBytes a positive multiple of {@link #BLOCK_BYTES}; only touched pages take memory
     */
    public static TracedDevice create(long sizeBytes, Unit unit) throws IOException {
        checkSize(sizeBytes);
        DeviceMemory live = DeviceMemory.memfd("holdfast-live", sizeBytes);
        try {
            return new TracedDevice(live, ScratchMemory.allocate(sizeBytes), unit);
        } catch (IOException | RuntimeException e) {
            live.close();
            throw e;
        }
    }

    static Medium describe(Unit unit) {
        return new Medium(
                unit == Unit.LINE ? Medium.Granularity.LINE : Medium.Granularity.PAGE,
                Medium.WriteBack.SIMULATED,
                Medium.Survives.SIMULATED_POWER_CUT,
                Linux.pageBytes(),
                "a model of a medium that keeps what was persisted, by units of " + unit.bytes()
                        + " bytes");
    }

    @Override
    public Unit unit() {
        return unit;
    }

    @Override
    public boolean isKnownZeroWhenNew() {
        return true;
    }

    @Override
    boolean writeBack(long offset, long length) {
        MemorySegment.copy(memory(), offset, medium.segment(), offset, length);
        return true;
    }

    /** Lets one persist call pass, or injects what was asked for. */
    @Override
    void mayPersist() throws IOException {
        requireOpen();
        if (frozen == null && persistsUntilPowerOff == 0) {
            freeze();
        }
        if (frozen != null) {
            throw new PowerCutException("the simulated power is off: nothing becomes durable");
        }
        if (persistsUntilPowerOff != NEVER) {
            persistsUntilPowerOff--;
        }
        if (persistsUntilFailure == NEVER) {
            return;
        }
        if (persistsUntilFailure > 0) {
            persistsUntilFailure--;
        } else if (failuresLeft-- > 0) {
            throw new HoldfastException(ErrorCode.IO_ERROR, "injected failure of a write-back");
        } else {
            persistsUntilFailure = NEVER;
        }
    }

    private void freeze() throws IOException {
        ScratchMemory snapshot = ScratchMemory.allocate(sizeBytes());
        SparseMemory.forEachTouched(mapping(), (offset, length) ->
                MemorySegment.copy(memory(), offset, snapshot.segment(), offset, length));
        frozen = snapshot;
    }

    /**
     * Cuts the power at a persist: the next {@code persists} calls of {@code persist} still happen;
     * the one after them, and every later one, makes nothing durable and throws
     * {@link PowerCutException}. Stores after that moment do not count. Zero cuts the power at the
     * very next persist.
     */
    public void powerOffAfter(long persists) {
        synchronized (lock) {
            persistsUntilPowerOff = requireCount(persists);
        }
    }

    /**
     * Makes persists fail: the next {@code after} calls happen, then {@code count} throw code
     * {@code IO_ERROR} and make nothing durable, then they happen again.
     */
    public void failPersists(long after, long count) {
        synchronized (lock) {
            persistsUntilFailure = requireCount(after);
            failuresLeft = requireCount(count);
        }
    }

    private static long requireCount(long count) {
        if (count < 0) {
            throw new IllegalArgumentException("negative count " + count);
        }
        return count;
    }

    // Crashes.

    /**
     * Returns the numbers of the lines whose live content is not on the medium, in order: the lines
     * over whose fate a crash now decides.
     */
    public long[] unpersistedLines() throws IOException {
        synchronized (lock) {
            LineList found = new LineList();
            forEachUnpersisted(found::add);
            return found.toArray();
        }
    }

    /**
     * Cuts the power here and now: live memory and medium both become what was persisted, plus what
     * {@code fate} keeps. The power is on again afterwards, injections are off.
     */
    public void crash(LineFate fate) throws IOException {
        synchronized (lock) {
            MemorySegment live = liveAtCut();
            forEachUnpersisted(line ->
                    settle(line, fate.keptWords(line), live, medium.segment()));
            // Also drops what was stored after the power went.
            SparseMemory.forEachTouched(mapping(), (offset, length) ->
                    MemorySegment.copy(medium.segment(), offset, memory(), offset, length));
            discardFrozen();
            persistsUntilPowerOff = NEVER;
            persistsUntilFailure = NEVER;
            heardCrash();
        }
    }

    /**
     * Returns a new device, powered on, with what a {@linkplain #crash crash} now would leave; this
     * one stays as it is.
     */
    public TracedDevice crashImage(LineFate fate) throws IOException {
        TracedDevice image = create(sizeBytes(), unit);
        try {
            synchronized (lock) {
                MemorySegment live = liveAtCut();
                image.copyTouched(this, medium.segment());
                forEachUnpersisted(line -> {
                    int keptWords = fate.keptWords(line);
                    settle(line, keptWords, live, image.medium.segment());
                    settle(line, keptWords, live, image.memory());
                });
            }
            return image;
        } catch (IOException | RuntimeException e) {
            image.close();
            throw e;
        }
    }

    /**
     * Returns another device with the same live memory and medium, without this one's injections
     * and listener. Of a device whose power is off it takes what the crash decides over.
     */
    public TracedDevice copy() throws IOException {
        TracedDevice copy = create(sizeBytes(), unit);
        try {
            synchronized (lock) {
                copy.copyTouched(this, liveAtCut());
            }
            return copy;
        } catch (IOException | RuntimeException e) {
            copy.close();
            throw e;
        }
    }

    /**
     * Takes over another device's medium, and {@code live} as live memory; this one is all zero.
     */
    private void copyTouched(TracedDevice from, MemorySegment live) throws IOException {
        SparseMemory.forEachTouched(from.mapping(), (offset, length) -> {
            MemorySegment.copy(
                    from.medium.segment(), offset, medium.segment(), offset, length);
            MemorySegment.copy(live, offset, memory(), offset, length);
        });
    }

    private MemorySegment liveAtCut() {
        requireOpen();
        return frozen == null ? memory() : frozen.segment();
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the device is closed");
        }
    }

    /** Does something with a line. */
    private interface LineAction {
        void accept(long line);
    }

    private void forEachUnpersisted(LineAction action) throws IOException {
        MemorySegment live = liveAtCut();
        boolean outerDeciding = deciding;
        deciding = true;
        try {
            // What was never touched in live memory was never persisted either: zero in both.
            SparseMemory.forEachTouched(mapping(), (offset, length) ->
                    compare(live, medium.segment(), offset, offset + length, action));
        } finally {
            deciding = outerDeciding;
        }
    }

    private static void compare(
            MemorySegment live, MemorySegment durable, long start, long end, LineAction action) {
        long at = start;
        while (at < end) {
            long different = MemorySegment.mismatch(live, at, end, durable, at, end);
            if (different < 0) {
                return;
            }
            long line = (at + different) / LINE_BYTES;
            action.accept(line);
            at = (line + 1) * LINE_BYTES;
        }
    }

    private static void settle(
            long line, int keptWords, MemorySegment live, MemorySegment target) {
        long start = line * LINE_BYTES;
        if ((keptWords & LineFate.WHOLE) == LineFate.WHOLE) {
            MemorySegment.copy(live, start, target, start, LINE_BYTES);
            return;
        }
        for (int word = 0; word < LINE_BYTES / Long.BYTES; word++) {
            if ((keptWords & 1 << word) != 0) {
                long offset = start + (long) word * Long.BYTES;
                target.set(WORD, offset, live.get(WORD, offset));
            }
        }
    }

    private void discardFrozen() {
        if (frozen != null) {
            frozen.close();
            frozen = null;
        }
    }

    @Override
    public void close() {
        synchronized (lock) {
            if (deciding) {
                throw new IllegalStateException("the device is deciding over a crash");
            }
            super.close();
            if (!closed) {
                closed = true;
                discardFrozen();
                medium.close();
            }
        }
    }

    /** A growing list of line numbers. */
    private static final class LineList {
        private long[] lines = new long[64];
        private int size;

        void add(long line) {
            if (size == lines.length) {
                lines = Arrays.copyOf(lines, size * 2);
            }
            lines[size++] = line;
        }

        long[] toArray() {
            return Arrays.copyOf(lines, size);
        }
    }
}
