package dev.holdfast.cli.bench;

import dev.holdfast.Volume;
import dev.holdfast.cli.ExitCode;
import dev.holdfast.cli.Output;
import dev.holdfast.cli.Subcommand;
import dev.holdfast.cli.text.Progress;
import dev.holdfast.cli.text.Report;
import dev.holdfast.device.Medium;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code holdfast bench faults}: what a first store to a page costs, plain and sync. */
@Command(
        name = "faults",
        description = {
            "Times write faults, one store a page: blocks written before, only allocated, or none;",
            "idle and beside a copy in the same volume; plain and sync; 4 KiB and 2 MiB entries."
        })
public final class BenchFaultsCommand extends Subcommand {
    private static final int SMALL_FAULTS = 512;
    /** No more than the known-zero pool holds huge pages. */
    private static final int HUGE_FAULTS = 6;
    private static final int WARM_UP_ROUNDS = 24;
    private static final long WARM_UP_MAX_NANOS = 60_000_000_000L;

    @Option(names = "--volume-dir", paramLabel = "DIR",
            description = "Where the volumes go; /dev/shm unless given.")
    private Path volumeFolder;

    @Option(names = "--peer", paramLabel = "DIR",
            description = "Time the kernel's faults on files there too: a DAX mount, or tmpfs.")
    private Path peerFolder;

    @Option(names = "--engine", paramLabel = "ENGINE", defaultValue = "software",
            description = "software: the page table in this process; userfaultfd: real page faults "
                    + "of another process, with the kernel's own on the same folder beside them. "
                    + "${DEFAULT-VALUE} unless given.")
    private EngineName engine;

    @Option(names = "--huge-dir", paramLabel = "DIR",
            description = "A hugetlbfs mount, for real 2 MiB faults with --engine userfaultfd.")
    private Path hugeFolder;

    @Option(names = FaultClientProcess.OPTION, hidden = true)
    private boolean isFaultClient;

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "9",
            description = "Rounds to measure, 9 unless given; the median is shown.")
    private int rounds;

    @Option(names = "--quick", hidden = true, description = "A token run, for tests.")
    private boolean isQuick;

    /** What serves the faults of our own volumes. */
    enum EngineName { SOFTWARE, USERFAULTFD }

    @Override
    protected ExitCode run(Output output) throws IOException {
        if (isFaultClient) {
            FaultClientProcess.serve();
            return ExitCode.OK;
        }
        if (rounds < 1) {
            throw new UnsupportedOperationException("--rounds " + rounds + ": take at least 1");
        }
        Path folder = volumeFolder == null ? Machine.volumeFolder() : volumeFolder;
        List<Engine> engines = new ArrayList<>();
        if (engine == EngineName.SOFTWARE) {
            engines.add(new SoftwareEngine(folder));
        } else {
            for (UserfaultfdEngine.Setting setting : UserfaultfdEngine.Setting.values()) {
                engines.add(new UserfaultfdEngine(folder, hugeFolder, setting));
            }
        }
        Path beside = peerFolder == null && engine == EngineName.USERFAULTFD ? folder : peerFolder;
        HardwareEngine peer = beside == null ? null : new HardwareEngine(beside);
        if (peer != null) {
            engines.add(peer);
            if (!peer.hasSync()) {
                output.note(beside + " takes no sync mappings (no DAX mount): plain ones only");
            }
        }
        FaultBench.Plan plan = isQuick
                ? new FaultBench.Plan(rounds, 0, 0, 64, 2)
                : new FaultBench.Plan(rounds, WARM_UP_ROUNDS, WARM_UP_MAX_NANOS, SMALL_FAULTS,
                        HUGE_FAULTS);
        List<FaultRow> rows;
        try (Progress progress = output.progress("measuring", plan.warmUpRounds() + rounds)) {
            rows = new FaultBench(engines, FaultBench.allCells(), plan).run(progress::done);
        } finally {
            engines.forEach(BenchFaultsCommand::close);
        }
        if (output.isJson()) {
            output.report(new Report()
                    .count("rounds", rounds)
                    .group("machine", Machine.describe())
                    .text("medium", medium(folder))
                    .rows("rows", FaultTables.reports(rows)));
        } else {
            print(output, folder, engines, rows);
        }
        return ExitCode.OK;
    }

    private static void close(Engine engine) {
        if (engine instanceof UserfaultfdEngine served) {
            served.close();
        }
    }

    private static String medium(Path folder) throws IOException {
        Path probe = Files.createTempFile(folder, "holdfast-bench", ".volume");
        Files.delete(probe);
        try (Volume volume = Volume.create(probe, 1 << 20)) {
            Medium medium = volume.medium();
            return medium.granularity() + " granularity, write-back " + medium.writeBack();
        } finally {
            Files.deleteIfExists(probe);
        }
    }

    private void print(Output output, Path folder, List<Engine> engines, List<FaultRow> rows)
            throws IOException {
        output.report(Machine.describe().text("medium", medium(folder)));
        for (Engine engine : engines) {
            for (int pageBytes : new int[] {
                FaultCell.SMALL_PAGE_BYTES, FaultCell.HUGE_PAGE_BYTES}) {
                List<FaultRow> ours = rows.stream()
                        .filter(row -> row.key().engine().equals(engine.name())
                                && row.cell().pageBytes() == pageBytes)
                        .toList();
                if (!ours.isEmpty()) {
                    print(output, engine, pageBytes, ours);
                }
            }
        }
        output.line("");
        output.line("Times hold two clock readings. Barriers, lines and kernel faults are counted,"
                + " the volume's own background work among them.");
        if (engine == EngineName.USERFAULTFD) {
            output.line("Handler: processor time of the thread that answers, its system calls"
                    + " included and its waiting not; a second divided by it is the most faults"
                    + " that one can answer.");
        }
    }

    private void print(Output output, Engine engine, int pageBytes, List<FaultRow> rows) {
        String size = pageBytes == FaultCell.SMALL_PAGE_BYTES ? "4 KiB" : "2 MiB";
        output.line("");
        output.line(engine.label() + ", " + rows.getFirst().median().faults() + " faults of " + size
                + ", median of " + rounds + " rounds, microseconds");
        output.line("");
        output.table(FaultTables.original(rows));
        output.line("");
        output.table(FaultTables.figures(rows));
        if (rows.stream().anyMatch(row -> row.cell().sync())) {
            output.line("");
            output.table(FaultTables.ratios(rows));
        }
    }
}
