package dev.holdfast.explore.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.CommitPolicy;
import dev.holdfast.MapMode;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.explore.Violation;
import dev.holdfast.file.AllocateMode;
import dev.holdfast.file.RenameMode;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * For each way to break the protocol a script whose crashes show it, and show nothing without it.
 */
class MutantScriptsTest {
    private static final int FATES = 40;
    private static final int ALL_SPACE = 1 << 20;

    private record Script(Mutant mutant, Op... ops) {
        @Override
        public String toString() {
            return mutant.name();
        }
    }

    private static final Op CRASH = new Op.Crash(0, List.of());
    private static final Op SYNC = new Op.Sync();

    static Stream<Script> scripts() {
        return Stream.of(
                new Script(Mutant.FDATASYNC_SKIPPED, new Op.Creat("/a"),
                        new Op.Truncate("/a", 16384), mapped("/a"), store("/a"), persist("/a"),
                        CRASH),
                new Script(Mutant.BARRIER_DROPPED, new Op.Creat("/a"),
                        new Op.Truncate("/a", 16384), mapped("/a"), store("/a"), persist("/a"),
                        CRASH),
                new Script(Mutant.ZEROES_NOT_DURABLE, new Op.Creat("/a"),
                        new Op.Pwrite("/a", 0, ALL_SPACE, 1), SYNC, new Op.Unlink("/a"), SYNC,
                        new Op.Creat("/b"),
                        new Op.Falloc("/b", 0, 100 << 12, AllocateMode.UNWRITTEN),
                        new Op.Pwrite("/b", 100, 10, 2), CRASH),
                new Script(Mutant.FREED_BLOCK_REUSED_AT_ONCE, new Op.Creat("/b"),
                        new Op.Creat("/a"), new Op.Pwrite("/a", 0, ALL_SPACE, 1),
                        new Op.Fsync("/a"), new Op.Truncate("/a", 0),
                        new Op.Pwrite("/b", 0, 40960, 2), CRASH),
                new Script(Mutant.FREED_BLOCK_ZEROED_EARLY, new Op.Creat("/a"),
                        new Op.Pwrite("/a", 0, 81920, 1), new Op.Fsync("/a"),
                        new Op.Truncate("/a", 0), new Op.Work(), CRASH),
                new Script(Mutant.KNOWN_ZERO_CLAIM_NOT_DURABLE, new Op.Creat("/a"),
                        new Op.Pwrite("/a", 0, 81920, 1), CRASH),
                new Script(Mutant.DIRTY_FORGOTTEN_UNWRITTEN, new Op.Creat("/a"),
                        new Op.Falloc("/a", 0, 16384, AllocateMode.UNWRITTEN), new Op.Fsync("/a"),
                        mapped("/a"), store("/a"), persist("/a"), CRASH),
                new Script(Mutant.DIRTY_FORGOTTEN_NAMING, new Op.Creat("/a"),
                        new Op.Pwrite("/a", 0, 16384, 1), new Op.Fsync("/a"),
                        new Op.Rename("/a", "/b", RenameMode.REPLACE), mapped("/b"), store("/b"),
                        persist("/b"), CRASH),
                new Script(Mutant.EPOCH_NOT_RENEWED, new Op.Creat("/a"), SYNC,
                        new Op.Chmod("/a", 1), new Op.Chmod("/a", 2), new Op.Chmod("/a", 3),
                        new Op.Chmod("/a", 4), new Op.Chmod("/a", 5), new Op.Chmod("/a", 6), CRASH,
                        new Op.Chmod("/a", 7), new Op.Fsync("/a"), CRASH),
                new Script(Mutant.SLOT_BEFORE_TREE, new Op.Creat("/a"), new Op.Checkpoint(),
                        new Op.Creat("/b"), new Op.Checkpoint(), new Op.Creat("/c"),
                        new Op.Checkpoint(), CRASH),
                new Script(Mutant.ORPHAN_NOT_RECORDED, new Op.Creat("/a"),
                        new Op.Pwrite("/a", 0, 5 * FileBlock.BYTES, 1), mapped("/a"),
                        new Op.Unlink("/a"), SYNC, CRASH),
                new Script(Mutant.RENAME_IN_TWO_RECORDS, new Op.Creat("/a"), SYNC,
                        new Op.Rename("/a", "/b", RenameMode.REPLACE), CRASH),
                new Script(Mutant.RENAME_WITHOUT_DATA, new Op.Creat("/a"), new Op.Creat("/b"),
                        new Op.Creat("/c"), new Op.Pwrite("/b", 0, 4096, 1), SYNC,
                        new Op.Pwrite("/a", 0, 4096, 2),
                        new Op.Rename("/a", "/b", RenameMode.REPLACE), new Op.Chmod("/c", 1),
                        new Op.Fsync("/c"), CRASH));
    }

    private static Op mapped(String path) {
        return new Op.Mmap(path, 0, 16384, MapMode.SYNC);
    }

    private static Op store(String path) {
        return new Op.Mwrite(path, 8192, 64, 7);
    }

    private static Op persist(String path) {
        return new Op.Persist(path, 8192, 64);
    }

    @ParameterizedTest
    @MethodSource("scripts")
    @DisplayName("A crash shows the mutant")
    void aCrashShowsTheMutant(Script script) throws IOException {
        assertThat(failures(script, Mutants.of(script.mutant))).isPositive();
    }

    @ParameterizedTest
    @MethodSource("scripts")
    @DisplayName("Without the mutant no crash shows anything")
    void withoutTheMutantNothingIsShown(Script script) throws IOException {
        assertThat(failures(script, Mutants.NONE)).isZero();
    }

    private static int failures(Script script, Mutants mutants) throws IOException {
        int failures = 0;
        boolean mutant = mutants != Mutants.NONE;
        Lab lab = new Lab(1 << 20, TracedDevice.Unit.LINE, true, CommitPolicy.LAZY, mutants);
        for (int fate = 0; fate < FATES && !(mutant && failures > 0); fate++) {
            try (Session session = new Session(lab)) {
                int crashes = 0;
                for (Op op : script.ops) {
                    session.step(op instanceof Op.Crash
                            ? new Op.Crash(1000L * crashes++ + fate, List.of()) : op);
                }
                session.finish();
            } catch (Violation violation) {
                if (!mutant) {
                    throw violation;
                }
                failures++;
            }
        }
        return failures;
    }
}
