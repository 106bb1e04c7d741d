package dev.holdfast.explore.workload;

import dev.holdfast.MapMode;
import dev.holdfast.explore.model.Lab;
import dev.holdfast.explore.model.Op;
import dev.holdfast.explore.model.Recorded;
import dev.holdfast.explore.model.ScriptRun;
import dev.holdfast.file.RenameMode;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Two threads on one volume: sync faults of one page and of neighbours, fsync, names. */
final class ThreadCases {
    private static final int SCHEDULES = 12;
    private static final List<Op> SETUP = List.of(new Op.Creat("/a"),
            new Op.Truncate("/a", 32768), new Op.Creat("/b"), new Op.Pwrite("/b", 0, 4096, 1),
            new Op.Mmap("/a", 0, 32768, MapMode.SYNC), new Op.Mkdir("/d"));

    /** Operations of each thread, and the seed of their turns. */
    record ThreadCase(Lab lab, List<List<Op>> threads, long seed) implements Case {
        @Override
        public String text() {
            return "turns " + seed + ": " + threads.stream()
                    .map(ops -> ops.stream().map(Op::toString).collect(Collectors.joining("; ")))
                    .collect(Collectors.joining(" || "));
        }

        @Override
        public List<Recorded> record(Mutants mutants) throws IOException {
            return List.of(ScriptRun.recordThreads(lab.with(mutants), SETUP, threads, seed));
        }
    }

    private ThreadCases() {}

    static List<ThreadCase> all(Lab lab, long seed) {
        List<List<List<Op>>> pairs = List.of(
                List.of(stored(8192, 5), stored(8256, 6)),
                List.of(stored(0, 5), stored(4096, 6)),
                List.of(stored(16384, 5), List.of(new Op.Mwrite("/a", 20480, 64, 6),
                        new Op.Fsync("/a"), new Op.Mwrite("/a", 20544, 64, 7))),
                List.of(stored(0, 5), List.of(new Op.Rename("/a", "/n", RenameMode.REPLACE),
                        new Op.Creat("/d/c"), new Op.Fsync("/b"))),
                List.of(stored(0, 5), List.of(new Op.Pwrite("/b", 4096, 100, 8),
                        new Op.Link("/a", "/d/l"), new Op.Fdatasync("/b"))),
                List.of(stored(0, 5), List.of(new Op.Unlink("/b"), new Op.Creat("/c"),
                        new Op.Pwrite("/c", 0, 5000, 9), new Op.Checkpoint())));
        List<ThreadCase> cases = new ArrayList<>();
        for (int schedule = 0; schedule < SCHEDULES; schedule++) {
            for (List<List<Op>> pair : pairs) {
                cases.add(new ThreadCase(lab, pair, seed * 1000 + schedule));
            }
        }
        return cases;
    }

    private static List<Op> stored(long offset, int fill) {
        return List.of(new Op.Mwrite("/a", offset, 64, fill), new Op.Persist("/a", offset, 64));
    }
}
