package dev.holdfast.mm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PageTableTest {
    private final PageTable table = new PageTable(4 * 512);

    @Test
    void anEmptyTableMapsNothing() {
        assertThat(table.entry(0)).isZero();
        assertThat(table.entry(2047)).isZero();
        assertThat(PageTable.isPresent(0)).isFalse();
    }

    @Test
    void anInsertedPteMapsItsPageOnly() {
        assertThat(table.insertPte(7, 99, true)).isEqualTo(Insert.INSERTED);

        long entry = table.entry(7);
        assertThat(PageTable.isPresent(entry)).isTrue();
        assertThat(PageTable.isWritable(entry)).isTrue();
        assertThat(PageTable.isHuge(entry)).isFalse();
        assertThat(PageTable.pfnOf(entry, 7)).isEqualTo(99);
        assertThat(table.entry(6)).isZero();
        assertThat(table.entry(8)).isZero();
    }

    @Test
    void aPmdMapsItsWholeHugePage() {
        assertThat(table.insertPmd(1, 1024, false)).isEqualTo(Insert.INSERTED);

        assertThat(table.entry(511)).isZero();
        assertThat(table.entry(1024)).isZero();
        assertThat(PageTable.isHuge(table.entry(512))).isTrue();
        assertThat(PageTable.pfnOf(table.entry(1023), 1023)).isEqualTo(1024 + 511);
    }

    @Test
    @DisplayName("P11 losing the race for the same pfn is no error")
    void theSamePfnAgain() {
        table.insertPte(7, 99, true);
        table.insertPmd(1, 512, true);

        assertThat(table.insertPte(7, 99, true)).isEqualTo(Insert.ALREADY);
        assertThat(table.insertPmd(1, 512, true)).isEqualTo(Insert.ALREADY);
    }

    @Test
    @DisplayName("P11 another pfn is loud and names both")
    void anotherPfn() {
        table.insertPte(7, 99, false);
        table.insertPmd(1, 512, false);

        assertThatThrownBy(() -> table.insertPte(7, 100, true))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("page 7", "pfn 99", "pfn 100");
        assertThatThrownBy(() -> table.insertPmd(1, 1024, true))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("pfn 512", "pfn 1024");
        assertThat(PageTable.pfn(table.entry(7))).isEqualTo(99);
    }

    @Test
    @DisplayName("P12 B1 a read-only entry with the same pfn becomes writable in place")
    void upgrades() {
        table.insertPte(7, 99, false);
        table.insertPmd(1, 512, false);

        assertThat(table.insertPte(7, 99, true)).isEqualTo(Insert.UPGRADED);
        assertThat(table.insertPmd(1, 512, true)).isEqualTo(Insert.UPGRADED);
        assertThat(PageTable.isWritable(table.entry(7))).isTrue();
        assertThat(PageTable.isWritable(table.entry(600))).isTrue();
    }

    @Test
    @DisplayName("P12 a read-only insert takes no right away")
    void aReadInsertKeepsWritable() {
        table.insertPte(7, 99, true);

        assertThat(table.insertPte(7, 99, false)).isEqualTo(Insert.ALREADY);
        assertThat(PageTable.isWritable(table.entry(7))).isTrue();
    }

    @Test
    @DisplayName("P12 a zero page is replaced only after it was unmapped")
    void storageOverAZeroPage() {
        assertThat(table.insertZeroPte(7)).isEqualTo(Insert.INSERTED);
        assertThat(table.insertZeroPmd(1)).isEqualTo(Insert.INSERTED);

        assertThatThrownBy(() -> table.insertPte(7, 0, true))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("zero page");
        assertThatThrownBy(() -> table.insertPmd(1, 0, true))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("zero page");
        assertThat(table.unmap(7, 506)).isEqualTo(2);
        assertThat(table.insertPte(7, 0, true)).isEqualTo(Insert.INSERTED);
        assertThat(table.insertPmd(1, 0, true)).isEqualTo(Insert.INSERTED);
    }

    @Test
    @DisplayName("P10 a zero page over storage is loud")
    void aZeroPageOverStorage() {
        table.insertPte(7, 99, false);

        assertThatThrownBy(() -> table.insertZeroPte(7)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @DisplayName("B18 the zero page is never writable")
    void zeroPagesAreReadOnly() {
        table.insertZeroPte(7);
        table.insertZeroPmd(1);

        assertThat(PageTable.isWritable(table.entry(7))).isFalse();
        assertThat(PageTable.isWritable(table.entry(512))).isFalse();
        assertThat(PageTable.isZero(table.entry(512))).isTrue();
        assertThat(table.insertZeroPte(7)).isEqualTo(Insert.ALREADY);
    }

    @Test
    @DisplayName("B2 a PMD entry with an unaligned pfn is refused")
    void unalignedPmd() {
        assertThatThrownBy(() -> table.insertPmd(1, 513, true))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("513");
        assertThat(table.entry(512)).isZero();
    }

    @Test
    @DisplayName("M4 B20 a PMD entry does not replace PTEs")
    void pmdOverPtes() {
        table.insertPte(1023, 99, false);

        assertThat(table.insertPmd(1, 512, true)).isEqualTo(Insert.CONFLICT);
        assertThat(table.insertZeroPmd(1)).isEqualTo(Insert.CONFLICT);
        assertThat(PageTable.pfn(table.entry(1023))).isEqualTo(99);
        assertThat(table.insertPte(512, 98, true)).as("nothing stays sealed")
                .isEqualTo(Insert.INSERTED);
    }

    @Test
    @DisplayName("B20 a PTE below a PMD entry is not inserted")
    void pteBelowPmd() {
        table.insertPmd(1, 512, true);

        assertThat(table.insertPte(600, 5, true)).isEqualTo(Insert.HUGE_PRESENT);
        assertThat(table.insertZeroPte(600)).isEqualTo(Insert.HUGE_PRESENT);
        assertThat(Insert.HUGE_PRESENT.isMapped()).isFalse();
    }

    @Test
    @DisplayName("E4 once its PTEs are unmapped, a huge page can be mapped huge")
    void pmdOverAnEmptiedTable() {
        table.insertPte(600, 5, true);
        table.unmap(600, 1);

        assertThat(table.insertPmd(1, 512, true)).isEqualTo(Insert.INSERTED);
        assertThat(PageTable.isHuge(table.entry(600))).isTrue();
        table.unmap(512, 1);
        assertThat(table.insertPte(600, 5, true)).isEqualTo(Insert.INSERTED);
    }

    @Test
    @DisplayName("B6 write-protecting one page protects the huge entry that covers it")
    void protectsPartOfAHugeEntry() {
        table.insertPmd(1, 512, true);

        assertThat(table.writeProtect(700, 1)).isEqualTo(1);
        assertThat(PageTable.isWritable(table.entry(512))).isFalse();
        assertThat(PageTable.pfn(table.entry(512))).isEqualTo(512);
        assertThat(table.writeProtect(700, 1)).as("nothing left to change").isZero();
    }

    @Test
    @DisplayName("B6 write-protecting a huge range finds every PTE in it")
    void protectsPtesOfAHugeRange() {
        table.insertPte(512, 1, true);
        table.insertPte(700, 2, true);
        table.insertPte(701, 3, false);
        table.insertPte(1024, 4, true);

        assertThat(table.writeProtect(512, 512)).isEqualTo(2);
        assertThat(PageTable.isWritable(table.entry(512))).isFalse();
        assertThat(PageTable.isWritable(table.entry(700))).isFalse();
        assertThat(PageTable.isWritable(table.entry(1024))).isTrue();
    }

    @Test
    void unmapRemovesPtesOfTheRangeAndWholePmds() {
        table.insertPte(10, 1, true);
        table.insertPte(11, 2, true);
        table.insertPmd(1, 512, true);

        assertThat(table.unmap(11, 502)).isEqualTo(2);
        assertThat(table.entry(10)).isNotZero();
        assertThat(table.entry(11)).isZero();
        assertThat(table.entry(1023)).isZero();
    }

    @Test
    @DisplayName("M2 splitting a huge entry makes room for PTEs")
    void splits() {
        table.insertPmd(1, 512, true);
        table.insertPte(3, 3, true);

        assertThat(table.splitHuge(1)).isTrue();
        assertThat(table.splitHuge(1)).isFalse();
        assertThat(table.splitHuge(0)).isFalse();
        assertThat(table.entry(3)).isNotZero();
        assertThat(table.insertPte(600, 5, true)).isEqualTo(Insert.INSERTED);
    }

    @Test
    void pagesOutsideAreRefused() {
        assertThatThrownBy(() -> table.entry(-1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> table.entry(2048)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> table.unmap(1, Long.MAX_VALUE))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> table.insertPmd(4, 0, true))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> new PageTable(3, 1024).insertPmd(0, 0, true))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> table.insertPte(0, 1L << 52, true))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aTableOf16TiBHoldsItsLastPageAndUnmapsAsAWhole() {
        long pages = (16L << 40) / 4096;
        PageTable large = new PageTable(pages);

        large.insertPte(pages - 1, (1L << 51) - 1, true);
        large.insertPmd(12345, 512, true);

        assertThat(PageTable.pfn(large.entry(pages - 1))).isEqualTo((1L << 51) - 1);
        assertThat(large.unmap(0, pages)).isEqualTo(2);
        assertThat(large.entry(pages - 1)).isZero();
    }
}
