package dev.holdfast.dax;

import static dev.holdfast.dax.Fixture.HUGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.mm.PageTable;
import dev.holdfast.mm.Vma;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AddressSpaceTest {
    private final CountDownLatch waiting = new CountDownLatch(1);

    private final FaultTracer seesWaiting = new FaultTracer() {
        @Override
        public void waitingForEntry(long page) {
            waiting.countDown();
        }
    };

    @Test
    @DisplayName("E1 a PMD entry covers exactly 512 aligned indices")
    void hugeEntryCoversItsRange() throws Exception {
        try (Fixture f = Fixture.plain()) {
            long entry = f.space.grabEntry(HUGE, Order.PMD);
            f.space.fillStorage(HUGE, entry, 1024, false, false);
            f.space.unlockEntry(HUGE);
            assertThat(Entry.pfnOf(f.space.entry(HUGE), HUGE)).isEqualTo(1024);
            assertThat(Entry.pfnOf(f.space.entry(2 * HUGE - 1), 2 * HUGE - 1)).isEqualTo(1535);
            assertThat(f.space.entry(HUGE - 1)).isEqualTo(Entry.NONE);
            assertThat(f.space.entry(2 * HUGE)).isEqualTo(Entry.NONE);
        }
    }

    @Test
    @DisplayName("E1 a PMD entry with a pfn that is not a multiple of 512 is refused")
    void hugeEntryIsAligned() {
        assertThatThrownBy(() -> Entry.storage(Order.PMD, 513))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Entry.storage(Order.PTE, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @DisplayName("E2 B5 a waiter gets the entry when its owner unlocks it: no wake-up is lost")
    void waiterGetsTheEntry() throws Exception {
        try (Fixture f = Fixture.traced(seesWaiting)) {
            long entry = f.space.grabEntry(3, Order.PTE);
            f.space.fillStorage(3, entry, 77, false, false);
            FutureTask<Long> other = Threads.start(() -> f.space.grabEntry(3, Order.PTE));
            Threads.await(waiting);
            f.space.unlockEntry(3);
            assertThat(Entry.pfn(Threads.join(other))).isEqualTo(77);
        }
    }

    @Test
    @DisplayName("E2 B5 deleting an entry sends its waiters back to look again")
    void deletionWakesWaiters() throws Exception {
        try (Fixture f = Fixture.traced(seesWaiting)) {
            f.space.grabEntry(3, Order.PTE);
            FutureTask<Long> first = Threads.start(() -> f.space.grabEntry(3, Order.PTE));
            Threads.await(waiting);
            f.space.unlockEntry(3);
            assertThat(Entry.isEmpty(Threads.join(first))).as("empty ones go at unlock").isTrue();
        }
    }

    @Test
    @DisplayName("E2 an interrupted waiter goes on waiting and keeps its interrupt")
    void interruptDoesNotEndTheWait() throws Exception {
        try (Fixture f = Fixture.traced(seesWaiting)) {
            f.space.grabEntry(3, Order.PTE);
            FutureTask<Boolean> other = Threads.start(() -> {
                Thread.currentThread().interrupt();
                f.space.grabEntry(3, Order.PTE);
                return Thread.currentThread().isInterrupted();
            });
            Threads.await(waiting);
            f.space.unlockEntry(3);
            assertThat(Threads.join(other)).isTrue();
        }
    }

    @Test
    @DisplayName("E3 B3 PMD over a locked PTE entry falls back without waiting")
    void hugeOverLockedSmallFallsBack() {
        try (Fixture f = Fixture.traced(seesWaiting)) {
            f.space.grabEntry(HUGE + 7, Order.PTE);
            assertThat(f.space.grabEntry(HUGE, Order.PMD)).isEqualTo(Entry.FALLBACK);
            assertThat(waiting.getCount()).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("E4 PMD on an empty range succeeds, also beside a range with PTE entries")
    void emptyRangeIsNoConflict() {
        try (Fixture f = Fixture.plain()) {
            f.space.grabEntry(HUGE - 1, Order.PTE);
            long entry = f.space.grabEntry(HUGE, Order.PMD);
            assertThat(entry).isEqualTo(Entry.empty(Order.PMD));
        }
    }

    @Test
    @DisplayName("E5 PTE over a huge zero entry unmaps it everywhere and takes its place")
    void smallReplacesHugeZero() {
        try (Fixture f = Fixture.plain()) {
            Vma one = f.mapHuge(false);
            Vma two = f.mapHuge(false);
            f.read(one, 5);
            f.read(two, 5);
            assertThat(PageTable.isHuge(one.entry(5)) && PageTable.isHuge(two.entry(5))).isTrue();
            long entry = f.space.grabEntry(5, Order.PTE);
            assertThat(Entry.isPmd(entry)).isFalse();
            assertThat(Entry.isEmpty(entry)).isTrue();
            assertThat(one.entry(5)).isZero();
            assertThat(two.entry(5)).isZero();
        }
    }

    @Test
    @DisplayName("E5 PTE waits for a huge empty entry, which goes at unlock")
    void smallWaitsForHugeEmpty() throws Exception {
        try (Fixture f = Fixture.traced(seesWaiting)) {
            f.space.grabEntry(0, Order.PMD);
            FutureTask<Long> other = Threads.start(() -> f.space.grabEntry(5, Order.PTE));
            Threads.await(waiting);
            f.space.unlockEntry(0);
            assertThat(Entry.isPmd(Threads.join(other))).isFalse();
            assertThat(f.space.nrPages()).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("E6 a PTE fault over a PMD entry with storage keeps it and dirties all of it")
    void smallFaultDirtiesTheHugeEntry() {
        try (Fixture f = Fixture.plain()) {
            f.file.writtenHuge(0);
            Vma huge = f.mapHuge(false);
            f.read(huge, 0);
            assertThat(f.space.isDirty(9)).isFalse();
            Vma small = f.map(false);
            assertThat(f.write(small, 5)).isEqualTo(FaultResult.Mapped.of(Order.PTE, false));
            assertThat(f.mappedPfn(small, 5)).isEqualTo(f.file.pfn(5));
            assertThat(Entry.isPmd(f.space.entry(5))).isTrue();
            assertThat(f.space.isDirty(9)).isTrue();
        }
    }

    @Test
    @DisplayName("E7 PTE entries are never upgraded in place")
    void smallStaysSmall() {
        try (Fixture f = Fixture.plain()) {
            f.file.writtenHuge(0);
            f.write(f.map(false), 5);
            Vma huge = f.mapHuge(false);
            assertThat(f.faults.fault(huge, 0, 9, true, f.slot))
                    .isEqualTo(FaultResult.Fallback.of(FallbackReason.SMALL_ENTRY));
            assertThat(Entry.isPmd(f.space.entry(5))).isFalse();
        }
    }

    @Test
    @DisplayName("E8 nrPages counts 1 and 512 and is 0 after eviction")
    void countsPages() {
        try (Fixture f = Fixture.plain()) {
            f.file.writtenHuge(0).written(HUGE, 2);
            Vma vma = f.mapHuge(false);
            f.write(vma, 0);
            f.write(vma, HUGE);
            f.write(vma, HUGE + 1);
            assertThat(f.space.nrPages()).isEqualTo(514);
            assertThatThrownBy(f.space::evict).isInstanceOf(IllegalStateException.class);
            f.space.vmas().remove(vma);
            f.space.evict();
            assertThat(f.space.nrPages()).isZero();
            assertThat(f.space.isDirty(0)).isFalse();
        }
    }

    @Test
    @DisplayName("E9 a waiter for a PMD entry that was replaced by PTE entries looks at the new "
            + "order")
    void waiterSeesTheNewOrder() throws Exception {
        CountDownLatch replaced = new CountDownLatch(1);
        FaultTracer tracer = new FaultTracer() {
            @Override
            public void waitingForEntry(long page) {
                waiting.countDown();
            }
        };
        try (Fixture f = Fixture.traced(tracer)) {
            long entry = f.space.grabEntry(0, Order.PMD);
            f.space.fillZero(0, entry);
            FutureTask<Long> other = Threads.start(() -> f.space.grabEntry(0, Order.PMD));
            Threads.await(waiting);
            // Both under the monitor, so that the waiter cannot get in between.
            EntryChunk chunk = f.space.chunks().find(0);
            synchronized (chunk) {
                chunk.delete(0);
                chunk.grab(6, Order.PTE);
                replaced.countDown();
            }
            Threads.await(replaced);
            assertThat(Threads.join(other)).isEqualTo(Entry.FALLBACK);
        }
    }

    @Test
    @DisplayName("B8 Z6 deleting an entry one does not own is loud")
    void deletionNeedsTheLock() {
        try (Fixture f = Fixture.plain()) {
            f.file.written(0, 1);
            f.write(f.map(false), 0);
            assertThatThrownBy(() -> f.space.chunks().find(0).delete(0))
                    .isInstanceOf(IllegalStateException.class).hasMessageContaining("Z6");
        }
    }
}
