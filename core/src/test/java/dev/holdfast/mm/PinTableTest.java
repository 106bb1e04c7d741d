package dev.holdfast.mm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PinTableTest {
    private final PinTable pins = new PinTable("/wal");

    @Test
    @DisplayName("Z4 a page is busy until the last of its pins goes")
    void countsPins() {
        pins.pin(600, 3, false);
        pins.pin(601, 1, true);

        assertThat(pins.firstPinned(0, 1L << 40)).isEqualTo(600);
        assertThat(pins.firstPinned(603, 1000)).isEqualTo(-1);
        pins.unpin(600, 3, false);
        assertThat(pins.firstPinned(0, 5000)).isEqualTo(601);
        assertThat(pins.pinnedBytes()).isEqualTo(4096);
        pins.unpin(601, 1, true);
        assertThat(pins.firstPinned(0, 5000)).isEqualTo(-1);
        assertThat(pins.pinnedBytes()).isZero();
    }

    @Test
    @DisplayName("Z5 pins of whole huge pages are found page by page")
    void wholeChunks() throws IOException {
        pins.pin(100, 2000, true);

        assertThat(pins.firstPinned(0, 100)).isEqualTo(-1);
        assertThat(pins.firstPinned(1000, 1)).isEqualTo(1000);
        assertThat(runs(0, 10_000)).containsExactly("100+2000");
        pins.unpin(1000, 1, true);
        assertThat(runs(200, 1500)).containsExactly("200+800", "1001+499");
        assertThat(pins.firstPinned(1000, 1)).isEqualTo(-1);
    }

    @Test
    void writableRunsLeaveReadablePinsOut() throws IOException {
        pins.pin(10, 10, false);
        pins.pin(15, 2, true);
        pins.pin((1L << 30) + 511, 2, true);

        assertThat(runs(0, Long.MAX_VALUE)).containsExactly("15+2", ((1L << 30) + 511) + "+2");
        assertThat(runs(16, 17)).containsExactly("16+1");
    }

    @Test
    void aPageHeldByNoArenaYetIsDescribed() {
        pins.pin(4, 1, false);

        assertThat(pins.holderOf(4)).contains("/wal", "page 4");
    }

    @Test
    void refusesNonsense() {
        assertThatThrownBy(() -> pins.pin(-1, 1, false))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> pins.pin(1, Long.MAX_VALUE, false))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> pins.firstPinned(1, 0))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {11, 12, 13})
    void ledgersKeepOnePinAPageAndGiveAllBack(long seed) throws IOException {
        Random random = new Random(seed);
        int[] kinds = new int[2000];
        PinLedger ledger = new PinLedger(pins, "shared arena", () -> {});
        for (int step = 0; step < 300; step++) {
            int page = random.nextInt(kinds.length);
            int pages = 1 + random.nextInt(Math.min(kinds.length - page, 900));
            boolean writable = random.nextInt(3) == 0;
            pins.pin(page, pages, writable);
            ledger.adopt(page, pages, writable);
            for (int at = page; at < page + pages; at++) {
                kinds[at] = Math.max(kinds[at], writable ? 2 : 1);
            }
        }
        long held = 0;
        for (int page = 0; page < kinds.length; page++) {
            held += kinds[page] > 0 ? 1 : 0;
            assertThat(ledger.holds(page, 1, false)).as("seed %d page %d", seed, page)
                    .isEqualTo(kinds[page] > 0);
            assertThat(ledger.holds(page, 1, true)).as("seed %d page %d", seed, page)
                    .isEqualTo(kinds[page] == 2);
            assertThat(pins.firstPinned(page, 1) == page).isEqualTo(kinds[page] > 0);
        }
        assertThat(pins.pinnedBytes()).as("seed %d", seed).isEqualTo(held * 4096);

        ledger.release();
        ledger.release();

        assertThat(pins.pinnedBytes()).isZero();
        assertThat(pins.firstPinned(0, 4096)).isEqualTo(-1);
        assertThat(runs(0, 4096)).isEmpty();
    }

    @Test
    void aReleasedLedgerGivesPinsBackAtOnce() {
        PinLedger ledger = new PinLedger(pins, "shared arena", () -> {});
        ledger.release();
        pins.pin(1, 1, true);

        assertThatThrownBy(() -> ledger.adopt(1, 1, true))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
        assertThat(pins.pinnedBytes()).isZero();
    }

    private List<String> runs(long from, long to) throws IOException {
        List<String> runs = new ArrayList<>();
        pins.forEachWritablePinned(from, to, (page, pages) -> runs.add(page + "+" + pages));
        return runs;
    }
}
