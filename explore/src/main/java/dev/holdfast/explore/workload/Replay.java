package dev.holdfast.explore.workload;

import dev.holdfast.explore.Exploration;
import dev.holdfast.explore.Explorer;
import dev.holdfast.explore.model.Recorded;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.List;

/**
 * One state of one run of a workload, as a line: {@code workload:case.part:state}. The state is
 * empty for a run that fails without a crash.
 */
public record Replay(String workload, int index, int part, String state) {
    /** Reads a line. */
    public static Replay parse(String line) {
        String[] fields = line.strip().split(":", 3);
        try {
            String[] place = fields[1].split("\\.", 2);
            return new Replay(fields[0], Integer.parseInt(place[0]), Integer.parseInt(place[1]),
                    fields[2]);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException(
                    "not a replay line, WORKLOAD:CASE.PART:STATE: " + line, e);
        }
    }

    static String line(Workload workload, int index, int part, String state) {
        return workload.name() + ":" + index + "." + part + ":" + state;
    }

    /**
     * Shows the state again, reduced to a smallest loss that is still wrong.
     *
     * @param of the workload that is named
     * @return what is wrong, or null
     * @throws IllegalArgumentException the workload has no such case, or it no longer runs so
     */
    public Finding run(Workload of, Mutants mutants) throws IOException {
        if (index < 0 || index >= of.cases().size()) {
            throw new IllegalArgumentException("workload " + of.name() + " has cases 0 to "
                    + (of.cases().size() - 1) + ", not " + index);
        }
        Case run = of.cases().get(index);
        List<Recorded> parts = run.record(mutants);
        if (state.isEmpty()) {
            return null;
        }
        if (part < 0 || part >= parts.size()) {
            throw new IllegalArgumentException("case " + index + " of " + of.name()
                    + " has parts 0 to " + (parts.size() - 1) + ", not " + part);
        }
        Recorded recorded = parts.get(part);
        Exploration.Found found =
                Explorer.replay(recorded.recording(), recorded.judge(), state);
        if (found == null) {
            return null;
        }
        Exploration.Found small =
                Explorer.shrink(recorded.recording(), recorded.judge(), state);
        return new Finding(of.name(), run.text(), small.point().toString(), small.message(),
                Finding.lost(small), line(of, index, part, small.replay()), 1);
    }
}
