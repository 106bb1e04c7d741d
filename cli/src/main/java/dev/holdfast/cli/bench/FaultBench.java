package dev.holdfast.cli.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Times faults, round by round.
 *
 * <ol>
 *   <li>Warm-up: whole rounds, which are forgotten, so that the compiler has had its time.
 *   <li>Rounds: every engine is opened anew, and every cell timed once; plain and sync take turns,
 *       and take turns in going first.
 *   <li>Of each cell the round with the median p50 is shown, and the p50s of all rounds beside it.
 * </ol>
 */
public final class FaultBench {
    private final List<Engine> engines;
    private final List<FaultCell> cells;
    private final Plan plan;

    /**
     * How much is measured.
     *
     * @param rounds rounds that count
     * @param warmUpRounds rounds before them
     * @param warmUpNanos time after which no more of those are begun
     * @param smallFaults faults of 4 KiB a cell and round
     * @param hugeFaults faults of 2 MiB a cell and round
     */
    public record Plan(int rounds, int warmUpRounds, long warmUpNanos, int smallFaults,
            int hugeFaults) {}

    FaultBench(List<Engine> engines, List<FaultCell> cells, Plan plan) {
        this.engines = List.copyOf(engines);
        this.cells = List.copyOf(cells);
        this.plan = plan;
    }

    /** Returns every cell: the cases, loads, modes, and for 4 KiB and 2 MiB entries. */
    static List<FaultCell> allCells() {
        List<FaultCell> cells = new ArrayList<>();
        for (int pageBytes : new int[] {FaultCell.SMALL_PAGE_BYTES, FaultCell.HUGE_PAGE_BYTES}) {
            for (Load load : Load.values()) {
                for (FaultCase state : FaultCase.values()) {
                    cells.add(new FaultCell(state, load, false, pageBytes));
                    cells.add(new FaultCell(state, load, true, pageBytes));
                }
            }
        }
        return cells;
    }

    /** Returns the six cells of the original measurement. */
    static List<FaultCell> originalCells() {
        return allCells().stream()
                .filter(cell -> !cell.isHuge() && cell.state() != FaultCase.UNWRITTEN
                        && (cell.load() == Load.IDLE || cell.state() == FaultCase.EMPTY))
                .toList();
    }

    /** Times the six cases of the original measurement in a few seconds; token figures if quick. */
    public static List<FaultRow> brief(Path folder, boolean quick) throws IOException {
        Plan plan = quick ? new Plan(1, 0, 0, 64, 0) : new Plan(5, 30, 6_000_000_000L, 512, 0);
        return new FaultBench(List.of(new SoftwareEngine(folder)), originalCells(), plan)
                .run(round -> {});
    }

    /** Runs all of it; {@code done} hears of each round that is over, warm-up included. */
    List<FaultRow> run(LongConsumer done) throws IOException {
        long begin = System.nanoTime();
        long over = 0;
        for (int i = 0; i < plan.warmUpRounds
                && System.nanoTime() - begin < plan.warmUpNanos; i++) {
            round(i, new LinkedHashMap<>());
            done.accept(++over);
        }
        Map<FaultRow.Key, List<FaultSample>> samples = new LinkedHashMap<>();
        for (Engine engine : engines) {
            for (FaultCell cell : cells) {
                if (engine.serves(cell)) {
                    samples.put(new FaultRow.Key(engine.name(), cell), new ArrayList<>());
                }
            }
        }
        for (int i = 0; i < plan.rounds; i++) {
            round(i, samples);
            done.accept(++over);
        }
        return samples.entrySet().stream()
                .map(entry -> FaultRow.of(entry.getKey(), entry.getValue())).toList();
    }

    private void round(int number, Map<FaultRow.Key, List<FaultSample>> samples)
            throws IOException {
        for (Engine engine : engines) {
            try (Engine.Round round = engine.open()) {
                // Cells come in pairs, plain before sync.
                for (int i = 0; i < cells.size(); i += 2) {
                    pair(engine, round, i, number % 2, samples);
                }
            }
        }
    }

    private void pair(Engine engine, Engine.Round round, int pair, int firstOfPair,
            Map<FaultRow.Key, List<FaultSample>> samples) throws IOException {
        for (int i = 0; i < 2; i++) {
            FaultCell cell = cells.get(pair + (i ^ firstOfPair));
            if (engine.serves(cell)) {
                List<FaultSample> all = samples.get(new FaultRow.Key(engine.name(), cell));
                FaultSample sample = timed(round, cell, "cell-" + (pair + i));
                if (all != null) {
                    all.add(sample);
                }
            }
        }
    }

    private FaultSample timed(Engine.Round round, FaultCell cell, String name)
            throws IOException {
        int faults = cell.isHuge() ? plan.hugeFaults : plan.smallFaults;
        BackgroundCopy load = round.load(cell.load(), name + "-load");
        try {
            return round.time(cell, faults, name);
        } finally {
            if (load != null) {
                load.close();
            }
        }
    }
}
