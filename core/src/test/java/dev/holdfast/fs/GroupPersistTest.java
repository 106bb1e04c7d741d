package dev.holdfast.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class GroupPersistTest {
    /** A barrier that waits until it may end, and remembers what it was asked for. */
    private static final class HeldBarrier implements GroupPersist.Barrier {
        final List<long[]> asked = new ArrayList<>();
        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch mayEnd = new CountDownLatch(1);
        Exception failure;

        @Override
        public void persist(long[] ranges, int count) throws IOException {
            asked.add(Arrays.copyOf(ranges, 2 * count));
            begun.countDown();
            if (asked.size() == 1) {
                uninterruptibly(mayEnd);
            }
            if (failure instanceof IOException e) {
                throw e;
            } else if (failure instanceof RuntimeException e) {
                throw e;
            }
        }

        private static void uninterruptibly(CountDownLatch latch) {
            while (true) {
                try {
                    latch.await();
                    return;
                } catch (InterruptedException e) {
                    // The barrier of a device is a system call that no interrupt ends.
                }
            }
        }
    }

    private final HeldBarrier barrier = new HeldBarrier();
    private final GroupPersist group = new GroupPersist(barrier);
    private final List<Thread> threads = new ArrayList<>();

    /** Runs a persist in a thread of its own. */
    private FutureTask<Boolean> persisting(long offset, long length) {
        return running(() -> {
            group.persist(offset, length);
            return Thread.currentThread().isInterrupted();
        });
    }

    private FutureTask<Boolean> running(Callable<Boolean> body) {
        FutureTask<Boolean> task = new FutureTask<>(body);
        Thread thread = Thread.ofPlatform().daemon().start(task);
        threads.add(thread);
        return task;
    }

    /** Returns when all threads but the one in the barrier have joined a group, and wait. */
    private void allWait() {
        for (Thread thread : threads) {
            while (thread.getState() != Thread.State.WAITING
                    && thread.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void aThreadAloneHasABarrierOfItsOwnAtOnce() throws IOException {
        barrier.mayEnd.countDown();

        group.persist(64, 10);
        group.persist(0, 5);

        assertThat(barrier.asked).containsExactly(new long[] {64, 10}, new long[] {0, 5});
    }

    @Test
    void whoComesWhileABarrierIsUnderWaySharesTheNextInOrderOfOffset() throws Exception {
        List<FutureTask<Boolean>> tasks = new ArrayList<>(List.of(persisting(0, 1)));
        barrier.begun.await();
        for (long offset : new long[] {500, 100, 300, 200, 400, 900, 800, 700, 600, 1000}) {
            tasks.add(persisting(offset, 8));
        }
        allWait();
        assertThat(barrier.asked).hasSize(1);

        barrier.mayEnd.countDown();
        for (FutureTask<Boolean> task : tasks) {
            task.get();
        }

        assertThat(barrier.asked).containsExactly(new long[] {0, 1}, new long[] {100, 8, 200, 8,
            300, 8, 400, 8, 500, 8, 600, 8, 700, 8, 800, 8, 900, 8, 1000, 8});
    }

    @Test
    void aFailureReachesEveryMemberOfTheGroupAndNobodyElse() throws Exception {
        FutureTask<Boolean> before = persisting(0, 1);
        barrier.begun.await();
        FutureTask<Boolean> one = persisting(100, 1);
        FutureTask<Boolean> two = persisting(200, 1);
        allWait();
        barrier.failure = new HoldfastException(ErrorCode.IO_ERROR, "the disk says no");
        barrier.mayEnd.countDown();

        for (FutureTask<Boolean> task : List.of(before, one, two)) {
            assertThatThrownBy(task::get).cause().isInstanceOf(HoldfastException.class)
                    .hasMessage("the disk says no");
        }
        assertThat(exceptionOf(one)).isNotSameAs(exceptionOf(two));
        barrier.failure = null;
        group.persist(0, 1);
        assertThat(barrier.asked).hasSizeBetween(3, 4);
    }

    @Test
    void aBarrierThatBreaksIsNobodysSuccess() throws Exception {
        FutureTask<Boolean> before = persisting(0, 1);
        barrier.begun.await();
        FutureTask<Boolean> one = persisting(100, 1);
        FutureTask<Boolean> two = persisting(200, 1);
        allWait();
        barrier.failure = new IllegalStateException("the device is closed");
        barrier.mayEnd.countDown();

        for (FutureTask<Boolean> task : List.of(before, one, two)) {
            assertThatThrownBy(task::get).cause().isInstanceOf(IllegalStateException.class)
                    .hasMessage("the device is closed");
        }
    }

    private static Throwable exceptionOf(FutureTask<?> task) throws InterruptedException {
        try {
            task.get();
            throw new AssertionError("no exception");
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    @Test
    void anInterruptedThreadWaitsOnAndStaysInterrupted() throws Exception {
        FutureTask<Boolean> before = persisting(0, 1);
        barrier.begun.await();
        FutureTask<Boolean> one = persisting(100, 1);
        FutureTask<Boolean> two = persisting(200, 1);
        allWait();
        threads.get(1).interrupt();
        threads.get(2).interrupt();
        allWait();
        assertThat(List.of(one, two)).noneMatch(FutureTask::isDone);
        barrier.mayEnd.countDown();

        assertThat(before.get()).as("interrupted").isFalse();
        assertThat(one.get()).as("interrupted").isTrue();
        assertThat(two.get()).as("interrupted").isTrue();
        assertThat(barrier.asked).hasSize(2);
    }

    @Test
    void whatAPersistReturnsForIsDurable() throws Exception {
        int writers = 6;
        int words = 64;
        AtomicLongArray memory = new AtomicLongArray(words);
        AtomicLongArray durable = new AtomicLongArray(words);
        GroupPersist persists = new GroupPersist((ranges, count) -> {
            for (int i = 0; i < count; i++) {
                for (long word = ranges[2 * i]; word < ranges[2 * i] + ranges[2 * i + 1]; word++) {
                    durable.set((int) word, memory.get((int) word));
                }
            }
        });
        List<FutureTask<Boolean>> tasks = new ArrayList<>();
        for (int writer = 0; writer < writers; writer++) {
            Random random = new Random(writer);
            tasks.add(running(() -> {
                for (int i = 0; i < 2000; i++) {
                    int word = random.nextInt(words);
                    long stored = memory.incrementAndGet(word);
                    persists.persist(word, 1 + random.nextInt(words - word));
                    if (durable.get(word) < stored) {
                        return false;
                    }
                }
                return true;
            }));
        }
        for (FutureTask<Boolean> task : tasks) {
            assertThat(task.get()).isTrue();
        }
    }
}
