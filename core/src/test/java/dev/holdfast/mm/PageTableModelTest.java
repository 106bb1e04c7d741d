package dev.holdfast.mm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random operations on a page table and on two plain maps; page and pfn agree, so none is loud. */
class PageTableModelTest {
    private static final int HUGES = 4;
    private static final int PAGES = HUGES * 512;

    private final PageTable table = new PageTable(PAGES);
    private final Map<Integer, Boolean> ptes = new HashMap<>();
    private final Map<Integer, Boolean> pmds = new HashMap<>();

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    @DisplayName("P11 P12 M2 M4 B6 the table does as two maps do")
    void followsTheModel(long seed) {
        Random random = new Random(seed);
        for (int step = 0; step < 4000; step++) {
            String what = "seed " + seed + " step " + step;
            int page = random.nextInt(PAGES);
            int pages = 1 + random.nextInt(Math.min(PAGES - page, 700));
            boolean writable = random.nextBoolean();
            switch (random.nextInt(10)) {
                case 0, 1, 2, 3 -> assertThat(table.insertPte(page, 512 + page, writable)).as(what)
                        .isEqualTo(pte(page, writable));
                case 4, 5 -> assertThat(
                        table.insertPmd(page / 512, 512 + page / 512 * 512, writable)).as(what)
                        .isEqualTo(pmd(page / 512, writable));
                case 6 -> assertThat(table.writeProtect(page, pages)).as(what)
                        .isEqualTo(writeProtect(page, pages));
                case 7 -> assertThat(table.unmap(page, pages)).as(what)
                        .isEqualTo(unmap(page, pages));
                case 8 -> assertThat(table.splitHuge(page / 512)).as(what)
                        .isEqualTo(pmds.remove(page / 512) != null);
                default -> checkAll(what);
            }
        }
        checkAll("seed " + seed + " at the end");
    }

    private Insert pte(int page, boolean writable) {
        return pmds.containsKey(page / 512) ? Insert.HUGE_PRESENT : put(ptes, page, writable);
    }

    private Insert pmd(int huge, boolean writable) {
        return ptes.keySet().stream().anyMatch(page -> page / 512 == huge)
                ? Insert.CONFLICT : put(pmds, huge, writable);
    }

    private static Insert put(Map<Integer, Boolean> entries, int key, boolean writable) {
        Boolean old = entries.get(key);
        if (old != null && (old || !writable)) {
            return Insert.ALREADY;
        }
        entries.put(key, writable);
        return old == null ? Insert.INSERTED : Insert.UPGRADED;
    }

    private long writeProtect(int page, int pages) {
        long changed = 0;
        for (int huge = 0; huge < HUGES; huge++) {
            boolean hit = page < (huge + 1) * 512 && page + pages > huge * 512;
            if (hit && pmds.replace(huge, true, false)) {
                changed++;
            }
        }
        for (int at = page; at < page + pages; at++) {
            changed += ptes.replace(at, true, false) ? 1 : 0;
        }
        return changed;
    }

    private long unmap(int page, int pages) {
        int before = ptes.size() + pmds.size();
        ptes.keySet().removeIf(at -> at >= page && at < page + pages);
        pmds.keySet().removeIf(huge -> page < (huge + 1) * 512 && page + pages > huge * 512);
        return before - ptes.size() - pmds.size();
    }

    private void checkAll(String what) {
        for (int page = 0; page < PAGES; page++) {
            Boolean huge = pmds.get(page / 512);
            Boolean writable = huge != null ? huge : ptes.get(page);
            long entry = table.entry(page);
            if (writable == null) {
                assertThat(entry).as("%s page %d", what, page).isZero();
            } else {
                assertThat(PageTable.isWritable(entry)).as("%s page %d", what, page)
                        .isEqualTo(writable);
                assertThat(PageTable.isHuge(entry)).as("%s page %d", what, page)
                        .isEqualTo(huge != null);
                assertThat(PageTable.pfnOf(entry, page)).as("%s page %d", what, page)
                        .isEqualTo(512 + page);
            }
        }
    }
}
