package dev.holdfast.explore.model;

import dev.holdfast.CommitPolicy;
import dev.holdfast.MapMode;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.file.RenameMode;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Sequences that once failed, as small as they were found. */
class CrashRegressionTest {
    private static final Lab LAB = new Lab(1 << 20, TracedDevice.Unit.LINE, true,
            CommitPolicy.LAZY, Mutants.NONE);
    private static final int FATES = 32;

    /** Plays a script under several fates of each crash. */
    private static void play(Op... script) throws IOException {
        for (int fate = 0; fate < FATES; fate++) {
            try (Session session = new Session(LAB)) {
                for (Op op : script) {
                    session.step(op instanceof Op.Crash crash
                            ? new Op.Crash(crash.seed() + fate, crash.recoveryBarriers()) : op);
                }
                session.finish();
            }
        }
    }

    @Test
    @DisplayName("Z2 B23 Blocks of an interrupted write read as zero when the file grows")
    void blocksPastTheEndReadAsZeroWhenTheFileGrows() throws IOException {
        play(new Op.Creat("/b"),
                new Op.Pwrite("/b", 55889, 2850, 5),
                new Op.Crash(79620521, List.of()),
                new Op.Pwrite("/b", 57822, 10902, 12),
                new Op.Crash(1, List.of()),
                new Op.Truncate("/b", 90_000));
    }

    @Test
    @DisplayName("A page taken away by a punch beside it is still persisted")
    void persistCoversPagesThatWereTakenAway() throws IOException {
        play(new Op.Creat("/b"),
                new Op.Truncate("/b", 16384),
                new Op.Mmap("/b", 0, 16384, MapMode.SYNC),
                new Op.Mwrite("/b", 4096, 4096, 7),
                new Op.Fpunch("/b", 4096, 100),
                new Op.Persist("/b", 4096, 4096),
                new Op.Crash(3, List.of()));
    }

    @Test
    @DisplayName("A file and a directory above it cannot change places")
    void aFileAndADirectoryAboveItCannotChangePlaces() throws IOException {
        play(new Op.Mkdir("/d"),
                new Op.Mkdir("/d/g"),
                new Op.Creat("/d/g/b"),
                new Op.Rename("/d/g/b", "/d/g", RenameMode.EXCHANGE),
                new Op.Rename("/d/g/b", "/d", RenameMode.EXCHANGE),
                new Op.Crash(0, List.of()));
    }

    @Test
    @DisplayName("Z2 A lost append shows zeroes, not what an earlier one left past the end")
    void aLostAppendShowsZeroes() throws IOException {
        play(new Op.Creat("/h"),
                new Op.Pwrite("/h", 0, 100, 1),
                new Op.Fsync("/h"),
                new Op.Pwrite("/h", 100, 3000, 3),
                new Op.Crash(268300371, List.of()),
                new Op.Pwrite("/h", 90, 3010, 8),
                new Op.Checkpoint(),
                new Op.Crash(283405765, List.of()));
    }
}
