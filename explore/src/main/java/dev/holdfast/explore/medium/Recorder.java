package dev.holdfast.explore.medium;

import dev.holdfast.VolumeOptions;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.device.DeviceListener;
import dev.holdfast.device.HeardDevice;
import dev.holdfast.explore.medium.Trace.Event;
import dev.holdfast.explore.medium.Trace.Stack.Kind;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.List;

/**
 * Records what a workload stores to a device in memory, and persists.
 *
 * <ol>
 *   <li>{@link #start}: what the device holds now counts as durable;
 *   <li>the workload runs, mounts, crashes and checkpoints as it likes, with any threads; it marks
 *       its operations;
 *   <li>{@link #stop} gives the recording; the device can be closed.
 * </ol>
 *
 * <p>Stores through the device are events one by one. Stores through memory that was handed out are
 * seen as the content of each line at the next persist, crash or {@link #observe}: values in
 * between are not known. Memory handed out once is watched for good.
 *
 * <p>Lock rule: one lock, innermost; it is taken within the device's own lock by persists.
 */
public final class Recorder {
    private static final int LINE = DaxDevice.LINE_BYTES;
    private static final int PAGE = DaxDevice.BLOCK_BYTES;
    private static final StackWalker WALKER = StackWalker.getInstance();
    private static final int STACK_FRAMES = 24;

    private final HeardDevice device;
    private final MemorySegment memory;
    private final MemorySegment shadow;
    private final byte[] shadowBytes;
    private final Trace trace;
    private final boolean stacks;
    private final BitSet watched = new BitSet();
    private final Object lock = new Object();
    private int versionsAtPersist;
    private boolean stopped;

    private Recorder(HeardDevice device, Trace trace, byte[] shadow, boolean stacks) {
        this.device = device;
        this.memory = device.memory();
        this.trace = trace;
        this.shadowBytes = shadow;
        this.shadow = MemorySegment.ofArray(shadow);
        this.stacks = stacks;
    }

    /** Begins to record: what the device holds now counts as durable. */
    public static Recorder start(HeardDevice device) {
        return start(device, false);
    }

    /** Begins to record, with the stacks of stores, persists and hand-outs of memory if wanted. */
    public static Recorder start(HeardDevice device, boolean stacks) {
        byte[] base = new byte[Math.toIntExact(device.sizeBytes())];
        MemorySegment.copy(device.memory(), ValueLayout.JAVA_BYTE, 0, base, 0, base.length);
        Recorder recorder = new Recorder(
                device, new Trace(device.unit(), base), base.clone(), stacks);
        recorder.listen();
        return recorder;
    }

    /**
     * Begins to record over a base that the caller knows, and over a copy of it that the caller
     * restores afterwards: for recordings by the thousand.
     */
    public static Recorder start(HeardDevice device, byte[] base, byte[] shadow) {
        Recorder recorder =
                new Recorder(device, new Trace(device.unit(), base), shadow, false);
        recorder.listen();
        return recorder;
    }

    private void listen() {
        device.listen(new DeviceListener() {
            @Override
            public void stored(long offset, long length) {
                synchronized (lock) {
                    if (stacks) {
                        addStack(Kind.STORE, offset, length);
                    }
                    takeIn(offset, length, Event.STORE);
                }
            }

            @Override
            public void beforePersist(long[] ranges, int count) {
                synchronized (lock) {
                    takeInAll(ranges, count);
                    versionsAtPersist = trace.versions();
                }
            }

            @Override
            public void afterPersist(long[] ranges, int count) {
                synchronized (lock) {
                    persisted(ranges, count);
                }
            }

            @Override
            public void handedOut(long offset, long length, boolean writable) {
                synchronized (lock) {
                    watch(offset, length, writable);
                }
            }

            @Override
            public void crashed() {
                synchronized (lock) {
                    takeIn(0, trace.sizeBytes(), Event.CRASH);
                }
            }
        });
    }

    /** Adds the lines of a range that differ from what is known of them, as one event. */
    private void takeIn(long offset, long length, Event kind) {
        int first = trace.versions();
        long end = Math.min(offset + length + LINE - 1 & -LINE, trace.sizeBytes());
        long at = offset & -LINE;
        while (at < end) {
            long different = MemorySegment.mismatch(memory, at, end, shadow, at, end);
            if (different < 0) {
                break;
            }
            long line = (at + different) / LINE;
            int start = (int) line * LINE;
            MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, start, shadowBytes, start, LINE);
            trace.addVersion((int) line, shadowBytes, start);
            at = (line + 1) * LINE;
        }
        if (trace.versions() > first || kind == Event.CRASH) {
            trace.addEvent(kind, first, trace.versions() - first, first);
        }
    }

    /** Adds what was stored unheard: through memory in users' hands, or by threads just now. */
    private void takeInAll(long[] ranges, int count) {
        observeWatched();
        for (int i = 0; i < count; i++) {
            takeIn(ranges[2 * i], ranges[2 * i + 1], Event.STORE);
        }
    }

    private void observeWatched() {
        for (int page = watched.nextSetBit(0); page >= 0; page = watched.nextSetBit(page + 1)) {
            int end = watched.nextClearBit(page);
            takeIn((long) page * PAGE, (long) (end - page) * PAGE, Event.STORE);
            page = end;
        }
    }

    private void persisted(long[] ranges, int count) {
        int first = -1;
        int added = 0;
        long unit = trace.unit().bytes();
        for (int i = 0; i < count; i++) {
            long length = ranges[2 * i + 1];
            if (length > 0) {
                long start = ranges[2 * i] & -unit;
                long end = Math.min(ranges[2 * i] + length + unit - 1 & -unit, trace.sizeBytes());
                int index = trace.addRange(start, end - start);
                first = first < 0 ? index : first;
                added++;
                if (stacks) {
                    addStack(Kind.PERSIST, start, end - start);
                }
            }
        }
        if (added > 0) {
            trace.addEvent(Event.PERSIST, first, added, versionsAtPersist);
        }
    }

    private void watch(long offset, long length, boolean writable) {
        if (writable && length > 0) {
            watched.set((int) (offset / PAGE), (int) ((offset + length - 1) / PAGE) + 1);
        }
        if (stacks) {
            addStack(writable ? Kind.WRITABLE : Kind.READABLE, offset, length);
        }
    }

    private void addStack(Kind kind, long offset, long length) {
        trace.addStack(new Trace.Stack(kind, trace.events(), offset, length, stack()));
    }

    private static List<StackTraceElement> stack() {
        return WALKER.walk(frames -> frames
                .filter(frame -> !isOurs(frame.getClassName()))
                .limit(STACK_FRAMES).map(StackWalker.StackFrame::toStackTraceElement).toList());
    }

    private static boolean isOurs(String className) {
        return className.startsWith("dev.holdfast.device.")
                || className.equals(Recorder.class.getName())
                || className.startsWith(Recorder.class.getName() + "$");
    }

    /** Marks the begin of an operation; returns its number. */
    public int begin(String label) {
        synchronized (lock) {
            requireRunning();
            observeWatched();
            return trace.begin(label);
        }
    }

    /** Marks that an operation has returned; returns the position at which that is known. */
    public long end(int operation) {
        synchronized (lock) {
            requireRunning();
            observeWatched();
            trace.end(operation);
            return trace.events();
        }
    }

    /**
     * Puts a note into the trace; returns the position at which it has happened. Crash points are
     * told apart by notes and operations only: mark everything that a judge depends on.
     */
    public long mark(String label) {
        synchronized (lock) {
            requireRunning();
            observeWatched();
            trace.note(label);
            return trace.events();
        }
    }

    /** Returns the position: how many events have happened. */
    public long position() {
        synchronized (lock) {
            return trace.events();
        }
    }

    /** Looks for stores made through memory that was handed out, as every persist and mark does. */
    public void observe() {
        synchronized (lock) {
            requireRunning();
            observeWatched();
        }
    }

    private void requireRunning() {
        if (stopped) {
            throw new IllegalStateException("recording has ended");
        }
    }

    /** Ends recording. Idempotent. */
    public Trace stop() {
        device.listen(null);
        synchronized (lock) {
            if (!stopped) {
                observeWatched();
                stopped = true;
            }
            return trace;
        }
    }

    /**
     * Ends recording.
     *
     * @param reopening how the volume is opened on each crash state
     */
    public Recording stop(VolumeOptions reopening) {
        return new Recording(stop(), reopening);
    }
}
