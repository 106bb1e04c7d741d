package dev.holdfast.dax;

import static dev.holdfast.dax.Fixture.HUGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.mm.Vma;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SyncFaultTest {
    @Test
    @DisplayName("S1 H6 no entry lock is held while metadata is made durable")
    void noLockDuringFdatasync() throws Exception {
        try (Fixture f = Fixture.plain()) {
            Vma vma = f.map(true);
            f.write(vma, 3);
            boolean[] locked = {true};
            f.file.onFdatasync(() -> locked[0] = Entry.isLocked(f.space.entry(3)));
            f.finish(vma, 3);
            assertThat(locked[0]).isFalse();
        }
    }

    @Test
    @DisplayName("S3 a failed fdatasync maps nothing and leaves the entry clean")
    void failedFdatasync() throws Exception {
        try (Fixture f = Fixture.plain()) {
            Vma vma = f.map(true);
            f.write(vma, 3);
            IOException failure = new IOException("no commit");
            f.file.failFdatasync(failure);
            assertThat(f.finish(vma, 3)).isEqualTo(
                    new FaultResult.BusError(BusReason.DATA_SYNC_FAILED, failure));
            assertThat(vma.entry(3)).isZero();
            assertThat(f.space.isDirty(3)).isFalse();
        }
    }

    @Test
    @DisplayName("S4 an entry that has gone by then means: access again")
    void entryGone() throws Exception {
        try (Fixture f = Fixture.plain()) {
            Vma vma = f.map(true);
            f.write(vma, 3);
            f.file.onFdatasync(() -> f.layout.invalidate(0, 16 * Fixture.PAGE));
            assertThat(f.finish(vma, 3)).isEqualTo(FaultResult.Retry.INSTANCE);
            assertThat(vma.entry(3)).isZero();
            f.file.onFdatasync(() -> { });
            assertThat(f.access(vma, 3, true)).isInstanceOf(FaultResult.Mapped.class);
            assertThat(f.isWritable(vma, 3)).isTrue();
        }
    }

    @Test
    @DisplayName("S4 a PMD entry where a PTE is expected means: access again, and the second "
            + "round ends")
    void hugeWhereSmallIsExpected() throws Exception {
        try (Fixture f = Fixture.plain()) {
            f.file.writtenHuge(0).dirty(true);
            f.read(f.mapHuge(false), 0);
            Vma vma = f.map(true);
            assertThat(f.write(vma, 3)).isEqualTo(FaultResult.NeedDataSync.of(false));
            assertThat(f.finish(vma, 3)).isEqualTo(FaultResult.Retry.INSTANCE);
            assertThat(f.write(vma, 3)).isEqualTo(FaultResult.Mapped.of(Order.PTE, false));
        }
    }

    @Test
    @DisplayName("S5 the dirty mark is set before the page-table entry is writable")
    void dirtyBeforeWritable() throws Exception {
        assertThat(dirtyWhenMapped(Fixture::traced)).containsExactly(true);
    }

    static List<Boolean> dirtyWhenMapped(java.util.function.Function<FaultTracer, Fixture> make) {
        List<Boolean> dirty = new ArrayList<>();
        Fixture[] holder = new Fixture[1];
        FaultTracer tracer = new FaultTracer() {
            @Override
            public void mapped(long page, Order order, long pfn, boolean writable) {
                dirty.add(holder[0].space.isDirty(page));
            }
        };
        try (Fixture f = make.apply(tracer)) {
            holder[0] = f;
            f.access(f.map(true), 3, true);
        }
        return dirty;
    }

    @Test
    @DisplayName("S6 an entry with another pfn than was handed back is loud")
    void pfnIsChecked() throws Exception {
        try (Fixture f = Fixture.plain()) {
            Vma vma = f.map(true);
            f.write(vma, 3);
            f.slot.set(f.slot.pfn() + 1, Order.PTE, 1, true, true);
            assertThatThrownBy(() -> f.finish(vma, 3)).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("fake.dat");
            assertThat(vma.entry(3)).isZero();
            assertThat(Entry.isLocked(f.space.entry(3))).isFalse();
        }
    }

    @Test
    @DisplayName("S7 the fdatasync of a huge fault begins at the huge page")
    void rangeIsAligned() throws Exception {
        try (Fixture f = Fixture.plain()) {
            Vma vma = f.mapHuge(true);
            f.access(vma, HUGE + 77, true);
            assertThat(f.file.lastSyncOffset()).isEqualTo((long) HUGE * Fixture.PAGE);
            assertThat(f.file.lastSyncLength()).isEqualTo((long) HUGE * Fixture.PAGE);
        }
    }

    @Test
    @DisplayName("S8 a finished sync fault still says that it was major")
    void majorIsKept() throws Exception {
        try (Fixture f = Fixture.plain()) {
            Vma vma = f.map(true);
            assertThat(f.access(vma, 3, true)).isEqualTo(FaultResult.Mapped.of(Order.PTE, true));
            f.file.dirty(true);
            f.file.written(4, 1);
            assertThat(f.access(vma, 4, true)).isEqualTo(FaultResult.Mapped.of(Order.PTE, false));
        }
    }

    @Test
    @DisplayName("S9 S10 at every moment that a page is writable its block is in the durable map")
    void writableImpliesDurable() throws Exception {
        for (boolean huge : new boolean[] {false, true}) {
            Fixture[] holder = new Fixture[1];
            FaultTracer tracer = new FaultTracer() {
                @Override
                public void mapped(long page, Order order, long pfn, boolean writable) {
                    assertThat(holder[0].file.durablePfn(page)).isEqualTo(pfn);
                }

                @Override
                public void needDataSync(long page, Order order, long pfn) {
                    assertThat(holder[0].file.durablePfn(page)).isZero();
                }
            };
            try (Fixture f = Fixture.traced(tracer)) {
                holder[0] = f;
                Vma vma = huge ? f.mapHuge(true) : f.map(true);
                f.access(vma, 7, true);
                assertThat(f.isWritable(vma, 7)).isTrue();
            }
        }
    }

    @Test
    @DisplayName("The protocol can be printed as it runs, 4 KiB and 2 MiB")
    void printedProtocol() throws Exception {
        List<String> lines = new ArrayList<>();
        try (Fixture f = Fixture.traced(new PrintingTracer(lines::add))) {
            f.access(f.map(true), 3, true);
            f.access(f.mapHuge(true), HUGE, true);
        }
        assertThat(lines).containsSequence(
                "write PTE fault, page 3 of a sync mapping",
                "  iomap: MAPPED, 4096 bytes, new, dirty",
                "  mapping entry: pfn 1, clean",
                "  needs data sync: pfn 1 handed back, page table untouched",
                "  NeedDataSync[major=true]",
                "  fdatasync 12288 + 4096 ...",
                "  ... durable",
                "  page table: PTE of page 3, pfn 1, writable",
                "  Mapped[order=PTE, major=true]",
                "write PMD fault, page 512 of a sync mapping");
        assertThat(lines).contains("  page table: PMD of page 512, pfn 512, writable");
    }
}
