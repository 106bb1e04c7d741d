package dev.holdfast.mm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The pins of one mapping and one arena, and the bases from which segments of that arena are
 * sliced.
 *
 * <p>Every segment is a slice of a base bound to the arena, so closing the arena ends the access
 * first and the pins after. It refers to the arena and must therefore be only weakly held by
 * anything that outlives it; the {@link PinLedger} goes on without it.
 *
 * <p>Thread safety: as the arena allows; {@link #checkUsable} refuses other threads.
 */
final class PinSet {
    private final Arena arena;
    private final MemorySegment.Scope scope;
    private final PinLedger ledger;
    private final String description;
    private final MemorySegment device;
    private final MemorySegment deviceReadOnly;
    private volatile MemorySegment window;
    private volatile MemorySegment windowReadOnly;

    PinSet(Arena arena, PinLedger ledger, String description, MemorySegment device) {
        this.arena = arena;
        this.scope = arena.scope();
        this.ledger = ledger;
        this.description = description;
        this.device = device;
        this.deviceReadOnly = device.asReadOnly();
    }

    MemorySegment.Scope scope() {
        return scope;
    }

    PinLedger ledger() {
        return ledger;
    }

    /**
     * Checks that a segment of the arena would be of use to this thread.
     *
     * @throws IllegalStateException the arena is closed
     * @throws WrongThreadException the arena is confined to another thread
     */
    void checkUsable() {
        if (!scope.isAlive()) {
            throw new IllegalStateException("the " + description + " has been closed");
        }
        if (!device.isAccessibleBy(Thread.currentThread())) {
            throw new WrongThreadException("a " + description + " cannot take segments for "
                    + Thread.currentThread().getName());
        }
    }

    /** Returns a segment over the device's own memory. */
    MemorySegment ofDevice(long deviceOffset, long lengthBytes, boolean writable) {
        return (writable ? device : deviceReadOnly).asSlice(deviceOffset, lengthBytes);
    }

    /** Returns a segment over the mapping's window, whose memory is given. */
    MemorySegment ofWindow(
            MemorySegment memory, long windowOffset, long lengthBytes, boolean writable) {
        if (windowReadOnly == null) {
            window = memory.reinterpret(arena, null);
            windowReadOnly = window.asReadOnly();
        }
        return (writable ? window : windowReadOnly).asSlice(windowOffset, lengthBytes);
    }
}
