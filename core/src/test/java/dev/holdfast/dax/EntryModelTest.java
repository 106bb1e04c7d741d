package dev.holdfast.dax;

import static dev.holdfast.dax.Fixture.HUGE;
import static dev.holdfast.dax.Fixture.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.mm.PageTable;
import dev.holdfast.mm.Vma;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random operations on one file with several mappings, against a plain array of its words. */
class EntryModelTest {
    private static final int PAGES = 3 * HUGE;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    @DisplayName("E1-E9 R9 W3 Z3 whatever happens, mappings show the file and a crash keeps what "
            + "was synced")
    void behavesAsAnArray(long seed) throws Exception {
        Random random = new Random(seed);
        try (Fixture f = Fixture.plain()) {
            Vma[] vmas = {f.mapHuge(false), f.mapHuge(true), f.map(false), f.map(true),
                f.map(7, 900, true, true, true)};
            long[] model = new long[PAGES];
            for (int step = 1; step <= 1500; step++) {
                int page = random.nextInt(8) == 0 ? random.nextInt(PAGES)
                        : HUGE * random.nextInt(3) + random.nextInt(4);
                Vma vma = vmas[random.nextInt(vmas.length)];
                String what = "seed " + seed + " step " + step + " page " + page;
                switch (random.nextInt(10)) {
                    case 0, 1, 2 -> {
                        if (vma.contains(page)) {
                            f.access(vma, page, true);
                            f.store(vma, page, step);
                            model[page] = step;
                            checkSyncPromise(f, vma, page, what);
                        }
                    }
                    case 3, 4, 5 -> {
                        if (vma.contains(page)) {
                            f.access(vma, page, false);
                            assertThat(f.load(vma, page)).as(what).isEqualTo(model[page]);
                        }
                    }
                    case 6 -> {
                        f.io.write((long) page * PAGE, Fixture.longs(step));
                        model[page] = step;
                    }
                    case 7 -> f.layout.invalidate((long) page * PAGE, 2L * PAGE);
                    case 8 -> {
                        f.writeback.writeback((long) page * PAGE, 1);
                        if (f.file.pfn(page) != 0) {
                            assertThat(f.durableWord(f.file.pfn(page))).as(what)
                                    .isEqualTo(model[page]);
                        }
                    }
                    default -> {
                        if (step % 7 == 0) {
                            f.layout.breakLayouts((long) page * PAGE, PAGE);
                            f.layout.deleteEntries((long) page * PAGE, PAGE);
                            f.file.punch(page, 1);
                            model[page] = 0;
                        }
                    }
                }
                checkEntries(f, vmas, what);
            }
            for (Vma vma : vmas) {
                f.space.vmas().remove(vma);
            }
            f.space.evict();
            assertThat(f.space.nrPages()).isZero();
        }
    }

    private static void checkSyncPromise(Fixture f, Vma vma, int page, String what) {
        if (vma.sync()) {
            assertThat(f.file.durablePfn(page)).as(what).isEqualTo(f.file.pfn(page));
        }
    }

    /** E1, E2, E8, and: what is mapped is what the entry says, and what is writable is dirty. */
    private static void checkEntries(Fixture f, Vma[] vmas, String what) {
        long covered = 0;
        for (int page = 0; page < PAGES; page++) {
            long entry = f.space.entry(page);
            covered += entry == Entry.NONE ? 0 : 1;
            assertThat(Entry.isLocked(entry) || Entry.isEmpty(entry)).as(what).isFalse();
            if (Entry.hasStorage(entry) && Entry.pfnOf(entry, page) != f.file.pfn(page)) {
                throw new AssertionError(what + ": " + Entry.describe(entry));
            }
            for (Vma vma : vmas) {
                if (!vma.contains(page) || vma.entry(page) == 0) {
                    continue;
                }
                long mapped = f.mappedPfn(vma, page);
                boolean agrees = PageTable.isZero(vma.entry(page)) ? Entry.isZero(entry)
                        : Entry.hasStorage(entry) && mapped == Entry.pfnOf(entry, page);
                if (!agrees || f.isWritable(vma, page) && !f.space.isDirty(page)) {
                    throw new AssertionError(what + ": " + vma + " and " + Entry.describe(entry));
                }
            }
        }
        assertThat(f.space.nrPages()).as(what).isEqualTo(covered);
    }
}
