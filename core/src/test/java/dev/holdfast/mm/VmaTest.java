package dev.holdfast.mm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class VmaTest {
    private static final long PAGE = 4096;

    private static Vma vma(long firstPage, long pages) {
        return new Vma(firstPage * PAGE, pages * PAGE, true, false, true, true);
    }

    @Test
    void aPartialLastPageIsMapped() {
        Vma vma = new Vma(PAGE, PAGE + 1, true, true, true, true);

        assertThat(vma.pages()).isEqualTo(2);
        assertThat(vma.contains(2)).isTrue();
        assertThat(vma.contains(3)).isFalse();
        assertThat(vma.contains(0)).isFalse();
    }

    @Test
    @DisplayName("M1 only huge pages of the file that lie wholly in the mapping are covered")
    void coversHugeRanges() {
        Vma vma = vma(100, 2 * 512);

        assertThat(vma.coversHugeRange(0)).as("starts below").isFalse();
        assertThat(vma.coversHugeRange(1)).isTrue();
        assertThat(vma.coversHugeRange(2)).as("ends above").isFalse();
        assertThat(vma(512, 512).coversHugeRange(1)).isTrue();
        assertThat(vma(513, 511).coversHugeRange(1)).isFalse();
        assertThat(vma(512, 511).coversHugeRange(1)).isFalse();
    }

    @Test
    @DisplayName("M1 PMD slots are those of the file, wherever the mapping starts")
    void slotsFollowTheFile() {
        Vma vma = vma(3 * 512 + 100, 1024);

        vma.table().insertPmd(vma.tableHuge(4), 512, true);

        assertThat(vma.entry(4 * 512 - 1)).isZero();
        assertThat(PageTable.pfnOf(vma.entry(4 * 512 + 7), vma.tablePage(4 * 512 + 7)))
                .isEqualTo(512 + 7);
        assertThat(vma.filePage(vma.tablePage(2000))).isEqualTo(2000);
        assertThatThrownBy(() -> vma.table().insertPmd(vma.tableHuge(3), 0, true))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> vma.entry(3 * 512)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    @DisplayName("M1 the colour is right unless a test breaks it")
    void colour() {
        Vma vma = vma(0, 1);
        assertThat(vma.isHugeColour()).isTrue();
        vma.setHugeColour(false);
        assertThat(vma.isHugeColour()).isFalse();
    }

    @Test
    @DisplayName("V3 a private sync mapping is invalid")
    void refusesNonsense() {
        assertThatThrownBy(() -> new Vma(0, 1, false, true, true, true))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Vma(1, 1, true, true, true, true))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Vma(0, 0, true, true, true, true))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Vma(PAGE, Long.MAX_VALUE, true, true, true, true))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @DisplayName("B6 write-protect and unmap reach every mapping of the range, by range")
    void everyMapping() {
        VmaList list = new VmaList(Mutants.NONE);
        Vma huge = vma(0, 1024);
        Vma small = vma(700, 10);
        Vma elsewhere = vma(2048, 10);
        List.of(huge, small, elsewhere).forEach(list::add);
        huge.table().insertPmd(1, 512, true);
        small.table().insertPte(small.tablePage(705), 705, true);
        elsewhere.table().insertPte(elsewhere.tablePage(2048), 1, true);

        assertThat(list.writeProtect(512, 512)).isEqualTo(2);
        assertThat(PageTable.isWritable(small.entry(705))).isFalse();
        assertThat(PageTable.isWritable(huge.entry(705))).isFalse();
        assertThat(PageTable.isWritable(elsewhere.entry(2048))).isTrue();
        assertThat(list.unmap(705, Long.MAX_VALUE - 705)).isEqualTo(3);
    }

    @Test
    @DisplayName("B6 the mutant that protects the first mapping only leaves another writable")
    void mutantLeavesAnotherWritable() {
        VmaList list = new VmaList(Mutants.of(Mutant.ONE_MAPPING_PROTECTED));
        Vma first = vma(0, 10);
        Vma second = vma(0, 10);
        List.of(first, second).forEach(list::add);
        first.table().insertPte(3, 3, true);
        second.table().insertPte(3, 3, true);

        assertThat(list.writeProtect(0, 10)).isEqualTo(1);
        assertThat(PageTable.isWritable(second.entry(3))).isTrue();
    }

    @Test
    void theListVisitsThoseThatOverlapAndForgetsThoseRemoved() {
        VmaList list = new VmaList(Mutants.NONE);
        Vma low = vma(0, 10);
        Vma high = vma(10, 10);
        list.add(low);
        list.add(high);
        List<Vma> seen = new ArrayList<>();

        list.forEachOverlapping(9, 1, seen::add);
        list.forEachOverlapping(10, 1, seen::add);
        list.forEachOverlapping(20, 100, seen::add);

        assertThat(seen).containsExactly(low, high);
        assertThatThrownBy(() -> list.add(low)).isInstanceOf(IllegalStateException.class);
        assertThat(list.remove(low)).isTrue();
        assertThat(list.remove(low)).isFalse();
        assertThat(list.isEmpty()).isFalse();
        assertThat(list.remove(high)).isTrue();
        assertThat(list.isEmpty()).isTrue();
    }
}
