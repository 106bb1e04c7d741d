package dev.holdfast.fs;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Background work on one daemon thread a volume. */
public final class BackgroundThread implements Background {
    private final Set<Runnable> requested = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("holdfast-background").factory());

    @Override
    public void request(Runnable work) {
        if (requested.add(work)) {
            try {
                executor.execute(() -> {
                    requested.remove(work);
                    work.run();
                });
            } catch (RejectedExecutionException closed) {
                requested.remove(work);
            }
        }
    }

    @Override
    public void repeat(Runnable work, long periodNanos) {
        executor.scheduleWithFixedDelay(work, periodNanos, periodNanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        executor.shutdownNow();
        boolean interrupted = false;
        while (true) {
            try {
                if (executor.awaitTermination(1, TimeUnit.DAYS)) {
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
