package dev.holdfast.faultd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a file can hold: one word a page, of which all values are known that commands done at the
 * same time, or a store cut short by a kill, may have left.
 *
 * <p>Commands of one round, of which at most one is no store, are taken in by {@link #did} in any
 * order, and worked out together by {@link #settle}.
 */
final class StormModel {
    static final long PAGE = 4096;
    static final int PAGES = 192;

    private record Store(int page, long value, String answer) {}

    private final List<Set<Long>> words = new ArrayList<>();
    private final List<Store> stores = new ArrayList<>();
    private final long seed;
    private int size;
    private int newSize;
    private int punchedFrom;
    private int punchedTo;

    StormModel(long seed) {
        this.seed = seed;
        for (int i = 0; i < PAGES; i++) {
            words.add(new HashSet<>(Set.of(0L)));
        }
    }

    /** Returns where the word of a page is. */
    static long offset(int page) {
        return page * PAGE + page * 8L % PAGE;
    }

    /** Takes in what a client answered to a command, or that it was killed. */
    void did(String command, String answer) {
        String[] part = command.split(" ");
        if (part[0].equals("put")) {
            assertThat(answer).as("seed %s: %s", seed, command).isIn("ok", "bus error", "killed");
            stores.add(new Store(page(part[2]), Long.parseLong(part[3]), answer));
            return;
        }
        assertThat(answer).as("seed %s: %s", seed, command).isEqualTo("ok");
        if (part[0].equals("punch")) {
            punchedFrom = page(part[2]);
            punchedTo = punchedFrom + page(part[3]);
        } else if (part[0].equals("truncate")) {
            newSize = page(part[2]);
        }
    }

    private static int page(String bytes) {
        return (int) (Long.parseLong(bytes) / PAGE);
    }

    /** Works the round out. */
    void settle() {
        for (Store store : stores) {
            settle(store);
        }
        for (int page = punchedFrom; page < punchedTo; page++) {
            if (isStoredTo(page)) {
                words.get(page).add(0L);
            } else {
                set(page, 0);
            }
        }
        for (int page = newSize; page < PAGES; page++) {
            set(page, 0);
        }
        size = newSize;
        stores.clear();
        punchedFrom = 0;
        punchedTo = 0;
    }

    private void settle(Store store) {
        switch (store.answer()) {
            case "ok" -> {
                assertThat(store.page()).as("seed %s: a store past the end, %s", seed, store)
                        .isLessThan(Math.max(size, newSize));
                set(store.page(), store.value());
            }
            case "killed" -> words.get(store.page()).add(store.value());
            default -> assertThat(store.page()).as("seed %s: a bus error inside, %s", seed, store)
                    .isGreaterThanOrEqualTo(Math.min(size, newSize));
        }
    }

    private boolean isStoredTo(int page) {
        return stores.stream().anyMatch(store -> store.page() == page);
    }

    private void set(int page, long value) {
        words.get(page).clear();
        words.get(page).add(value);
    }

    /** Checks what a load of a page's word gave, and knows it from then on. */
    void reads(int page, String answer) {
        if (page >= size) {
            assertThat(answer).as("seed %s: page %s, past the end", seed, page)
                    .isEqualTo("bus error");
        } else {
            assertThat(answer).as("seed %s: page %s of %s", seed, page, size).matches("\\d+");
            assertThat(Long.parseLong(answer)).as("seed %s: page %s", seed, page)
                    .isIn(words.get(page));
            set(page, Long.parseLong(answer));
        }
    }

    /** Checks the size of the file. */
    void hasSize(long bytes) {
        assertThat(bytes).as("seed " + seed).isEqualTo(size * PAGE);
    }
}
