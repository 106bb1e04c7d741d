package dev.holdfast.explore.junit;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs work that calls a recover method on a thread of its own, and gives up on it when one call
 * takes too long: nothing else ends a loop that never looks up.
 */
final class WatchedThread {
    private static final long LOOK_MILLIS = 50;
    private static final long LAST_CHANCE_MILLIS = 1000;

    private WatchedThread() {}

    /** The recover method did not return; its stack is where it was. */
    static final class Hung extends Exception {
        private static final long serialVersionUID = 1L;

        Hung(String message, StackTraceElement[] where) {
            super(message);
            setStackTrace(where);
        }
    }

    /**
     * Runs work.
     *
     * @throws Hung a call of the judge took more than {@code limitMillis}; the thread was
     *     interrupted and, if that did not help, is left behind
     */
    static <T> T run(RecoverJudge judge, long limitMillis, Callable<T> work) throws Exception {
        FutureTask<T> task = new FutureTask<>(work);
        Thread thread = Thread.ofPlatform().daemon().name("holdfast-explore").unstarted(task);
        thread.start();
        try {
            while (true) {
                try {
                    return task.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException running) {
                    if (judge.runningNanos() > TimeUnit.MILLISECONDS.toNanos(limitMillis)) {
                        throw giveUp(thread, limitMillis);
                    }
                }
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } catch (InterruptedException e) {
            thread.interrupt();
            throw e;
        }
    }

    private static Hung giveUp(Thread thread, long limitMillis) throws InterruptedException {
        Hung hung = new Hung("still running after " + limitMillis + " ms", thread.getStackTrace());
        thread.interrupt();
        thread.join(LAST_CHANCE_MILLIS);
        return hung;
    }
}
