package dev.holdfast.fs;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** Background work that runs when a test says so, on its thread: deterministic. Not thread-safe. */
public final class ManualBackground implements Background {
    private final ArrayDeque<Runnable> requested = new ArrayDeque<>();
    private final List<Runnable> repeated = new ArrayList<>();

    @Override
    public synchronized void request(Runnable work) {
        if (!requested.contains(work)) {
            requested.add(work);
        }
    }

    @Override
    public synchronized void repeat(Runnable work, long periodNanos) {
        repeated.add(work);
    }

    /** Runs the oldest requested work; tells whether there was any. */
    public boolean runOne() {
        Runnable work;
        synchronized (this) {
            work = requested.poll();
        }
        if (work == null) {
            return false;
        }
        work.run();
        return true;
    }

    /** Runs everything that repeats, once, and then what is requested, until nothing is. */
    public void tick() {
        List<Runnable> work;
        synchronized (this) {
            work = List.copyOf(repeated);
        }
        work.forEach(Runnable::run);
        while (runOne()) {
            // Work may request more.
        }
    }

    @Override
    public synchronized void close() {
        requested.clear();
        repeated.clear();
    }
}
