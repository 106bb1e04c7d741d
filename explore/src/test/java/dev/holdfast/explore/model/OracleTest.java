package dev.holdfast.explore.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.CommitPolicy;
import dev.holdfast.MapMode;
import dev.holdfast.Volume;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.explore.CrashPoint;
import dev.holdfast.explore.Operation;
import dev.holdfast.explore.Violation;
import dev.holdfast.file.AllocateMode;
import dev.holdfast.file.RenameMode;
import dev.holdfast.fs.ManualBackground;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What the oracle says of volumes that were made to be right, or wrong, in a known way. */
class OracleTest {
    private TracedDevice device;
    private Volume volume;
    /** What the volume was made to be. */
    private final Model made = new Model(CommitPolicy.LAZY);

    @BeforeEach
    void createVolume() throws IOException {
        device = TracedDevice.create(1 << 20);
        volume = Volume.create(device,
                Lab.small().options(new ManualBackground(), new Lab.Clock(), 1));
    }

    @AfterEach
    void closeDevice() {
        device.close();
    }

    /** Makes the volume what some operations make it. */
    private Observed made(Op... ops) throws IOException {
        try (Player player = new Player(volume, made)) {
            for (Op op : ops) {
                player.play(op);
            }
        }
        return Observed.of(volume);
    }

    private static Model model(Op... ops) {
        Model model = new Model(CommitPolicy.LAZY);
        for (Op op : ops) {
            model.apply(op);
        }
        return model;
    }

    @Test
    @DisplayName("A prefix of the operations matches, by its number")
    void aPrefixMatches() throws IOException {
        Observed found = made(new Op.Creat("/a"));

        assertThat(Oracle.match(model(new Op.Creat("/a"), new Op.Mkdir("/d")), found)).isEqualTo(1);
    }

    @Test
    @DisplayName("A prefix before a promise does not match, and why is said of each")
    void aPrefixBeforeAPromiseDoesNot() throws IOException {
        Observed found = made(new Op.Creat("/a"));
        Model model = model(new Op.Creat("/a"), new Op.Mkdir("/d"), new Op.Sync());

        assertThatThrownBy(() -> Oracle.match(model, found)).isInstanceOf(Violation.class)
                .hasMessageContaining("state 3 was possible")
                .hasMessageContaining("the names are [/a] instead of [/a, /d]");
    }

    @Test
    @DisplayName("An operation in progress promises nothing, and may be found done")
    void anOperationInProgressPromisesNothing() throws IOException {
        Observed found = made(new Op.Creat("/a"));
        Model model = model(new Op.Creat("/a"));
        model.begin(new Op.Sync());
        assertThat(Oracle.match(model, found)).isEqualTo(2);

        Model later = model(new Op.Sync());
        later.begin(new Op.Creat("/a"));
        assertThat(Oracle.match(later, found)).isEqualTo(2);
    }

    @Test
    @DisplayName("A lost word, a stale one and a foreign one are told apart")
    void wordsAreToldApart() throws IOException {
        Op creat = new Op.Creat("/a");
        Op write = new Op.Pwrite("/a", 0, 4096, 7);
        Op again = new Op.Pwrite("/a", 0, 64, 8);
        Op sync = new Op.Sync();
        Observed first = made(creat, write);
        Model stale = model(creat, write, again, sync);
        assertThatThrownBy(() -> Oracle.match(stale, first))
                .hasMessageContaining("the word at offset 0 is not what was stored: it is what"
                        + " operation 2 (pwrite /a 0 4096 -S 7) stored; expected is what operation"
                        + " 3 (pwrite /a 0 64 -S 8) stored, which was persisted");

        Model lost = model(new Op.Creat("/b"), new Op.Pwrite("/b", 4096, 4096, 7), sync);
        Observed zero = made(new Op.Unlink("/a"), new Op.Creat("/b"),
                new Op.Falloc("/b", 4096, 4096, AllocateMode.WRITTEN));
        assertThatThrownBy(() -> Oracle.match(lost, zero))
                .hasMessageContaining("the word at offset 4096 is lost: it is zero");

        Model foreign = model(new Op.Creat("/b"), new Op.Mkdir("/d"), new Op.Rmdir("/d"),
                new Op.Pwrite("/b", 0, 4096, 7), sync);
        Observed elsewhere = made(new Op.Truncate("/b", 0), new Op.Creat("/x"),
                new Op.Unlink("/x"), new Op.Pwrite("/b", 0, 4096, 9));
        assertThatThrownBy(() -> Oracle.match(foreign, elsewhere))
                .hasMessageContaining("/b: the word at offset 0 is not what was stored");
    }

    @Test
    @DisplayName("S10 A store through a sync mapping makes its block a promise, its bytes only when"
            + " persisted")
    void aSyncStoreIsAPromise() {
        Op creat = new Op.Creat("/a");
        Op truncate = new Op.Truncate("/a", 8192);
        Op map = new Op.Mmap("/a", 0, 8192, MapMode.SYNC);
        Op store = new Op.Mwrite("/a", 4096, 64, 5);

        assertThat(model(creat, truncate, map).required()).isZero();
        Model stored = model(creat, truncate, map, store);
        assertThat(stored.required()).isEqualTo(4);
        FileBlock block = stored.now().find("/a").blocks.get(1L);
        assertThat(block.firstImpossible(new byte[4096], 0, 4096)).isEqualTo(-1);
        stored.apply(new Op.Persist("/a", 4096, 64));
        assertThat(block.firstImpossible(new byte[4096], 0, 4096)).isZero();
    }

    @Test
    @DisplayName("Under ALWAYS every change that has returned is a promise")
    void underAlwaysEveryChangeIsAPromise() {
        Model model = new Model(CommitPolicy.ALWAYS);
        model.apply(new Op.Creat("/a"));
        assertThat(model.required()).isEqualTo(1);
        model.begin(new Op.Rename("/a", "/b", RenameMode.REPLACE));
        assertThat(model.required()).isEqualTo(1);
        model.complete();
        assertThat(model.required()).isEqualTo(2);
    }

    @Test
    @DisplayName("Blocks that are neither free nor in a file are missed")
    void lostBlocksAreMissed() throws IOException {
        long empty = volume.space().freeBytes();
        Observed found = made(new Op.Creat("/a"), new Op.Pwrite("/a", 0, 12288, 1));

        found.requireSpace(volume, empty);
        assertThatThrownBy(() -> found.requireSpace(volume, empty + 8192))
                .hasMessageContaining("8192 bytes are neither free nor in a file");
    }

    @Test
    @DisplayName("Of two threads' operations that overlapped either may have been first")
    void overlappingOperationsMayHaveBeenInEitherOrder() throws IOException {
        List<Step.Done> steps = new ArrayList<>();
        steps.add(done(0, new Op.Creat("/a"), 1));
        steps.add(done(1, new Op.Mkdir("/d"), 2));
        made(new Op.Mkdir("/d"));
        long free = volume.space().freeBytes();

        CrashPoint overlapping = new CrashPoint(9, CrashPoint.Kind.END, List.of(
                new Operation(0, "creat", 1, 8), new Operation(1, "mkdir", 2, 7)), List.of());
        new ThreadsJudge(CommitPolicy.LAZY, free, List.of(), steps).judge(volume, overlapping);

        CrashPoint inOrder = new CrashPoint(9, CrashPoint.Kind.END, List.of(
                new Operation(0, "creat", 1, 3), new Operation(1, "mkdir", 4, 7)), List.of());
        assertThatThrownBy(() -> new ThreadsJudge(CommitPolicy.LAZY, free, List.of(), steps)
                .judge(volume, inOrder)).hasMessageContaining("none of 1 orders");
    }

    private static Step.Done done(int operation, Op op, int generation) {
        return new Step.Done(operation, new Player.Played(op, generation, null, null), 0, 0);
    }
}
