package dev.holdfast.dax;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** Threads of a deterministic schedule. The limits only end a test that would hang. */
final class Threads {
    private static final long LIMIT_SECONDS = 20;

    private Threads() {}

    static <T> FutureTask<T> start(Callable<T> body) {
        FutureTask<T> task = new FutureTask<>(body);
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    static <T> T join(FutureTask<T> task) throws Exception {
        return task.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    static void await(CountDownLatch latch) {
        try {
            if (!latch.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("the schedule does not get on");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
