package dev.holdfast;

import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * The time of day in nanoseconds, for times of files: asked for at each fault, so it must be cheap.
 * It counts on from the last look at the system's clock, and looks again when that is a while ago,
 * so that it follows an administrator who sets the time. Thread-safe.
 */
final class WallClock implements LongSupplier {
    private static final long ANCHOR_NANOS = 100_000_000;

    /** The system's clock and the steady one, read together. */
    private record Anchor(long wallNanos, long steadyNanos) {
        static Anchor now() {
            Instant wall = Instant.now();
            return new Anchor(wall.getEpochSecond() * 1_000_000_000 + wall.getNano(),
                    System.nanoTime());
        }
    }

    private volatile Anchor anchor = Anchor.now();

    @Override
    public long getAsLong() {
        Anchor last = anchor;
        long passed = System.nanoTime() - last.steadyNanos;
        if (passed < ANCHOR_NANOS) {
            return last.wallNanos + passed;
        }
        Anchor fresh = Anchor.now();
        anchor = fresh;
        return fresh.wallNanos;
    }
}
