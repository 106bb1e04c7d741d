package dev.holdfast.dax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.mm.Vma;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Each mutant of the fault path changes something that a test of the right code looks at. */
class FaultMutantsTest {
    @Test
    @DisplayName("mutant ENTRY_BEFORE_FDATASYNC: the page is writable while its block is not "
            + "durable")
    void entryBeforeFdatasync() {
        assertThat(writableDuringFdatasync()).isFalse();
        assertThat(writableDuringFdatasync(Mutant.ENTRY_BEFORE_FDATASYNC)).isTrue();
    }

    private static boolean writableDuringFdatasync(Mutant... mutants) {
        try (Fixture f = Fixture.with(mutants)) {
            Vma vma = f.map(true);
            boolean[] writable = new boolean[1];
            f.file.onFdatasync(() -> writable[0] = f.isWritable(vma, 3));
            f.access(vma, 3, true);
            return writable[0];
        }
    }

    @Test
    @DisplayName("mutant FDATASYNC_SKIPPED: the page is writable and a crash loses its block")
    void fdatasyncSkipped() {
        try (Fixture f = Fixture.with(Mutant.FDATASYNC_SKIPPED)) {
            Vma vma = f.map(true);
            f.access(vma, 3, true);
            assertThat(f.isWritable(vma, 3)).isTrue();
            assertThat(f.file.durablePfn(3)).isNotEqualTo(f.file.pfn(3));
        }
    }

    @Test
    @DisplayName("B4 mutant NO_ENTRY_IS_CONFLICT: no huge fault ever happens, by the counter")
    void noEntryIsConflict() {
        try (Fixture f = Fixture.with(Mutant.NO_ENTRY_IS_CONFLICT)) {
            f.access(f.mapHuge(false), 0, true);
            assertThat(f.count(FaultKind.PMD_MAPPED)).isZero();
            assertThat(f.count(FallbackReason.SMALL_ENTRY)).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("B9 mutant PRIVATE_STORE_TAKEN_FOR_SHARED: a private store takes a block")
    void privateStoreTakenForShared() {
        try (Fixture f = Fixture.with(Mutant.PRIVATE_STORE_TAKEN_FOR_SHARED)) {
            f.write(f.map(0, 16, false, false, false), 4);
            assertThat(f.file.allocatedPages()).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("B18 mutant READ_ONLY_MAPPING_WRITTEN: a read-only mapping takes a block")
    void readOnlyMappingWritten() {
        try (Fixture f = Fixture.with(Mutant.READ_ONLY_MAPPING_WRITTEN)) {
            f.write(new Vma(0, Fixture.PAGE, true, false, false, false), 0);
            assertThat(f.file.allocatedPages()).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("E2 B5 Whoever waits for an entry is woken when it is unlocked")
    void aWaiterIsWoken() throws Exception {
        assertThat(isWokenWhenUnlocked()).isTrue();
    }

    @Test
    @DisplayName("B5 mutant WAKE_UP_LOST: the waiter sleeps on")
    void wakeUpLost() throws Exception {
        assertThat(isWokenWhenUnlocked(Mutant.WAKE_UP_LOST)).isFalse();
    }

    /** The waiter is seen asleep before the entry is unlocked, and still is after, or has ended. */
    private static boolean isWokenWhenUnlocked(Mutant... mutants) throws Exception {
        CountDownLatch waits = new CountDownLatch(1);
        FaultTracer tracer = new FaultTracer() {
            @Override
            public void waitingForEntry(long page) {
                waits.countDown();
            }
        };
        try (Fixture f = new Fixture(context -> context.with(tracer)
                .with(Mutants.of(mutants)))) {
            f.access(f.map(false), 3, true);
            f.space.lockEntry(3);
            FutureTask<Long> waiter = Threads.start(() -> f.space.lockEntry(3));
            Threads.await(waits);
            // The monitor is free only once the waiter is in its wait.
            f.space.unlockEntry(3);
            if (mutants.length == 0) {
                Threads.join(waiter);
                return true;
            }
            assertThatThrownBy(() -> waiter.get(200, TimeUnit.MILLISECONDS))
                    .isInstanceOf(TimeoutException.class);
            return false;
        }
    }

    @Test
    @DisplayName("B3 mutant HUGE_FAULT_WAITS_FOR_SMALL: the huge fault goes to sleep")
    void hugeFaultWaitsForSmall() {
        FaultTracer refusesToSleep = new FaultTracer() {
            @Override
            public void waitingForEntry(long page) {
                throw new IllegalStateException("asleep for ever");
            }
        };
        try (Fixture f = new Fixture(context -> context.with(refusesToSleep)
                .with(Mutants.of(Mutant.HUGE_FAULT_WAITS_FOR_SMALL)))) {
            f.access(f.map(false), 3, true);
            Vma huge = f.mapHuge(false);
            assertThatThrownBy(() -> f.faults.fault(huge, 0, 9, true, f.slot))
                    .hasMessage("asleep for ever");
        }
    }
}
