package dev.holdfast.explore.model;

import dev.holdfast.dax.FaultTracer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Runs threads one at a time, in an order drawn from a seed. A turn may end between two operations,
 * and around the fdatasync of a fault, which holds no lock that another operation needs alone. So
 * no thread that has a turn waits for one that has none, and a seed gives the same run each time.
 */
final class Turns implements FaultTracer {
    private static final long LIMIT_SECONDS = 30;

    /** What a thread does. */
    interface Body {
        void run() throws Exception;
    }

    private final Random random;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Integer> alive = new ArrayList<>();
    private final ThreadLocal<Integer> own = new ThreadLocal<>();
    private int turn;
    private Throwable failure;

    Turns(long seed) {
        this.random = new Random(seed);
    }

    /** Runs all to their ends; throws what the first that failed threw. */
    void run(List<Body> bodies) {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < bodies.size(); i++) {
            int number = i;
            alive.add(i);
            threads.add(Thread.ofPlatform().name("turn-" + i).daemon()
                    .unstarted(() -> live(number, bodies.get(number))));
        }
        turn = random.nextInt(bodies.size());
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            join(thread);
        }
        if (failure != null) {
            if (failure instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            throw new AssertionError("a thread failed: " + failure, failure);
        }
    }

    private static void join(Thread thread) {
        try {
            if (!thread.join(java.time.Duration.ofSeconds(2 * LIMIT_SECONDS))) {
                throw new AssertionError("the schedule does not get on");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private void live(int number, Body body) {
        own.set(number);
        try {
            awaitTurn(number);
            body.run();
        } catch (Throwable e) {
            failure = failure == null ? e : failure;
        } finally {
            lock.lock();
            try {
                alive.remove((Integer) number);
                giveTurn();
            } finally {
                lock.unlock();
            }
        }
    }

    private void giveTurn() {
        if (!alive.isEmpty()) {
            turn = alive.get(random.nextInt(alive.size()));
        }
        changed.signalAll();
    }

    private void awaitTurn(int number) {
        lock.lock();
        try {
            while (turn != number) {
                if (!changed.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                    throw new AssertionError("the schedule does not get on");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        } finally {
            lock.unlock();
        }
    }

    /** A place where a turn can end; nothing on threads that this does not run. */
    void step() {
        Integer number = own.get();
        if (number != null) {
            lock.lock();
            try {
                giveTurn();
            } finally {
                lock.unlock();
            }
            awaitTurn(number);
        }
    }

    @Override
    public void fdatasync(long offset, long length) {
        step();
    }

    @Override
    public void fdatasyncDone(long offset, long length) {
        step();
    }
}
