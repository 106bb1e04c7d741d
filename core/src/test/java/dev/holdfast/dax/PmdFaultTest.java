package dev.holdfast.dax;

import static dev.holdfast.dax.Fixture.HUGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.mm.PageTable;
import dev.holdfast.mm.Vma;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PmdFaultTest {
    private static final FaultResult MAPPED = FaultResult.Mapped.of(Order.PMD, false);
    private static final FaultResult MAJOR = FaultResult.Mapped.of(Order.PMD, true);

    private Fixture f = Fixture.plain();

    @AfterEach
    void everyIomapIsEnded() {
        assertThat(f.file.allEnded()).isTrue();
        f.close();
    }

    private FaultResult huge(Vma vma, long page, boolean write) {
        return f.faults.fault(vma, page, 9, write, f.slot);
    }

    /** M1: the reason alone makes the huge fault fall back, and the 4 KiB fault then succeeds. */
    private void fallsBack(Vma vma, long page, boolean write, FallbackReason reason) {
        assertThat(huge(vma, page, write)).isEqualTo(FaultResult.Fallback.of(reason));
        assertThat(f.count(reason)).isEqualTo(1);
        assertThat(f.context.faults().fallbacks()).isEqualTo(1);
        FaultResult small = f.faults.fault(vma, page, 0, write, f.slot);
        assertThat(small).isInstanceOfAny(FaultResult.Mapped.class, FaultResult.CopyPage.class);
    }

    @Test
    @DisplayName("B4 E4 a huge fault on an empty range happens: one PMD entry, by the counter")
    void hugeFaultHappens() {
        Vma vma = f.mapHuge(false);
        assertThat(f.write(vma, 5)).isEqualTo(MAJOR);
        assertThat(f.count(FaultKind.PMD_MAPPED)).isEqualTo(1);
        assertThat(f.count(FaultKind.PTE_MAPPED)).isZero();
        assertThat(f.context.faults().fallbacks()).isZero();
        assertThat(f.isWritable(vma, 0) && f.isWritable(vma, 511)).isTrue();
        assertThat(f.mappedPfn(vma, 511)).isEqualTo(f.file.pfn(511));
        assertThat(f.space.isDirty(300)).isTrue();
    }

    @Test
    @DisplayName("M1 the colour of the address differs from that of the file")
    void colour() {
        Vma vma = f.mapHuge(false);
        vma.setHugeColour(false);
        fallsBack(vma, 0, true, FallbackReason.COLOUR);
    }

    @Test
    @DisplayName("M1 a write to a private mapping")
    void privateWrite() {
        fallsBack(f.map(0, 1024, false, false, true), 0, true, FallbackReason.PRIVATE_WRITE);
    }

    @Test
    @DisplayName("M1 the huge page begins before the mapping")
    void beforeMapping() {
        fallsBack(f.map(1, 1000, true, false, true), 3, true, FallbackReason.BEFORE_MAPPING);
    }

    @Test
    @DisplayName("M1 the huge page ends after the mapping")
    void pastMapping() {
        fallsBack(f.map(0, 511, true, false, true), 3, true, FallbackReason.PAST_MAPPING);
    }

    @Test
    @DisplayName("M1 the huge page ends past the file; one page short is enough, a byte short is "
            + "not")
    void pastEndOfFile() {
        f.file.size((2L * HUGE - 1) * Fixture.PAGE);
        fallsBack(f.mapHuge(false), HUGE, true, FallbackReason.PAST_END_OF_FILE);
        f.file.size((long) HUGE * Fixture.PAGE - 1);
        assertThat(huge(f.mapHuge(false), 0, true)).isEqualTo(MAJOR);
    }

    @Test
    @DisplayName("M1 E3 a 4 KiB entry lies in the range")
    void smallEntry() {
        f.write(f.map(false), 9);
        fallsBack(f.mapHuge(false), 3, true, FallbackReason.SMALL_ENTRY);
    }

    @Test
    @DisplayName("M1 M7 over a partial hole the answer is short: 4 KiB are allocated, nothing "
            + "leaks")
    void shortIomap() {
        f.file.written(0, 7);
        fallsBack(f.mapHuge(false), 9, true, FallbackReason.SHORT_IOMAP);
        assertThat(f.file.allocatedPages()).isEqualTo(8);
        assertThat(f.space.nrPages()).as("the empty PMD entry went").isEqualTo(1);
    }

    @Test
    @DisplayName("M1 the device cannot be accessed for 2 MiB from there")
    void shortDirectAccess() {
        f.file.writtenHuge(0);
        f.file.distort(iomap -> {
            if (iomap.length > Fixture.PAGE) {
                iomap.deviceOffset += (Fixture.DEVICE_PAGES - HUGE) * Fixture.PAGE;
            }
        });
        Vma vma = f.mapHuge(false);
        assertThat(huge(vma, 0, true))
                .isEqualTo(FaultResult.Fallback.of(FallbackReason.SHORT_DIRECT_ACCESS));
        f.file.distort(iomap -> { });
        assertThat(f.faults.fault(vma, 0, 0, true, f.slot)).isInstanceOf(FaultResult.Mapped.class);
    }

    @Test
    @DisplayName("M1 the blocks are not aligned to 2 MiB on the device")
    void unaligned() {
        f.file.written(0, HUGE);
        fallsBack(f.mapHuge(false), 0, true, FallbackReason.UNALIGNED_PFN);
    }

    @Test
    @DisplayName("M1 no aligned run could be allocated: not mapped")
    void notMapped() {
        f.file.noHugeAllocation();
        fallsBack(f.mapHuge(false), 0, true, FallbackReason.NOT_MAPPED);
    }

    @Test
    @DisplayName("M1 there is no huge zero page")
    void noHugeZeroPage() {
        f.close();
        f = new Fixture(DaxContext::withoutHugeZeroPage);
        fallsBack(f.mapHuge(false), 0, false, FallbackReason.NO_HUGE_ZERO_PAGE);
    }

    @Test
    @DisplayName("M1 the mapping was made without huge pages")
    void notAllowed() {
        fallsBack(f.map(false), 0, true, FallbackReason.NOT_ALLOWED);
    }

    @Test
    @DisplayName("M1 a failed file system is reported by the 4 KiB fault")
    void failedFileSystem() {
        Vma vma = f.mapHuge(false);
        HoldfastException down = new HoldfastException(ErrorCode.SHUT_DOWN, "down");
        f.file.failBegin(down);
        assertThat(f.write(vma, 0)).isEqualTo(
                new FaultResult.BusError(BusReason.FILE_SYSTEM_FAILED, down));
        assertThat(f.count(FallbackReason.FILE_SYSTEM_FAILED)).isEqualTo(1);
    }

    @Test
    @DisplayName("M2 on fallback a huge page-table entry over the address is split")
    void fallbackSplits() {
        Vma vma = f.mapHuge(false);
        huge(vma, 0, false);
        assertThat(PageTable.isHuge(vma.entry(7))).isTrue();
        f.file.noHugeAllocation();
        assertThat(huge(vma, 7, true))
                .isEqualTo(FaultResult.Fallback.of(FallbackReason.NOT_MAPPED));
        assertThat(vma.entry(7)).isZero();
    }

    @Test
    @DisplayName("M3 a huge page wholly past the end is no fallback")
    void whollyPastEnd() {
        f.file.size((long) HUGE * Fixture.PAGE);
        assertThat(huge(f.mapHuge(false), HUGE, true)).isEqualTo(
                new FaultResult.BusError(BusReason.PAST_END_OF_FILE, null));
        assertThat(f.context.faults().fallbacks()).isZero();
    }

    @Test
    @DisplayName("M4 B20 PTEs in the page table where the entry is huge: retry, and no fallback "
            + "is counted")
    void ptesInTheWay() {
        f.file.writtenHuge(0);
        Vma other = f.mapHuge(false);
        f.write(other, 0);
        Vma vma = f.mapHuge(false);
        f.faults.fault(vma, 5, 0, true, f.slot);
        assertThat(huge(vma, 6, true)).isEqualTo(FaultResult.Retry.INSTANCE);
        assertThat(f.context.faults().fallbacks()).isZero();
        assertThat(f.write(vma, 6)).isEqualTo(FaultResult.Mapped.of(Order.PTE, false));
        f.store(vma, 6, 42);
        assertThat(f.load(other, 6)).as("both see one page").isEqualTo(42);
    }

    @Test
    @DisplayName("M5 a huge zero page is unmapped from all mappings before storage replaces it")
    void storageReplacesHugeZero() {
        Vma one = f.mapHuge(false);
        Vma two = f.mapHuge(false);
        assertThat(huge(one, 3, false)).isEqualTo(MAPPED);
        assertThat(huge(two, 3, false)).isEqualTo(MAPPED);
        assertThat(PageTable.isZero(two.entry(3))).isTrue();
        assertThat(f.count(FaultKind.PMD_ZERO)).isEqualTo(2);
        assertThat(huge(one, 3, true)).isEqualTo(MAJOR);
        assertThat(two.entry(3)).isZero();
        f.store(one, 3, 42);
        f.access(two, 3, false);
        assertThat(f.load(two, 3)).isEqualTo(42);
    }

    @Test
    @DisplayName("M6 a sync huge write is deferred, and finishing inserts one PMD entry")
    void syncHugeWrite() {
        Vma vma = f.mapHuge(true);
        assertThat(f.write(vma, HUGE + 5)).isEqualTo(FaultResult.NeedDataSync.of(true));
        assertThat(f.slot.order()).isEqualTo(Order.PMD);
        assertThat(f.slot.pfn()).isEqualTo(f.file.pfn(HUGE));
        assertThat(vma.entry(HUGE + 5)).isZero();
        assertThat(f.space.isDirty(HUGE)).isFalse();
        assertThat(f.finish(vma, HUGE + 5)).isEqualTo(MAJOR);
        assertThat(PageTable.isHuge(vma.entry(HUGE + 5))).isTrue();
        assertThat(f.isWritable(vma, HUGE + 5)).isTrue();
        assertThat(f.space.isDirty(HUGE)).isTrue();
        assertThat(f.count(FaultKind.PMD_NEED_DATA_SYNC)).isEqualTo(1);
        assertThat(f.count(FaultKind.PMD_SYNC_FINISHED)).isEqualTo(1);
        assertThat(f.count(FaultKind.PMD_MAPPED)).isZero();
    }

    @Test
    @DisplayName("M6a P5 without a slot the huge fault falls back and the 4 KiB fault fails loudly")
    void noSlot() {
        Vma vma = f.mapHuge(true);
        assertThat(f.faults.fault(vma, 0, true, null))
                .isInstanceOfSatisfying(FaultResult.BusError.class,
                        bus -> assertThat(bus.reason()).isEqualTo(BusReason.NO_PFN_SLOT));
        assertThat(f.count(FallbackReason.NO_PFN_SLOT)).isEqualTo(1);
        assertThat(vma.entry(0)).isZero();
        assertThat(f.space.isDirty(0)).isFalse();
    }

    @Test
    @DisplayName("M9 orders other than 0 and 9 fall back")
    void otherOrders() {
        Vma vma = f.mapHuge(false);
        for (int order : new int[] {1, 8, 10, 18}) {
            assertThat(f.faults.fault(vma, 0, order, true, f.slot))
                    .isEqualTo(FaultResult.Fallback.of(FallbackReason.ORDER));
        }
        assertThat(f.file.allocatedPages()).isZero();
    }

    @Test
    @DisplayName("H5 a read of storage maps a PMD entry read-only, and a write enables it in "
            + "place (B1)")
    void hugeWriteEnable() {
        f.file.writtenHuge(0);
        Vma vma = f.mapHuge(false);
        assertThat(f.read(vma, 1)).isEqualTo(MAPPED);
        assertThat(f.isWritable(vma, 1)).isFalse();
        assertThat(f.write(vma, 1)).isEqualTo(MAPPED);
        assertThat(f.isWritable(vma, 1)).isTrue();
        assertThat(f.space.entry(0)).isEqualTo(Entry.storage(Order.PMD, f.file.pfn(0)));
    }

    @Test
    @DisplayName("E5 a small write over a huge zero page gets 4 KiB and leaves the rest a hole")
    void smallWriteOverHugeZero() {
        Vma vma = f.mapHuge(false);
        f.read(vma, 3);
        f.file.noHugeAllocation();
        assertThat(f.access(vma, 3, true)).isEqualTo(FaultResult.Mapped.of(Order.PTE, true));
        assertThat(f.file.allocatedPages()).isEqualTo(1);
        assertThat(f.space.nrPages()).isEqualTo(1);
    }
}
