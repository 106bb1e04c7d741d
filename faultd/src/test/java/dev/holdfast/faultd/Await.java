package dev.holdfast.faultd;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what another process or thread will do. */
final class Await {
    private static final long POLL_NANOS = 2_000_000;
    private static final long LIMIT_NANOS = 30_000_000_000L;

    private Await() {}

    static void until(BooleanSupplier condition) {
        long end = System.nanoTime() + LIMIT_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("it has not happened");
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
