package dev.holdfast.mm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;

/**
 * The {@link PinSet}s of one mapping, found by arena.
 *
 * <p>An arena is recognised by its scope, and both the scope and the pin set are held weakly: a pin
 * set refers to its arena, and an automatic arena ends by being forgotten. A pin set the collector
 * took is made again over the same ledger, without a second cleanup.
 *
 * <p>Lock rule: this object's monitor for all but the arena used last; it is never held while
 * pins are given back or the owner is told.
 */
final class PinSets {
    /** Confined arenas refuse this thread; the others do not care who asks. */
    private static final Thread STRANGER = Thread.ofPlatform().unstarted(() -> {});
    private static final WeakReference<PinSet> NONE = new WeakReference<>(null);

    private static final class Entry {
        private final WeakReference<MemorySegment.Scope> scope;
        private final PinLedger ledger;
        private final String description;
        private WeakReference<PinSet> set = NONE;

        private Entry(MemorySegment.Scope scope, PinLedger ledger, String description) {
            this.scope = new WeakReference<>(scope);
            this.ledger = ledger;
            this.description = description;
        }
    }

    private final MemorySegment device;
    private final PinTable pins;
    private final Runnable whenUnused;
    private final List<Entry> entries = new ArrayList<>();
    private int ledgers;
    private boolean closed;
    private volatile WeakReference<PinSet> last = NONE;

    /**
     * Creates an empty list; {@code whenUnused} runs once, closed and with the last ledger
     * released.
     */
    PinSets(MemorySegment device, PinTable pins, Runnable whenUnused) {
        this.device = device;
        this.pins = pins;
        this.whenUnused = whenUnused;
    }

    /**
     * Returns the pin set of an arena, a new one if need be.
     *
     * @throws IllegalStateException the arena or the mapping is closed
     * @throws WrongThreadException the arena is confined to another thread
     */
    PinSet of(Arena arena) {
        PinSet set = last.get();
        if (set == null || set.scope() != arena.scope()) {
            set = find(arena);
        }
        set.checkUsable();
        return set;
    }

    /** Tells whether an arena may still hold segments. */
    synchronized boolean isUsed() {
        return ledgers != 0;
    }

    /** Refuses new arenas from now on. Idempotent. */
    void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            last = NONE;
            if (ledgers != 0) {
                return;
            }
        }
        whenUnused.run();
    }

    private synchronized PinSet find(Arena arena) {
        if (closed) {
            throw new IllegalStateException("the mapping of " + pins.file() + " has been closed");
        }
        MemorySegment.Scope scope = arena.scope();
        Entry entry = null;
        for (Iterator<Entry> all = entries.iterator(); all.hasNext(); ) {
            Entry other = all.next();
            MemorySegment.Scope known = other.scope.get();
            if (known == scope) {
                entry = other;
            } else if (known == null || !known.isAlive()) {
                all.remove();
            }
        }
        PinSet set = entry == null ? null : entry.set.get();
        if (set == null) {
            set = entry == null ? register(arena) : bind(entry, arena);
        }
        if (set.scope().isAlive()) {
            last = new WeakReference<>(set);
        }
        return set;
    }

    private PinSet bind(Entry entry, Arena arena) {
        checkOwner(arena);
        PinSet set = new PinSet(
                arena, entry.ledger, entry.description, device.reinterpret(arena, null));
        entry.set = new WeakReference<>(set);
        return set;
    }

    /** Makes a ledger and hangs it on the arena, once in the arena's life. */
    private PinSet register(Arena arena) {
        checkOwner(arena);
        String description = describe(arena);
        ledgers++;
        PinLedger ledger = new PinLedger(pins, description, this::ledgerReleased);
        MemorySegment base;
        try {
            base = device.reinterpret(arena, releaseOf(ledger));
        } catch (RuntimeException e) {
            ledger.release();
            throw e;
        }
        Entry entry = new Entry(arena.scope(), ledger, description);
        PinSet set = new PinSet(arena, ledger, description, base);
        entry.set = new WeakReference<>(set);
        entries.add(entry);
        return set;
    }

    /** In a static method, so that the cleanup captures the ledger and nothing else. */
    private static Consumer<MemorySegment> releaseOf(PinLedger ledger) {
        return unused -> ledger.release();
    }

    private void ledgerReleased() {
        synchronized (this) {
            ledgers--;
            if (!closed || ledgers != 0) {
                return;
            }
        }
        whenUnused.run();
    }

    private static String describe(Arena arena) {
        if (arena.scope() == MemorySegment.NULL.scope()) {
            return "global arena";
        }
        String thread = Thread.currentThread().getName();
        return MemorySegment.NULL.reinterpret(arena, null).isAccessibleBy(STRANGER)
                ? "shared or automatic arena first used by " + thread
                : "confined arena of " + thread;
    }

    /** Says in our words what the binding to an arena of another thread would say in its own. */
    private static void checkOwner(Arena arena) {
        try {
            MemorySegment.NULL.reinterpret(arena, null);
        } catch (WrongThreadException e) {
            throw new WrongThreadException("a confined arena of another thread cannot take segments"
                    + " for " + Thread.currentThread().getName());
        }
    }
}
