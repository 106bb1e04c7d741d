package dev.holdfast.explore.workload;

import dev.holdfast.explore.model.Lab;
import dev.holdfast.explore.model.Op;
import dev.holdfast.explore.model.Recorded;
import dev.holdfast.explore.model.ScriptRun;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Operations one after the other.
 *
 * @param setup what is durable before
 * @param known how many of the operations another case explores
 */
record ScriptCase(Lab lab, List<Op> setup, List<Op> ops, int known) implements Case {
    ScriptCase {
        setup = List.copyOf(setup);
        ops = List.copyOf(ops);
    }

    @Override
    public String text() {
        return Stream.concat(setup.stream(), ops.stream()).map(Op::toString)
                .collect(Collectors.joining("; "));
    }

    @Override
    public List<Recorded> record(Mutants mutants) throws IOException {
        return ScriptRun.record(lab.with(mutants), setup, ops, known);
    }
}
