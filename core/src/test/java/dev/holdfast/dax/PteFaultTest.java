package dev.holdfast.dax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.iomap.Iomap;
import dev.holdfast.mm.PageTable;
import dev.holdfast.mm.Vma;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PteFaultTest {
    private static final FaultResult MAPPED = FaultResult.Mapped.of(Order.PTE, false);
    private static final FaultResult MAJOR = FaultResult.Mapped.of(Order.PTE, true);

    private Fixture f = Fixture.plain();

    @AfterEach
    void everyIomapIsEnded() {
        assertThat(f.file.allEnded()).isTrue();
        f.close();
    }

    private void use(Fixture other) {
        f.close();
        f = other;
    }

    @Test
    @DisplayName("P1 a sync write over dirty metadata hands the pfn back, entry clean, page table "
            + "untouched")
    void syncWriteIsDeferred() {
        Vma vma = f.map(true);
        assertThat(f.write(vma, 3)).isEqualTo(FaultResult.NeedDataSync.of(true));
        assertThat(f.slot.pfn()).isEqualTo(f.file.pfn(3));
        assertThat(vma.entry(3)).isZero();
        assertThat(Entry.pfn(f.space.entry(3))).isEqualTo(f.file.pfn(3));
        assertThat(Entry.isLocked(f.space.entry(3))).isFalse();
        assertThat(f.space.isDirty(3)).isFalse();
        assertThat(f.count(FaultKind.PTE_NEED_DATA_SYNC)).isEqualTo(1);
        assertThat(f.file.fdatasyncs()).isZero();
    }

    @Test
    @DisplayName("P2 a sync write over clean metadata is a plain write fault")
    void syncWriteOverCleanInode() {
        f.file.written(3, 1);
        Vma vma = f.map(true);
        assertThat(f.write(vma, 3)).isEqualTo(MAPPED);
        assertThat(f.isWritable(vma, 3)).isTrue();
        assertThat(f.space.isDirty(3)).isTrue();
        assertThat(f.file.fdatasyncs()).isZero();
    }

    @Test
    @DisplayName("P3 P6 a read of a sync mapping never needs a data sync, though the iomap says "
            + "dirty")
    void syncReadIsPlain() {
        f.file.written(3, 1).dirty(true);
        Vma vma = f.map(true);
        assertThat(f.read(vma, 3)).isEqualTo(MAPPED);
        assertThat(f.isWritable(vma, 3)).isFalse();
        assertThat(f.space.isDirty(3)).isFalse();
    }

    @Test
    @DisplayName("2.1a the stronger policy defers reads too, and maps them read-only in the end")
    void readsTooPolicy() {
        use(new Fixture(context -> context.with(SyncPolicy.READS_TOO)));
        f.file.written(3, 1).dirty(true);
        Vma vma = f.map(true);
        assertThat(f.read(vma, 3)).isEqualTo(FaultResult.NeedDataSync.of(false));
        assertThat(f.finish(vma, 3)).isEqualTo(MAPPED);
        assertThat(f.mappedPfn(vma, 3)).isEqualTo(f.file.pfn(3));
        assertThat(f.isWritable(vma, 3)).isFalse();
        assertThat(f.space.isDirty(3)).isFalse();
        assertThat(f.file.fdatasyncs()).isEqualTo(1);
    }

    @Test
    @DisplayName("P4 a write to a plain mapping never needs a data sync")
    void plainWrite() {
        Vma vma = f.map(false);
        assertThat(f.write(vma, 3)).isEqualTo(MAJOR);
        assertThat(f.isWritable(vma, 3)).isTrue();
        assertThat(f.space.isDirty(3)).isTrue();
        assertThat(f.count(FaultKind.PTE_MAPPED)).isEqualTo(1);
        assertThat(f.count(FaultKind.MAJOR)).isEqualTo(1);
    }

    @Test
    @DisplayName("P5 without a slot for the pfn a sync fault fails loudly and maps nothing")
    void noSlot() {
        Vma vma = f.map(true);
        assertThat(f.faults.fault(vma, 3, true, null))
                .isInstanceOfSatisfying(FaultResult.BusError.class,
                        bus -> assertThat(bus.reason()).isEqualTo(BusReason.NO_PFN_SLOT));
        assertThat(vma.entry(3)).isZero();
        assertThat(f.space.isDirty(3)).isFalse();
        assertThat(f.count(FaultKind.BUS_ERROR)).isEqualTo(1);
    }

    @Test
    @DisplayName("P7 the page that holds EOF can be mapped, the first one past it cannot")
    void endOfFile() {
        f.file.size(5 * Fixture.PAGE + 1);
        Vma vma = f.map(false);
        assertThat(f.write(vma, 5)).isEqualTo(MAJOR);
        assertThat(f.write(vma, 6)).isEqualTo(
                new FaultResult.BusError(BusReason.PAST_END_OF_FILE, null));
        assertThat(f.file.allocatedPages()).isEqualTo(1);
    }

    @Test
    @DisplayName("P8 what was stored past the new end reads as zero through a mapping after an "
            + "extension")
    void tailReadsAsZero() throws Exception {
        Vma vma = f.map(false);
        f.write(vma, 0);
        f.store(vma, 0, 42);
        f.file.size(0);
        f.zero.zeroRange(0, Fixture.PAGE);
        f.file.size(Fixture.PAGE);
        assertThat(f.access(vma, 0, false)).isEqualTo(MAPPED);
        assertThat(f.load(vma, 0)).isZero();
    }

    @Test
    @DisplayName("P9 two threads write-fault the same hole: one allocation, both stores stay")
    void twoWritersOneAllocation() throws Exception {
        CountDownLatch waiting = new CountDownLatch(1);
        CountDownLatch[] firstInside = {new CountDownLatch(1)};
        use(Fixture.traced(new FaultTracer() {
            @Override
            public void waitingForEntry(long page) {
                waiting.countDown();
            }

            @Override
            public void iomap(long page, Iomap iomap) {
                firstInside[0].countDown();
                Threads.await(waiting);
            }
        }));
        Vma vma = f.map(false);
        FutureTask<FaultResult> one =
                Threads.start(() -> f.faults.fault(vma, 3, true, new PfnSlot()));
        Threads.await(firstInside[0]);
        FutureTask<FaultResult> two =
                Threads.start(() -> f.faults.fault(vma, 3, true, new PfnSlot()));
        assertThat(Threads.join(one)).isEqualTo(MAJOR);
        assertThat(Threads.join(two)).isEqualTo(MAPPED);
        assertThat(f.file.allocations()).isEqualTo(1);
    }

    @Test
    @DisplayName("P10 a write fault that waits for a read fault of the same hole ends with "
            + "storage everywhere")
    void readerThenWriter() throws Exception {
        CountDownLatch waiting = new CountDownLatch(1);
        CountDownLatch holeSeen = new CountDownLatch(1);
        use(Fixture.traced(new FaultTracer() {
            @Override
            public void waitingForEntry(long page) {
                waiting.countDown();
            }

            @Override
            public void iomap(long page, Iomap iomap) {
                if (iomap.type == Iomap.Type.HOLE) {
                    holeSeen.countDown();
                    Threads.await(waiting);
                }
            }
        }));
        Vma readers = f.map(false);
        Vma writers = f.map(false);
        FutureTask<FaultResult> read =
                Threads.start(() -> f.faults.fault(readers, 3, false, new PfnSlot()));
        Threads.await(holeSeen);
        FutureTask<FaultResult> write =
                Threads.start(() -> f.faults.fault(writers, 3, true, new PfnSlot()));
        assertThat(Threads.join(read)).isEqualTo(MAPPED);
        assertThat(Threads.join(write)).isEqualTo(MAJOR);
        assertThat(readers.entry(3)).as("the stale zero page is gone").isZero();
        f.store(writers, 3, 42);
        f.access(readers, 3, false);
        assertThat(f.load(readers, 3)).isEqualTo(42);
    }

    @Test
    @DisplayName("P11 who finds its entry valid already is served; another pfn there is loud")
    void lostRace() {
        Vma vma = f.map(false);
        f.write(vma, 3);
        assertThat(f.write(vma, 3)).isEqualTo(MAPPED);
        f.file.move(3);
        assertThatThrownBy(() -> f.write(vma, 3)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("page 3");
        assertThat(Entry.isLocked(f.space.entry(3))).as("left unlocked").isFalse();
    }

    @Test
    @DisplayName("P12 B1 a write enables a read-only entry in place")
    void writeEnable() {
        f.file.written(3, 1);
        Vma vma = f.map(false);
        f.read(vma, 3);
        assertThat(f.isWritable(vma, 3)).isFalse();
        f.write(vma, 3);
        assertThat(f.isWritable(vma, 3)).isTrue();
        assertThat(f.mappedPfn(vma, 3)).isEqualTo(f.file.pfn(3));
    }

    @Test
    @DisplayName("2.2 a read of a hole or of unwritten blocks maps the zero page and allocates "
            + "nothing")
    void readOfHole() {
        f.file.unwritten(4, 1);
        Vma vma = f.map(false);
        f.read(vma, 3);
        f.read(vma, 4);
        assertThat(PageTable.isZero(vma.entry(3)) && PageTable.isZero(vma.entry(4))).isTrue();
        assertThat(f.file.allocatedPages()).isEqualTo(1);
        assertThat(f.count(FaultKind.PTE_ZERO)).isEqualTo(2);
    }

    @Test
    @DisplayName("2.2 a write that is answered with a hole, or with less than a page, fails loudly")
    void badAnswers() {
        Vma vma = f.map(false);
        f.file.distort(iomap -> iomap.type = Iomap.Type.HOLE);
        assertThat(f.write(vma, 3)).isInstanceOfSatisfying(FaultResult.BusError.class,
                bus -> assertThat(bus.reason()).isEqualTo(BusReason.BAD_IOMAP));
        f.file.distort(iomap -> iomap.length = 512);
        assertThat(f.write(vma, 4)).isInstanceOfSatisfying(FaultResult.BusError.class,
                bus -> assertThat(bus.reason()).isEqualTo(BusReason.BAD_IOMAP));
        f.file.distort(iomap -> iomap.flags |= Iomap.SHARED);
        assertThat(f.write(vma, 5)).isInstanceOfSatisfying(FaultResult.BusError.class,
                bus -> assertThat(bus.reason()).isEqualTo(BusReason.SHARED_BLOCKS));
        assertThat(vma.entry(3) | vma.entry(4) | vma.entry(5)).isZero();
    }

    @Test
    @DisplayName("H1 B9 a store to a private mapping copies and touches neither blocks nor entries")
    void privateWrite() {
        f.file.written(3, 1);
        Vma vma = f.map(0, 16, false, false, false);
        assertThat(f.write(vma, 3)).isEqualTo(new FaultResult.CopyPage(f.file.pfn(3)));
        assertThat(f.write(vma, 4)).isEqualTo(
                new FaultResult.CopyPage(FaultResult.CopyPage.NO_PFN));
        assertThat(f.file.allocatedPages()).isEqualTo(1);
        assertThat(f.space.nrPages()).isZero();
        assertThat(f.count(FaultKind.COPY)).isEqualTo(2);
    }

    @Test
    @DisplayName("B18 a store to a read-only mapping is refused before anything is allocated")
    void readOnlyMapping() {
        Vma vma = new Vma(0, Fixture.PAGE, true, false, false, false);
        assertThat(f.write(vma, 0)).isEqualTo(
                new FaultResult.BusError(BusReason.READ_ONLY_MAPPING, null));
        assertThat(f.file.allocatedPages()).isZero();
    }

    @Test
    @DisplayName("B14 H3 H4 out of space and a failed file system are told apart, with their cause")
    void failuresAreTyped() {
        Vma vma = f.map(false);
        HoldfastException full = new HoldfastException(ErrorCode.NO_SPACE, "full");
        f.file.failBegin(full);
        assertThat(f.write(vma, 3)).isEqualTo(new FaultResult.OutOfSpace(full));
        HoldfastException down = new HoldfastException(ErrorCode.SHUT_DOWN, "down");
        f.file.failBegin(down);
        assertThat(f.write(vma, 3)).isEqualTo(
                new FaultResult.BusError(BusReason.FILE_SYSTEM_FAILED, down));
        assertThat(f.space.nrPages()).isZero();
    }
}
