package dev.holdfast.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.device.DeviceListener;
import dev.holdfast.device.LineFate;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LogCommitTest {
    @Test
    void costsOneBarrierAndOneLineForARecordOfOneLine() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            long barriers = volume.device.counters().barriers();
            long lines = volume.device.counters().lines();

            volume.log.commit(volume.append(1));

            assertThat(volume.device.counters().barriers() - barriers).isEqualTo(1);
            assertThat(volume.device.counters().lines() - lines).isEqualTo(1);
            assertThat(volume.log.counters().records()).isEqualTo(1);
            assertThat(volume.log.counters().lines()).isEqualTo(1);
            assertThat(volume.log.counters().commits()).isEqualTo(1);
            assertThat(volume.log.counters().committedLines()).isEqualTo(1);
            assertThat(volume.log.counters().groupSize()).isEqualTo(1);
        }
    }

    @Test
    void coversAllRecordsAppendedSoFarWithOneBarrier() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            long barriers = volume.device.counters().barriers();
            long first = volume.append(1);
            long last = volume.append(2, 4);

            volume.log.commit(first);
            volume.log.commit(last);

            assertThat(volume.log.durableLsn()).isEqualTo(last);
            assertThat(volume.device.counters().barriers() - barriers).isEqualTo(1);
            assertThat(volume.log.counters().commits()).isEqualTo(1);
            assertThat(volume.log.counters().largestCommitLines()).isEqualTo(5);
        }
    }

    @Test
    void refusesToWaitForAnLsnThatWasNeverAppended() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            assertThatThrownBy(() -> volume.log.commit(volume.start + 1))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void losesACommittedRecordOnlyWithoutItsBarrier() throws IOException {
        assertThat(commitAndCrash(Mutants.NONE)).containsExactly(1L);
        assertThat(commitAndCrash(Mutants.of(Mutant.BARRIER_DROPPED))).isEmpty();
    }

    private static List<Long> commitAndCrash(Mutants mutants) throws IOException {
        try (LogVolume volume = LogVolume.create(1, mutants)) {
            volume.log.commit(volume.append(1));
            volume.device.crash(LineFate.NONE);
            return volume.mount();
        }
    }

    @Test
    void tellsListenersRisingLsnsThatAreDurable() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            List<Long> told = new ArrayList<>();
            volume.log.onDurable(told::add);
            long first = volume.append(1);
            volume.log.commit(first);
            volume.log.commit(first);
            long second = volume.append(2);
            assertThat(told).containsExactly(first);
            volume.log.commit(second);

            assertThat(told).containsExactly(first, second);
        }
    }

    @Test
    void letsAListenerCommit() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            List<Long> told = new ArrayList<>();
            long first = volume.append(1);
            volume.log.onDurable(lsn -> {
                told.add(lsn);
                if (lsn == first) {
                    commitOneMore(volume);
                }
            });
            volume.log.commit(first);

            assertThat(told).containsExactly(first, first + 1);
        }
    }

    private static void commitOneMore(LogVolume volume) {
        try {
            volume.log.commit(volume.append(2));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @DisplayName("H4: after the first failed write-back all appends and commits fail")
    void shutsDownAtTheFirstFailedWriteBack() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            long first = volume.append(1);
            volume.log.commit(first);
            long second = volume.append(2);
            volume.device.failPersists(0, 1);

            for (Callable<?> call : List.<Callable<?>>of(() -> commit(volume, second),
                    () -> commit(volume, second), () -> commit(volume, first),
                    () -> volume.append(3))) {
                assertThatThrownBy(call::call).hasMessageContaining("open it anew")
                        .hasRootCauseMessage("injected failure of a write-back")
                        .extracting(e -> ((HoldfastException) e).code())
                        .isEqualTo(ErrorCode.SHUT_DOWN);
            }
            assertThat(volume.log.durableLsn()).isEqualTo(first);
            assertThat(volume.log.isShutDown()).isTrue();
            volume.device.crash(LineFate.NONE);
            assertThat(volume.mount()).containsExactly(1L);
        }
    }

    @Test
    void wouldReportSuccessForALostRecordIfItForgotTheFailure() throws IOException {
        Mutants mutants = Mutants.of(Mutant.FAILED_WRITE_BACK_FORGOTTEN);
        try (LogVolume volume = LogVolume.create(1, mutants)) {
            long end = volume.append(1);
            volume.device.failPersists(0, 1);
            assertThatThrownBy(() -> volume.log.commit(end)).hasMessageContaining("injected");

            volume.log.commit(end);
            assertThat(volume.log.durableLsn()).isEqualTo(end);
            volume.device.crash(LineFate.NONE);
            assertThat(volume.mount()).isEmpty();
        }
    }

    @Test
    void shutsDownForAFailureElsewhereAndKeepsTheFirstCause() throws IOException {
        try (LogVolume volume = LogVolume.create(1)) {
            volume.log.shutDown(new IOException("first"));
            volume.log.shutDown(new IOException("second"));

            assertThatThrownBy(() -> volume.append(1)).hasRootCauseMessage("first");
        }
    }

    @Test
    void waitsOnWhenInterruptedAndKeepsTheInterrupt() throws Exception {
        try (LogVolume volume = LogVolume.create(1)) {
            long end = volume.append(1);
            Thread.currentThread().interrupt();
            try {
                volume.log.commit(end);
            } finally {
                assertThat(Thread.interrupted()).isTrue();
            }
            assertThat(volume.log.durableLsn()).isEqualTo(end);
        }
    }

    @Test
    void servesAllWhoWaitWithTheNextCommit() throws Exception {
        try (LogVolume volume = LogVolume.create(1);
                var threads = Executors.newCachedThreadPool()) {
            var held = new HeldPersist();
            volume.device.listen(held);
            long first = volume.append(1);
            Future<?> committer = threads.submit(() -> commit(volume, first));
            held.reached.await();
            List<Thread> waiting = new ArrayList<>();
            List<Future<?>> waiters = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                long end = volume.append(2 + i);
                var started = new CountDownLatch(1);
                waiters.add(threads.submit(() -> {
                    waiting.add(Thread.currentThread());
                    started.countDown();
                    return commit(volume, end);
                }));
                started.await();
            }
            awaitAllParked(waiting);
            waiting.getFirst().interrupt();
            held.go.countDown();

            committer.get();
            for (Future<?> waiter : waiters) {
                waiter.get();
            }
            assertThat(volume.log.counters().commits()).isEqualTo(2);
            assertThat(volume.log.counters().joinedCommits()).isEqualTo(3);
            assertThat(volume.log.counters().groupSize()).isEqualTo(2.5);
        }
    }

    @Test
    void wakesAllWhoWaitWithTheFailure() throws Exception {
        try (LogVolume volume = LogVolume.create(1);
                var threads = Executors.newCachedThreadPool()) {
            var held = new HeldPersist();
            volume.device.listen(held);
            volume.device.failPersists(0, 1);
            long end = volume.append(1);
            Future<?> committer = threads.submit(() -> commit(volume, end));
            held.reached.await();
            var waiting = new AtomicReference<Thread>();
            Future<?> waiter = threads.submit(() -> {
                waiting.set(Thread.currentThread());
                return commit(volume, end);
            });
            while (waiting.get() == null) {
                Thread.onSpinWait();
            }
            awaitAllParked(List.of(waiting.get()));
            held.go.countDown();

            for (Future<?> each : List.of(committer, waiter)) {
                assertThatThrownBy(each::get).isInstanceOf(ExecutionException.class)
                        .hasRootCauseMessage("injected failure of a write-back");
            }
        }
    }

    @Test
    void keepsEveryRecordOfManyThreadsThatAppendAndCommit() throws Exception {
        try (LogVolume volume = LogVolume.create(64);
                var threads = Executors.newFixedThreadPool(4)) {
            long barriers = volume.device.counters().barriers();
            var told = new AtomicLong();
            volume.log.onDurable(lsn -> assertThat(told.getAndSet(lsn)).isLessThan(lsn));
            List<Future<Integer>> workers = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                int thread = t;
                workers.add(threads.submit(() -> appendAndCommit(volume.log, thread, 500)));
            }
            int commits = 0;
            for (Future<Integer> worker : workers) {
                commits += worker.get();
            }

            LogCounters counters = volume.log.counters();
            assertThat(counters.records()).isEqualTo(2000);
            assertThat(counters.commits()).isLessThanOrEqualTo(commits)
                    .isEqualTo(volume.device.counters().barriers() - barriers);
            assertThat(counters.committedLines()).isEqualTo(volume.log.durableLsn() - volume.start);
            assertThat(told).hasValue(volume.log.durableLsn());
            volume.device.crash(LineFate.NONE);
            List<Long> replayed = volume.mount();
            for (int t = 0; t < 4; t++) {
                long thread = t;
                assertThat(replayed.stream().filter(number -> number >>> 32 == thread))
                        .as("records of thread %d", thread).hasSize(500).isSorted();
            }
        }
    }

    /** Appends {@code count} records, commits each, and returns the number of commits. */
    private static int appendAndCommit(Log log, long thread, int count) throws IOException {
        var buffer = new RecordBuffer();
        long durable = 0;
        for (int i = 0; i < count; i++) {
            buffer.clear();
            buffer.putLong(thread << 32 | i);
            long end = log.append(buffer);
            log.commit(end);
            long now = log.durableLsn();
            assertThat(now).isGreaterThanOrEqualTo(Math.max(end, durable));
            durable = now;
        }
        return count;
    }

    private static Object commit(LogVolume volume, long lsn) throws IOException {
        volume.log.commit(lsn);
        return null;
    }

    private static void awaitAllParked(List<Thread> threads) {
        for (Thread thread : threads) {
            while (thread.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
        }
    }

    /** Holds the first persist until it is let go. */
    private static final class HeldPersist implements DeviceListener {
        final CountDownLatch reached = new CountDownLatch(1);
        final CountDownLatch go = new CountDownLatch(1);

        @Override
        public void beforePersist(long[] ranges, int count) {
            reached.countDown();
            if (go.getCount() == 0) {
                return;
            }
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
