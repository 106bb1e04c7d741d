package dev.holdfast.dax;

import static dev.holdfast.dax.Fixture.HUGE;
import static dev.holdfast.dax.Fixture.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.mm.Vma;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class WritebackTest {
    private static final long ALL = Fixture.FILE_PAGES * PAGE;

    /** Stops the first write-back when its batch is write-protected, until another thread waits. */
    private static final class StopsWriteback implements FaultTracer {
        private final CountDownLatch inside = new CountDownLatch(1);
        private final CountDownLatch otherWaits = new CountDownLatch(1);

        @Override
        public void writeProtected(long firstPage, long lastPage) {
            if (inside.getCount() == 1) {
                inside.countDown();
                Threads.await(otherWaits);
            }
        }

        @Override
        public void waitingForEntry(long page) {
            otherWaits.countDown();
        }
    }

    @Test
    @DisplayName("W1 a store during write-back faults, waits for the entry, and makes it dirty "
            + "again")
    void storeDuringWriteback() throws Exception {
        StopsWriteback stop = new StopsWriteback();
        try (Fixture f = Fixture.traced(stop)) {
            Vma vma = f.map(false);
            f.access(vma, 3, true);
            f.store(vma, 3, 41);
            FutureTask<Void> fsync = Threads.start(() -> {
                f.writeback.writeback(0, ALL);
                return null;
            });
            Threads.await(stop.inside);
            assertThat(f.isWritable(vma, 3)).isFalse();
            FutureTask<FaultResult> fault = Threads.start(() -> f.access(vma, 3, true));
            Threads.join(fsync);
            Threads.join(fault);
            f.store(vma, 3, 42);
            assertThat(f.space.isDirty(3)).isTrue();
            assertThat(f.durableWord(f.file.pfn(3))).isEqualTo(41);
            f.writeback.writeback(0, ALL);
            assertThat(f.durableWord(f.file.pfn(3))).isEqualTo(42);
            assertThat(f.space.isDirty(3)).isFalse();
        }
    }

    @Test
    @DisplayName("W1 at order 9, B6a: a PMD entry is write-protected, and stores fault again")
    void hugeEntryIsProtected() throws Exception {
        try (Fixture f = Fixture.plain()) {
            Vma vma = f.mapHuge(false);
            f.access(vma, 3, true);
            f.writeback.writeback(0, PAGE);
            assertThat(f.isWritable(vma, 3)).isFalse();
            f.access(vma, 3, true);
            assertThat(f.space.isDirty(3)).isTrue();
        }
    }

    @Test
    @DisplayName("W2 a PMD entry reached by a part of it is persisted whole")
    void hugeEntryIsPersistedWhole() throws Exception {
        assertThat(lastPageDurableAfterPartialSync()).isEqualTo(42);
    }

    @Test
    @DisplayName("W2 mutant HUGE_ENTRY_PERSISTED_AS_SMALL is caught")
    void hugeEntryPersistedAsSmall() throws Exception {
        assertThat(lastPageDurableAfterPartialSync(Mutant.HUGE_ENTRY_PERSISTED_AS_SMALL)).isZero();
    }

    private static long lastPageDurableAfterPartialSync(Mutant... mutants) throws IOException {
        try (Fixture f = Fixture.with(mutants)) {
            Vma vma = f.mapHuge(false);
            f.access(vma, 0, true);
            f.store(vma, 511, 42);
            f.writeback.writeback(PAGE, 1);
            return f.durableWord(f.file.pfn(511));
        }
    }

    @Test
    @DisplayName("W3 B6 a PTE mapping of a PMD entry in another process is protected too, and its "
            + "data kept")
    void otherMappingIsProtected() throws Exception {
        assertThat(sixSteps()).isEqualTo(42);
    }

    @Test
    @DisplayName("W3 B6 mutant ONE_MAPPING_PROTECTED is caught")
    void oneMappingProtected() throws Exception {
        assertThat(sixSteps(Mutant.ONE_MAPPING_PROTECTED)).isNotEqualTo(42);
    }

    @Test
    @DisplayName("W3 B6 mutant MAPPINGS_BY_FIRST_PAGE is caught")
    void mappingsByFirstPage() throws Exception {
        assertThat(sixSteps(Mutant.MAPPINGS_BY_FIRST_PAGE)).isNotEqualTo(42);
    }

    @Test
    @DisplayName("W1 B6a mutant HUGE_ENTRY_NOT_PROTECTED is caught: a later store is not seen")
    void hugeEntryNotProtected() throws Exception {
        assertThat(storeAfterHugeWriteback()).isEqualTo(42);
        assertThat(storeAfterHugeWriteback(Mutant.HUGE_ENTRY_NOT_PROTECTED)).isEqualTo(1);
    }

    private static long storeAfterHugeWriteback(Mutant... mutants) throws IOException {
        try (Fixture f = Fixture.with(mutants)) {
            Vma huge = f.mapHuge(false);
            f.access(huge, 0, true);
            f.store(huge, 6, 1);
            f.writeback.writeback(0, ALL);
            if (!f.isWritable(huge, 6)) {
                f.access(huge, 6, true);
            }
            f.store(huge, 6, 42);
            f.writeback.writeback(0, ALL);
            return f.durableWord(f.file.pfn(6));
        }
    }

    private static long sixSteps(Mutant... mutants) throws IOException {
        try (Fixture f = Fixture.with(mutants)) {
            Vma huge = f.mapHuge(false);
            Vma small = f.map(5, 3, true, false, false);
            f.access(huge, 0, true);
            f.access(small, 6, true);
            f.store(huge, 0, 1);
            f.writeback.writeback(0, PAGE);
            if (!f.isWritable(small, 6)) {
                f.access(small, 6, true);
            }
            f.store(small, 6, 42);
            f.writeback.writeback(0, ALL);
            return f.durableWord(f.file.pfn(6));
        }
    }

    @Test
    @DisplayName("W4 a second fsync of an index does not return before the flush of the first")
    void secondFsyncWaits() throws Exception {
        StopsWriteback stop = new StopsWriteback();
        try (Fixture f = Fixture.traced(stop)) {
            Vma vma = f.map(false);
            f.access(vma, 3, true);
            f.store(vma, 3, 42);
            assertSecondSeesDurable(f, stop, 3);
        }
    }

    @Test
    @DisplayName("W4 also for pages that write() stored to and that have no entry")
    void secondFsyncWaitsForWrittenPage() throws Exception {
        StopsWriteback stop = new StopsWriteback();
        try (Fixture f = Fixture.traced(stop)) {
            f.io.write(3L * PAGE, Fixture.longs(42));
            assertSecondSeesDurable(f, stop, 3);
        }
    }

    private static void assertSecondSeesDurable(Fixture f, StopsWriteback stop, long page)
            throws Exception {
        FutureTask<Void> first = Threads.start(() -> {
            f.writeback.writeback(0, ALL);
            return null;
        });
        Threads.await(stop.inside);
        FutureTask<Long> second = Threads.start(() -> {
            f.writeback.writeback(0, ALL);
            return f.durableWord(f.file.pfn(page));
        });
        assertThat(Threads.join(second)).isEqualTo(42);
        Threads.join(first);
    }

    @Test
    @DisplayName("W5 an entry that goes while a write-back waits for it is skipped")
    void entryGoneWhileWaiting() throws Exception {
        CountDownLatch waiting = new CountDownLatch(1);
        try (Fixture f = Fixture.traced(new FaultTracer() {
            @Override
            public void waitingForEntry(long page) {
                waiting.countDown();
            }
        })) {
            f.access(f.map(false), 3, true);
            f.space.lockEntry(3);
            FutureTask<Void> fsync = Threads.start(() -> {
                f.writeback.writeback(0, ALL);
                return null;
            });
            Threads.await(waiting);
            EntryChunk chunk = f.space.chunks().find(3);
            synchronized (chunk) {
                chunk.delete(3);
                chunk.clearMarks(3, 4);
            }
            Threads.join(fsync);
            assertThat(f.context.writebacks().bytes()).isZero();
        }
    }

    @Test
    @DisplayName("W5 a zero entry that is marked dirty is an error, loud")
    void dirtyZeroEntry() throws Exception {
        try (Fixture f = Fixture.plain()) {
            f.read(f.map(false), 3);
            f.space.markDirty(3);
            assertThatThrownBy(() -> f.writeback.writeback(0, ALL))
                    .isInstanceOf(HoldfastException.class).hasMessageContaining("W5");
        }
    }

    @Test
    @DisplayName("W6 H4 an error is told once to each description, and a retry is never a success")
    void errorsAreTold() throws Exception {
        try (Fixture f = Fixture.plain()) {
            ErrorSequence.Cursor one = f.space.errors().newCursor();
            ErrorSequence.Cursor two = f.space.errors().newCursor();
            f.access(f.map(false), 3, true);
            f.device.failPersists(0, 1);
            assertThatThrownBy(() -> f.writeback.writeback(0, ALL)).isInstanceOf(IOException.class);
            assertThat(f.file.writebackFailure()).isNotNull();
            assertThat(f.space.isDirty(3)).isTrue();
            assertThatThrownBy(one::throwIfNew).isInstanceOf(IOException.class);
            assertThatCode(one::throwIfNew).doesNotThrowAnyException();
            assertThatThrownBy(two::throwIfNew).isInstanceOf(IOException.class);
            assertThatCode(f.space.errors().newCursor()::throwIfNew).doesNotThrowAnyException();
            assertThatThrownBy(() -> f.writeback.writeback(0, ALL))
                    .isInstanceOfSatisfying(HoldfastException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.SHUT_DOWN));
        }
    }

    @Test
    @DisplayName("W6 mutant FAILED_WRITE_BACK_FORGOTTEN is caught: the retry reports success")
    void failedWritebackForgotten() throws Exception {
        try (Fixture f = Fixture.with(Mutant.FAILED_WRITE_BACK_FORGOTTEN)) {
            f.access(f.map(false), 3, true);
            f.device.failPersists(0, 1);
            assertThatThrownBy(() -> f.writeback.writeback(0, ALL)).isInstanceOf(IOException.class);
            assertThatCode(() -> f.writeback.writeback(0, ALL)).doesNotThrowAnyException();
        }
    }

    @Test
    @DisplayName("W7 S5 a page mapped by a finished sync fault is covered by fsync")
    void syncFaultIsCovered() throws Exception {
        try (Fixture f = Fixture.plain()) {
            Vma vma = f.map(true);
            f.access(vma, 3, true);
            f.store(vma, 3, 42);
            f.writeback.writeback(0, ALL);
            assertThat(f.durableWord(f.file.pfn(3))).isEqualTo(42);
        }
    }

    @Test
    @DisplayName("S5 mutant DIRTY_MARK_AFTER_ENTRY is caught: the page is writable and clean for "
            + "a moment")
    void dirtyMarkAfterEntry() {
        assertThat(SyncFaultTest.dirtyWhenMapped(tracer -> new Fixture(context -> context
                .with(Mutants.of(Mutant.DIRTY_MARK_AFTER_ENTRY)).with(tracer))))
                .containsExactly(false);
    }

    @Test
    @DisplayName("A page pinned writable stays dirty and writable, and every call persists it")
    void pinnedPages() throws Exception {
        try (Fixture f = Fixture.plain()) {
            Vma vma = f.map(false);
            f.access(vma, 3, true);
            f.access(vma, 4, true);
            f.space.pins().pin(3, 1, true);
            f.writeback.writeback(0, ALL);
            assertThat(f.isWritable(vma, 3)).isTrue();
            assertThat(f.isWritable(vma, 4)).isFalse();
            f.store(vma, 3, 42);
            f.writeback.writeback(0, ALL);
            assertThat(f.durableWord(f.file.pfn(3))).isEqualTo(42);
            assertThat(f.context.writebacks().bytes()).isEqualTo(3 * PAGE);
            assertThat(f.context.writebacks().pinnedBytes()).isEqualTo(2 * PAGE);
            f.space.pins().unpin(3, 1, true);
            f.writeback.writeback(0, ALL);
            f.writeback.writeback(0, ALL);
            assertThat(f.isWritable(vma, 3)).isFalse();
            assertThat(f.context.writebacks().bytes()).isEqualTo(4 * PAGE);
        }
    }

    @Test
    @DisplayName("Many pages cost one barrier a batch, and adjacent blocks are one range")
    void batches() throws Exception {
        try (Fixture f = Fixture.plain()) {
            Vma vma = f.map(false);
            for (int page = 0; page < 300; page++) {
                f.access(vma, page, true);
            }
            long before = f.device.counters().barriers();
            f.writeback.writeback(0, ALL);
            assertThat(f.device.counters().barriers() - before).isEqualTo(2);
            assertThat(f.context.writebacks().batches()).isEqualTo(2);
            assertThat(f.context.writebacks().bytes()).isEqualTo(300L * PAGE);
        }
    }

    @Test
    @DisplayName("Only the range asked for is written back; pages outside stay dirty")
    void ranged() throws Exception {
        try (Fixture f = Fixture.plain()) {
            Vma vma = f.map(false);
            f.access(vma, 3, true);
            f.access(vma, HUGE + 3, true);
            f.writeback.writeback(3L * PAGE, 1);
            assertThat(f.space.isDirty(3)).isFalse();
            assertThat(f.space.isDirty(HUGE + 3)).isTrue();
        }
    }
}
