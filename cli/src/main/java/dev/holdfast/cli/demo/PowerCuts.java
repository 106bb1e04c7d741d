package dev.holdfast.cli.demo;

import dev.holdfast.DaxFile;
import dev.holdfast.MapMode;
import dev.holdfast.Mapping;
import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.LineFate;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.fs.ManualBackground;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/**
 * Cuts the power of a simulated machine, again and again, while a program stores lines through a
 * mapping and persists each before it takes it for safe.
 *
 * <ol>
 *   <li>A program makes a file and stores to its pages in random order; after each persist the line
 *       is <em>acknowledged</em>.
 *   <li>Between any two steps the power may go: of the lines not persisted some reach the medium,
 *       whole or torn, as a seed decides.
 *   <li>What is left is mounted, and each acknowledged line looked for.
 * </ol>
 */
final class PowerCuts {
    private static final long VOLUME_BYTES = 1 << 20;
    private static final int PAGE_BYTES = 4096;
    private static final int PAGES = 16;
    private static final int WORDS = 8;
    private static final long LINE_BYTES = WORDS * Long.BYTES;
    /** Steps of the program between two commits in the background. */
    private static final int COMMIT_STEPS = 7;
    private static final String FILE = "/journal";

    /** How the program maps its file, and which step of the protocol is left out. */
    enum Variant {
        /** The control: nobody promised anything about metadata. */
        PLAIN("plain mapping", MapMode.SHARED, Mutants.NONE),
        /** The promise. */
        SYNC("sync mapping", MapMode.SYNC, Mutants.NONE),
        /** The promise with its heart taken out. */
        SYNC_WITHOUT_FDATASYNC("sync mapping, fdatasync left out", MapMode.SYNC,
                Mutants.of(Mutant.FDATASYNC_SKIPPED));

        private final String label;
        private final MapMode mode;
        private final Mutants mutants;

        Variant(String label, MapMode mode, Mutants mutants) {
            this.label = label;
            this.mode = mode;
            this.mutants = mutants;
        }

        String label() {
            return label;
        }
    }

    /**
     * What came of it, added up over all crash states.
     *
     * @param states power cuts
     * @param stored lines stored before them
     * @param acknowledged lines of those that were persisted
     * @param lost lines of those that are not in the file any more
     */
    record Outcome(Variant variant, long states, long stored, long acknowledged, long lost) {}

    private final long seed;

    PowerCuts(long seed) {
        this.seed = seed;
    }

    /** Tries {@code states} power cuts. */
    Outcome run(Variant variant, int states) throws IOException {
        Tally tally = new Tally(states);
        for (long run = 0; !tally.isFull(); run++) {
            program(variant, seed + run, tally);
        }
        return new Outcome(variant, tally.states, tally.stored, tally.acknowledged, tally.lost);
    }

    private static VolumeOptions options(Mutants mutants, ManualBackground background, long seed) {
        return VolumeLab.withMutants(VolumeLab.deterministic(VolumeOptions.defaults(),
                () -> background, () -> seed, new Random(seed)), mutants);
    }

    private static void program(Variant variant, long seed, Tally tally) throws IOException {
        Random random = new Random(seed);
        ManualBackground background = new ManualBackground();
        try (TracedDevice device = TracedDevice.create(VOLUME_BYTES);
                Volume volume = Volume.create(device,
                        options(variant.mutants, background, seed))) {
            background.tick();
            boolean[] acknowledged = new boolean[PAGES];
            boolean[] stored = new boolean[PAGES];
            try (DaxFile file = volume.createFile(FILE)) {
                file.truncate(PAGES * PAGE_BYTES);
                try (Mapping mapping = file.map(variant.mode, 0, PAGES * PAGE_BYTES);
                        Arena arena = Arena.ofConfined()) {
                    for (int step = 1; step <= PAGES && !tally.isFull(); step++) {
                        int page = random.nextInt(PAGES);
                        store(mapping.writable(offset(page), LINE_BYTES, arena), page);
                        stored[page] = true;
                        cut(device, random.nextLong(), stored, acknowledged, tally);
                        mapping.persist(offset(page), LINE_BYTES);
                        acknowledged[page] = true;
                        cut(device, random.nextLong(), stored, acknowledged, tally);
                        if (step % COMMIT_STEPS == 0) {
                            background.tick();
                        }
                    }
                }
            }
        }
    }

    private static long offset(int page) {
        return (long) page * PAGE_BYTES;
    }

    private static long word(int page, int index) {
        return (page + 1L) * 1_000_003 + index;
    }

    private static void store(MemorySegment line, int page) {
        for (int i = 0; i < WORDS; i++) {
            line.setAtIndex(ValueLayout.JAVA_LONG, i, word(page, i));
        }
    }

    /** Cuts the power of a copy of the machine, and looks at what is left of it. */
    private static void cut(TracedDevice device, long fate, boolean[] stored,
            boolean[] acknowledged, Tally tally) throws IOException {
        if (tally.isFull()) {
            return;
        }
        tally.states++;
        boolean[] found = new boolean[PAGES];
        try (TracedDevice left = device.crashImage(LineFate.seeded(fate));
                Volume volume = Volume.open(left,
                        options(Mutants.NONE, new ManualBackground(), fate))) {
            find(volume, found);
        }
        for (int page = 0; page < PAGES; page++) {
            tally.stored += stored[page] ? 1 : 0;
            tally.acknowledged += acknowledged[page] ? 1 : 0;
            tally.lost += acknowledged[page] && !found[page] ? 1 : 0;
        }
    }

    private static void find(Volume volume, boolean[] found) throws IOException {
        try (DaxFile file = volume.openFile(FILE); Arena arena = Arena.ofConfined()) {
            MemorySegment line = arena.allocate(LINE_BYTES, Long.BYTES);
            for (int page = 0; page < PAGES; page++) {
                found[page] = file.read(line, offset(page)) == LINE_BYTES && isWhole(line, page);
            }
        } catch (HoldfastException e) {
            if (e.code() != ErrorCode.NOT_FOUND) {
                throw e;
            }
        }
    }

    private static boolean isWhole(MemorySegment line, int page) {
        boolean whole = true;
        for (int i = 0; i < WORDS; i++) {
            whole &= line.getAtIndex(ValueLayout.JAVA_LONG, i) == word(page, i);
        }
        return whole;
    }

    private static final class Tally {
        private final int wantedStates;
        private long states;
        private long stored;
        private long acknowledged;
        private long lost;

        Tally(int wantedStates) {
            this.wantedStates = wantedStates;
        }

        boolean isFull() {
            return states >= wantedStates;
        }
    }
}
