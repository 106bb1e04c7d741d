package dev.holdfast.explore.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.explore.Bounds;
import dev.holdfast.explore.model.Lab;
import dev.holdfast.explore.model.Op;
import dev.holdfast.explore.model.Recorded;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SequencesTest {
    private static final List<ScriptCase> ONE = Sequences.all(Lab.small(), 1);

    @Test
    @DisplayName("Every kind of operation is there, and every way to make it durable")
    void everyKindIsThere() {
        Set<Class<?>> kinds = new HashSet<>();
        ONE.forEach(one -> one.ops().forEach(op -> kinds.add(op.getClass())));

        assertThat(kinds).contains(Op.Creat.class, Op.Mkdir.class, Op.Falloc.class,
                Op.Pwrite.class, Op.Append.class, Op.Mwrite.class, Op.Link.class,
                Op.Symlink.class, Op.Rename.class, Op.Unlink.class, Op.Rmdir.class,
                Op.Truncate.class, Op.Fpunch.class, Op.Fzero.class, Op.Setfattr.class,
                Op.Rmfattr.class, Op.Fsync.class, Op.Fdatasync.class, Op.Sync.class,
                Op.Persist.class, Op.Msync.class);
    }

    @Test
    @DisplayName("No sequence is there twice, and each but the first explores its last step only")
    void theTreeHasEachSequenceOnce() {
        List<ScriptCase> two = Sequences.all(Lab.small(), 2);
        Set<List<Op>> sequences = new HashSet<>();
        two.forEach(one -> sequences.add(one.ops()));

        assertThat(sequences.size()).isEqualTo(two.size());
        assertThat(two.stream().filter(one -> one.known() != one.ops().size() - 1
                || one.known() > 0
                        && !sequences.contains(one.ops().subList(0, one.known())))).isEmpty();
    }

    @Test
    @DisplayName("Crashes of a shared prefix are left out")
    void crashesOfASharedPrefixAreLeftOut() throws IOException {
        List<Op> ops = List.of(new Op.Creat("/n"), new Op.Fsync("/n"), new Op.Mkdir("/m"));
        Recorded all = recorded(ops, 0);
        Recorded last = recorded(ops, 2);

        assertThat(last.recording().trace().events()).isEqualTo(all.recording().trace().events());
        assertThat(last.from()).isGreaterThan(all.from());
    }

    private static Recorded recorded(List<Op> ops, int known) throws IOException {
        return new ScriptCase(Lab.small(), SmallWorld.SETUP, ops, known).record(Mutants.NONE)
                .getFirst();
    }

    @Test
    @DisplayName("A seed draws the same sequences each time, another seed others")
    void aSeedDrawsTheSame() {
        List<String> drawn = texts(Sequences.drawn(Lab.small(), 3, 10, 7));

        assertThat(texts(Sequences.drawn(Lab.small(), 3, 10, 7))).isEqualTo(drawn);
        assertThat(texts(Sequences.drawn(Lab.small(), 3, 10, 8))).isNotEqualTo(drawn);
        assertThat(Sequences.sample(ONE, 20, 3)).hasSize(20)
                .isEqualTo(Sequences.sample(ONE, 20, 3));
    }

    private static List<String> texts(List<ScriptCase> cases) {
        return cases.stream().map(ScriptCase::text).toList();
    }

    @Test
    @DisplayName("Bounds are shared by all runs of a campaign, and what they left out is said")
    void boundsAreShared() throws IOException {
        Workload ones = new Workload("ones", "", true, new Workload.Limits(16, 1, false), ONE);
        Campaign campaign = new Campaign(Bounds.defaults().maxStates(300), Mutants.NONE,
                Campaign.Listener.NONE);
        Outcome outcome = campaign.explore(ones);

        assertThat(outcome.states()).isEqualTo(300);
        assertThat(campaign.isOver()).isTrue();
        assertThat(outcome.isExhaustive()).isFalse();
        assertThat(outcome.left()).contains(" of " + ONE.size() + " runs");
    }

    @Test
    @DisplayName("A replay line that is none, or of no case, is refused")
    void badReplayLinesAreRefused() {
        assertThatThrownBy(() -> Replay.parse("one-op")).hasMessageContaining("WORKLOAD:CASE");
        assertThatThrownBy(() -> Replay.parse("one-op:x.0:s")).hasMessageContaining("replay line");
        Workload ones = new Workload("ones", "", true, new Workload.Limits(16, 1, false), ONE);
        assertThatThrownBy(() -> new Replay("ones", 9999, 0, "s").run(ones, Mutants.NONE))
                .hasMessageContaining("has cases 0 to");
    }
}
