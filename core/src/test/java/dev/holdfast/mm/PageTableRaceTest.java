package dev.holdfast.mm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class PageTableRaceTest {
    private static final int ROUNDS = 300;

    private final PageTable table = new PageTable(1024);

    @Test
    @DisplayName("P11 of two threads that insert one page exactly one inserts")
    void oneInserts() throws Exception {
        Callable<Integer> inserter = () -> {
            int inserted = 0;
            for (int page = 0; page < 1024; page++) {
                inserted += table.insertPte(page, page, true) == Insert.INSERTED ? 1 : 0;
            }
            return inserted;
        };

        int[] counts = race(inserter, inserter);

        assertThat(counts[0] + counts[1]).isEqualTo(1024);
        assertThat(table.writeProtect(0, 1024)).isEqualTo(1024);
    }

    @Test
    @DisplayName("W1 every upgrade and every write-protect is counted once, whoever wins")
    void upgradesAgainstWriteProtects() throws Exception {
        for (int page = 0; page < 512; page++) {
            table.insertPte(page, page, false);
        }
        table.insertPmd(1, 512, false);

        int[] counts = race(
                () -> {
                    int upgraded = 0;
                    for (int round = 0; round < ROUNDS; round++) {
                        for (int page = 0; page < 64; page++) {
                            if (table.insertPte(page, page, true) == Insert.UPGRADED) {
                                upgraded++;
                            }
                        }
                        upgraded += table.insertPmd(1, 512, true) == Insert.UPGRADED ? 1 : 0;
                    }
                    return upgraded;
                },
                () -> {
                    long taken = 0;
                    for (int round = 0; round < ROUNDS; round++) {
                        taken += table.writeProtect(0, 1024);
                    }
                    return (int) taken;
                });

        long left = table.writeProtect(0, 1024);
        assertThat(counts[1] + left).isEqualTo(counts[0]);
        assertThat(PageTable.isWritable(table.entry(0))).isFalse();
        assertThat(PageTable.pfnOf(table.entry(63), 63)).isEqualTo(63);
        assertThat(PageTable.pfnOf(table.entry(600), 600)).isEqualTo(600);
    }

    @Test
    @DisplayName("M4 B20 PTE and PMD inserts over one huge page never both succeed, none is lost")
    void ptesAgainstPmds() throws Exception {
        int[] counts = race(
                () -> {
                    int balance = 0;
                    for (int round = 0; round < ROUNDS; round++) {
                        for (int page = 0; page < 512; page += 73) {
                            if (table.insertPte(page, page, true).isMapped()) {
                                assertThat(PageTable.isHuge(table.entry(page))).isFalse();
                                assertThat(table.unmap(page, 1)).isEqualTo(1);
                                balance++;
                            }
                        }
                    }
                    return balance;
                },
                () -> {
                    int balance = 0;
                    for (int round = 0; round < ROUNDS * 8; round++) {
                        if (table.insertPmd(0, 0, true) == Insert.INSERTED) {
                            assertThat(PageTable.isHuge(table.entry(3))).isTrue();
                            assertThat(table.splitHuge(0)).isTrue();
                            balance++;
                        }
                    }
                    return balance;
                });

        assertThat(counts[0] + counts[1]).isPositive();
        assertThat(table.unmap(0, 1024)).isZero();
        assertThat(table.insertPmd(0, 0, true)).isEqualTo(Insert.INSERTED);
    }

    private static int[] race(Callable<Integer> one, Callable<Integer> other) throws Exception {
        CyclicBarrier start = new CyclicBarrier(2);
        try (var threads = Executors.newFixedThreadPool(2)) {
            Future<Integer> first = threads.submit(() -> {
                start.await();
                return one.call();
            });
            Future<Integer> second = threads.submit(() -> {
                start.await();
                return other.call();
            });
            return new int[] {first.get(), second.get()};
        }
    }
}
