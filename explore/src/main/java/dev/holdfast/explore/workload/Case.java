package dev.holdfast.explore.workload;

import dev.holdfast.explore.model.Recorded;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.List;

/** One run of a workload: the same each time it is recorded. */
public interface Case {
    /** Returns what the run does, in words or as a script. */
    String text();

    /**
     * Runs it and records it, in parts where it crashes in between.
     *
     * @param mutants ways to break the protocol that are on
     * @throws dev.holdfast.explore.Violation what it does fails without any crash
     */
    List<Recorded> record(Mutants mutants) throws IOException;
}
