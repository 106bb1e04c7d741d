package dev.holdfast.fs;

import dev.holdfast.dax.FaultResult;
import dev.holdfast.dax.FaultTracer;
import dev.holdfast.dax.Order;
import dev.holdfast.device.DeviceListener;
import dev.holdfast.iomap.Iomap;
import dev.holdfast.mm.Vma;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs threads one at a time, in an order drawn from a seed. A thread gives its turn away at the
 * steps that this hears of: those of faults, stores to the device, persists.
 *
 * <ol>
 * <li>{@link #spawn} threads; none runs yet;
 * <li>{@link #run} gives turns until all have ended. A thread whose turn ends in a lock held by
 * another is left there; when the lock is freed it runs on to its next step, and waits for a turn;
 * <li>when all that are left wait for locks, or one never comes to a step, the run fails.
 * </ol>
 *
 * <p>The trace is that of the steps at which turns were given away. Threads freed from a lock run
 * beside the one whose turn it is for a moment, so a seed gives nearly, not wholly, the same run
 * again.
 */
final class RaceScheduler implements FaultTracer, DeviceListener {
    private static final Duration STUCK = Duration.ofSeconds(20);
    /** Quiet looks after which nothing is taken to be on its way. */
    private static final int QUIET_LOOKS = 3;
    private static final int QUIET_LOOKS_TO_DEADLOCK = 20_000;

    /** What a thread does. */
    interface Body {
        void run() throws Exception;
    }

    private final class Worker {
        private final String name;
        private final Thread thread;
        /** Waits for a turn at a step. */
        private volatile boolean parked;
        private volatile boolean turn;
        private volatile boolean ended;

        Worker(String name, Body body) {
            this.name = name;
            this.thread = Thread.ofPlatform().name(name).daemon().unstarted(() -> live(this, body));
        }

        void awaitTurn() {
            parked = true;
            LockSupport.unpark(driver);
            while (!turn) {
                LockSupport.park(RaceScheduler.this);
                // Interrupts are the business of what is tested; parking would return at once.
                interrupted |= Thread.interrupted();
            }
            turn = false;
            if (interrupted) {
                interrupted = false;
                Thread.currentThread().interrupt();
            }
        }

        private boolean interrupted;

        boolean isStill() {
            if (ended || parked) {
                return true;
            }
            Thread.State state = thread.getState();
            return state == Thread.State.BLOCKED || state == Thread.State.WAITING;
        }
    }

    private final long seed;
    private final Random random;
    private final int switchOneIn;
    private final List<Worker> workers = new ArrayList<>();
    private final ThreadLocal<Worker> current = new ThreadLocal<>();
    private final List<String> trace = new ArrayList<>();
    private volatile Throwable failure;
    private volatile Thread driver;

    /**
     * Creates a scheduler that offers a switch at every step and takes one in {@code switchOneIn}.
     */
    RaceScheduler(long seed, int switchOneIn) {
        this.seed = seed;
        this.random = new Random(seed);
        this.switchOneIn = switchOneIn;
    }

    void spawn(String name, Body body) {
        workers.add(new Worker(name, body));
    }

    private void live(Worker worker, Body body) {
        current.set(worker);
        worker.awaitTurn();
        try {
            body.run();
        } catch (Throwable e) {
            failure = e;
        } finally {
            worker.ended = true;
            LockSupport.unpark(driver);
        }
    }

    /** Runs every thread to its end. */
    void run() {
        driver = Thread.currentThread();
        workers.forEach(worker -> worker.thread.start());
        while (true) {
            List<Worker> ready = awaitStill();
            if (failure != null) {
                throw new AssertionError(describe("failed: " + failure), failure);
            }
            if (ready.isEmpty()) {
                return;
            }
            Worker next = ready.get(random.nextInt(ready.size()));
            next.parked = false;
            next.turn = true;
            LockSupport.unpark(next.thread);
        }
    }

    /** Waits until no thread runs; returns those at a step, none when all have ended. */
    private List<Worker> awaitStill() {
        long deadline = System.nanoTime() + STUCK.toNanos();
        int quiet = 0;
        while (true) {
            // Stillness first: a thread found still by it and not at a step waits for a lock, or
            // ended.
            boolean still = workers.stream().allMatch(Worker::isStill);
            List<Worker> ready = workers.stream().filter(worker -> worker.parked).toList();
            long ended = workers.stream().filter(worker -> worker.ended).count();
            quiet = still ? quiet + 1 : 0;
            if (ready.size() + ended == workers.size()
                    || quiet >= QUIET_LOOKS && !ready.isEmpty()) {
                return ready;
            }
            if (quiet >= QUIET_LOOKS_TO_DEADLOCK) {
                throw new AssertionError(describe("dead-locked" + stacks()));
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError(describe("runs on without a step" + stacks()));
            }
            if (quiet > QUIET_LOOKS) {
                LockSupport.parkNanos(20_000);
            } else {
                Thread.onSpinWait();
                Thread.yield();
            }
        }
    }

    private String stacks() {
        StringBuilder text = new StringBuilder();
        for (Worker worker : workers) {
            if (!worker.ended) {
                text.append("\n").append(worker.name).append(' ')
                        .append(worker.parked ? "at a step" : worker.thread.getState());
                Arrays.stream(worker.thread.getStackTrace()).limit(25)
                        .forEach(frame -> text.append("\n    ").append(frame));
            }
        }
        return text.toString();
    }

    private String describe(String what) {
        synchronized (trace) {
            return "seed " + seed + " " + what + "\ntrace:\n  " + String.join("\n  ", trace);
        }
    }

    /** A place where a turn can end; nothing on threads that this does not run. */
    void step(String what) {
        Worker worker = current.get();
        if (worker == null) {
            return;
        }
        synchronized (trace) {
            if (random.nextInt(switchOneIn) != 0) {
                return;
            }
            trace.add(worker.name + " " + what);
        }
        worker.awaitTurn();
    }

    @Override
    public void begin(Vma vma, long page, Order order, boolean write) {
        step("faults " + page + " " + order + (write ? " to write" : " to read"));
    }

    @Override
    public void waitingForEntry(long page) {
        synchronized (trace) {
            trace.add(Thread.currentThread().getName() + " waits for entry " + page);
        }
    }

    @Override
    public void entryLocked(long page, Order order) {
        step("locked entry " + page + " " + order);
    }

    @Override
    public void iomap(long page, Iomap iomap) {
        step("was told the iomap of " + page);
    }

    @Override
    public void entryFilled(long page, Order order, long pfn, boolean dirty) {
        step("filled entry " + page + " with pfn " + pfn + (dirty ? " dirty" : " clean"));
    }

    @Override
    public void needDataSync(long page, Order order, long pfn) {
        step("needs a data sync for " + page);
    }

    @Override
    public void fdatasync(long offset, long length) {
        step("begins fdatasync at " + offset);
    }

    @Override
    public void fdatasyncDone(long offset, long length) {
        step("did fdatasync at " + offset);
    }

    @Override
    public void mapped(long page, Order order, long pfn, boolean writable) {
        step("mapped " + page + " to " + pfn + (writable ? " writable" : " read-only"));
    }

    @Override
    public void zeroMapped(long page, Order order) {
        step("mapped " + page + " to the zero page");
    }

    @Override
    public void end(long page, Order order, FaultResult result) {
        step("ended the fault of " + page + ": " + result.getClass().getSimpleName());
    }

    @Override
    public void writeProtected(long firstPage, long lastPage) {
        step("protected " + firstPage + " to " + lastPage);
    }

    @Override
    public void persisted(long firstPage, long lastPage) {
        step("persisted " + firstPage + " to " + lastPage);
    }

    @Override
    public void stored(long offset, long length) {
        step("stored at " + offset);
    }

    @Override
    public void beforePersist(long[] ranges, int count) {
        step("persists " + ranges[0]);
    }

    @Override
    public void afterPersist(long[] ranges, int count) {
        step("persisted " + ranges[0]);
    }
}
