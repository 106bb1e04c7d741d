package dev.holdfast.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.DaxFile;
import dev.holdfast.MapMode;
import dev.holdfast.Mapping;
import dev.holdfast.Volume;
import dev.holdfast.device.TracedDevice.Unit;
import dev.holdfast.explore.Exploration.Found;
import dev.holdfast.explore.medium.Recorder;
import dev.holdfast.explore.medium.Recording;
import dev.holdfast.file.RenameMode;
import dev.holdfast.mutant.Mutant;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Whole explorations: what holds is found to hold, what is broken is found, shrunk, replayed. */
class ExplorerTest {
    private static final Judge NO_JUDGE = (volume, point) -> { };

    /** Stores a number to each page of a file through a sync mapping, and persists it. */
    private static void syncStores(Volume volume, Recorder recorder, int pages)
            throws IOException {
        try (DaxFile file = volume.createFile("/f"); Arena arena = Arena.ofConfined()) {
            file.truncate(pages * 4096L);
            try (Mapping mapping = file.map(MapMode.SYNC, 0, pages * 4096L)) {
                for (int page = 0; page < pages; page++) {
                    int operation = recorder.begin("page " + page);
                    MemorySegment memory = mapping.writable(page * 4096L, 4096, arena);
                    memory.set(ValueLayout.JAVA_LONG, 128, page + 1);
                    memory.set(ValueLayout.JAVA_LONG, 4088, -page - 1);
                    mapping.persist(page * 4096L, 4096);
                    recorder.end(operation);
                }
            }
        }
    }

    /** Requires every page whose operation had returned; others are zero or as stored. */
    private static void requirePages(Volume volume, CrashPoint point) throws IOException {
        int persisted = point.completed().size();
        if (persisted == 0 && !volume.exists("/f")) {
            return;
        }
        try (DaxFile file = volume.openFile("/f")) {
            ByteBuffer content =
                    ByteBuffer.allocate((int) file.size()).order(java.nio.ByteOrder.nativeOrder());
            file.read(content, 0);
            for (int page = 0; page < persisted; page++) {
                if (content.getLong(page * 4096 + 128) != page + 1
                        || content.getLong(page * 4096 + 4088) != -page - 1) {
                    throw new Violation("page " + page + " was persisted and is not there");
                }
            }
            for (int page = persisted; page < file.size() / 4096; page++) {
                long value = content.getLong(page * 4096 + 128);
                if (value != 0 && value != page + 1) {
                    throw new Violation("page " + page + " shows " + value);
                }
            }
        }
    }

    private static Exploration explore(Recording recording, Judge judge, Bounds bounds)
            throws IOException {
        return Explorer.explore(recording, judge, bounds, Progress.NONE);
    }

    @Test
    @DisplayName("S10 Stores persisted through a sync mapping survive every crash, exhaustively")
    void syncMapping() throws IOException {
        Recording recording = Lab.record((volume, recorder) -> syncStores(volume, recorder, 3));
        Exploration found =
                explore(recording, ExplorerTest::requirePages, Bounds.defaults());
        assertThat(found.violations()).isEmpty();
        assertThat(found.exhaustive()).as(found.left()).isTrue();
        assertThat(found.left()).isEmpty();
        assertThat(found.crashPoints()).isGreaterThan(6);
        assertThat(found.states()).isGreaterThanOrEqualTo(found.images());
        assertThat(found.distinctStates()).isBetween(10L, found.images());
        assertThat(found.nestedStates()).isPositive();
    }

    @Test
    @DisplayName("S10 They do on torn lines, sectors and pages, whole and torn")
    void media() throws IOException {
        for (Unit unit : Unit.values()) {
            Recording recording =
                    Lab.record(unit, (volume, recorder) -> syncStores(volume, recorder, 2));
            for (boolean torn : new boolean[] {false, true}) {
                Exploration found = explore(recording, ExplorerTest::requirePages,
                        Bounds.defaults().torn(torn).exhaustiveImages(64).subset(1));
                assertThat(found.violations()).as("%s, torn: %s", unit, torn).isEmpty();
                assertThat(found.states()).isGreaterThan(20);
            }
        }
    }

    @Test
    @DisplayName("The same seed explores the same, another count of states never")
    void deterministic() throws IOException {
        Recording recording = Lab.record((volume, recorder) -> syncStores(volume, recorder, 2));
        Bounds bounds = Bounds.defaults().exhaustiveImages(8).subset(1).seed(99);
        Exploration first = explore(recording, ExplorerTest::requirePages, bounds);
        Exploration second = explore(recording, ExplorerTest::requirePages, bounds);
        assertThat(first.exhaustive()).isFalse();
        assertThat(first.left()).contains("a selection");
        assertThat(second.states()).isEqualTo(first.states());
        assertThat(second.images()).isEqualTo(first.images());
        assertThat(second.distinctStates()).isEqualTo(first.distinctStates());
        assertThat(second.seed()).isEqualTo(99);
    }

    @Test
    @DisplayName("Bounds of states and of time end an exploration, which then says so")
    void bounds() throws IOException {
        Recording recording = Lab.record((volume, recorder) -> syncStores(volume, recorder, 2));
        Exploration few = explore(recording, NO_JUDGE, Bounds.defaults().maxStates(7));
        assertThat(few.states()).isEqualTo(7);
        assertThat(few.exhaustive()).isFalse();
        assertThat(few.left()).contains("7 states").contains("crash points");
        Exploration brief = explore(recording, NO_JUDGE, Bounds.defaults().budget(Duration.ZERO));
        assertThat(brief.states()).isEqualTo(1);
        assertThat(brief.exhaustive()).isFalse();
    }

    @Test
    @DisplayName("One explorer serves many recordings; crash points before a position are left out")
    void reused() throws IOException {
        Recording one = Lab.record((volume, recorder) -> syncStores(volume, recorder, 1));
        Recording two = Lab.record((volume, recorder) -> syncStores(volume, recorder, 2));
        Bounds bounds = Bounds.defaults().nested(0, 0).worksEvery(0);
        try (Explorer explorer = new Explorer(1 << 20, Unit.LINE)) {
            Exploration first =
                    explorer.run(one, ExplorerTest::requirePages, bounds, Progress.NONE);
            Exploration both =
                    explorer.run(two, ExplorerTest::requirePages, bounds, Progress.NONE);
            assertThat(both.states())
                    .isEqualTo(explore(two, ExplorerTest::requirePages, bounds).states());
            Exploration rest = explorer.run(two, ExplorerTest::requirePages,
                    bounds.fromPosition(one.trace().events()), Progress.NONE);
            assertThat(rest.crashPoints()).isBetween(1L, both.crashPoints() - 1);
            assertThat(rest.exhaustive()).isTrue();
            assertThat(rest.states()).isLessThan(both.states());
            assertThat(first.violations()).isEmpty();
            Recording pages =
                    Lab.record(Unit.PAGE, (volume, recorder) -> volume.createFile("/x").close());
            assertThatThrownBy(() -> explorer.run(
                    pages, ExplorerTest::requirePages, bounds, Progress.NONE))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("PAGE");
        }
    }

    @Test
    @DisplayName("S10 A sync fault without its fdatasync is found, shrunk, and replayed by its "
            + "line")
    void skippedFdatasync() throws IOException {
        Recording recording = Lab.record((volume, recorder) -> syncStores(volume, recorder, 3),
                Mutant.FDATASYNC_SKIPPED);
        Judge judge = ExplorerTest::requirePages;
        Exploration found = explore(recording, judge, Bounds.defaults());
        assertThat(found.violations()).hasSize(1);
        assertThat(found.exhaustive()).isFalse();
        Found first = found.violations().getFirst();
        assertThat(first.replay()).doesNotContain(" ");
        assertThat(Explorer.replay(recording, judge, first.replay()).message())
                .isEqualTo(first.message());

        Found smallest = Explorer.shrink(recording, judge, first.replay());
        assertThat(smallest.onlyKept()).isFalse();
        assertThat(smallest.losses()).hasSize(1);
        assertThat(smallest.losses().getFirst().place()).startsWith("log record at LSN ");
        assertThat(smallest.losses().getFirst().lengthBytes()).isEqualTo(64);
        assertThat(Explorer.replay(recording, judge, smallest.replay()).message())
                .isEqualTo(smallest.message());
    }

    @Test
    @DisplayName("A store that was never persisted is shrunk to its file and offset")
    void missingPersist() throws IOException {
        Recording recording = Lab.record((volume, recorder) -> {
            try (DaxFile file = volume.createFile("/log"); Arena arena = Arena.ofConfined()) {
                file.truncate(8192);
                Mapping mapping = file.map(MapMode.SYNC, 0, 8192);
                MemorySegment memory = mapping.writable(0, 8192, arena);
                memory.fill((byte) 1);
                mapping.persist(0, 4096);
                recorder.mark("stored");
                mapping.persist(4096, 4096);
            }
        });
        long stored = recording.trace().notes().getFirst().position();
        Judge judge = (volume, point) -> {
            if (point.isAfter(stored)) {
                try (DaxFile file = volume.openFile("/log")) {
                    ByteBuffer content = ByteBuffer.allocate(8192);
                    file.read(content, 0);
                    for (int at = 0; at < 8192; at++) {
                        if (content.get(at) != 1) {
                            throw new Violation("byte " + at + " is lost");
                        }
                    }
                }
            }
        };
        Exploration found = explore(recording, judge, Bounds.defaults().exhaustiveImages(64));
        assertThat(found.violations()).as("%s", found).hasSize(1);
        Found smallest =
                Explorer.shrink(recording, judge, found.violations().getFirst().replay());
        assertThat(smallest.losses()).hasSize(1);
        assertThat(smallest.losses().getFirst().place()).startsWith("/log at ");
        long at = Long.parseLong(smallest.losses().getFirst().place().substring(8));
        assertThat(at).isBetween(4096L, 8191L);
        assertThat(smallest.message()).isEqualTo("byte " + at + " is lost");
        assertThat(smallest.replay()).contains(",newest,");
    }

    @Test
    @DisplayName("A rename of two records is found, and what alone must be kept to see it")
    void renameInTwoRecords() throws IOException {
        Recording recording = Lab.record((volume, recorder) -> {
            volume.createFile("/a").close();
            volume.sync();
            recorder.begin("rename");
            volume.rename("/a", "/b", RenameMode.REPLACE);
            volume.sync();
        }, Mutant.RENAME_IN_TWO_RECORDS);
        Judge judge = (volume, point) -> {
            boolean created = !point.inProgress().isEmpty();
            if (created && !volume.exists("/a") && !volume.exists("/b")) {
                throw new Violation("neither name is there");
            }
            if (volume.exists("/a") && volume.exists("/b")) {
                throw new Violation("both names are there");
            }
        };
        Exploration found = explore(recording, judge, Bounds.defaults());
        assertThat(found.violations()).hasSize(1);
        Found smallest =
                Explorer.shrink(recording, judge, found.violations().getFirst().replay());
        assertThat(smallest.losses()).hasSize(1);
    }

    @Test
    @DisplayName("A violation seen only when more is appended after the recovery is found")
    void epochNotRenewed() throws IOException {
        // The mutant is in the recovery: what the crash killed comes back behind new records.
        Recording healthy = Lab.record((volume, recorder) -> {
            for (int i = 0; i < 6; i++) {
                volume.createFile("/f" + i).close();
            }
            volume.sync();
        });
        Recording recording =
                new Recording(healthy.trace(), Lab.options(3, Mutant.EPOCH_NOT_RENEWED));
        Bounds thorough = Bounds.defaults().nested(1, 1).worksEvery(1);
        Exploration found = explore(recording, NO_JUDGE, thorough);
        assertThat(found.violations()).hasSize(1);
        String line = found.violations().getFirst().replay();
        assertThat(Explorer.replay(recording, NO_JUDGE, line)).isNotNull();
        assertThat(explore(healthy, NO_JUDGE, thorough).violations()).isEmpty();
    }

    @Test
    @DisplayName("A recovery that is wrong only when it is crashed itself is found, shrunk, "
            + "replayed")
    void crashedRecovery() throws IOException {
        Recording healthy = Lab.record((volume, recorder) -> {
            volume.createFile("/f").close();
            volume.sync();
        });
        Recording recording =
                new Recording(healthy.trace(), Lab.options(3, Mutant.SLOT_BEFORE_TREE));
        Bounds bounds = Bounds.defaults().nested(1, 0).worksEvery(0);
        Exploration found = explore(recording, NO_JUDGE, bounds);
        assertThat(found.violations()).hasSize(1);
        String line = found.violations().getFirst().replay();
        assertThat(line).contains("/recovery,");
        assertThat(Explorer.replay(recording, NO_JUDGE, line)).isNotNull();
        Found smallest = Explorer.shrink(recording, NO_JUDGE, line);
        assertThat(smallest.message()).contains("recovery");
        assertThat(smallest.losses().size()).isBetween(1, 4);
        assertThat(Explorer.replay(recording, NO_JUDGE, smallest.replay())).isNotNull();
        assertThat(explore(healthy, NO_JUDGE, bounds).violations()).isEmpty();
    }

    @Test
    @DisplayName("A line of another recording, or of none, is refused")
    void otherRecordings() throws IOException {
        Recording one = Lab.record((volume, recorder) -> syncStores(volume, recorder, 1));
        Recording other = Lab.record((volume, recorder) -> syncStores(volume, recorder, 2));
        String line = explore(one, (volume, point) -> {
            throw new Violation("always");
        }, Bounds.defaults()).violations().getFirst().replay();
        assertThat(Explorer.replay(one, NO_JUDGE, line)).isNull();
        assertThat(Explorer.shrink(one, NO_JUDGE, line)).isNull();
        assertThat(Explorer.replay(one, NO_JUDGE, line + "/use,0,64,durable")).isNull();
        assertThat(Explorer.replay(one, NO_JUDGE, line + "/append,9,64,newest")).isNull();
        assertThat(Explorer.replay(one, NO_JUDGE, line + "/recovery,3,64,durable")).isNull();
        assertThatThrownBy(() -> Explorer.replay(one, NO_JUDGE, line + ",8:1"))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("byte 8");
        assertThatThrownBy(() -> Explorer.replay(other, NO_JUDGE, line))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("recording");
    }

    @Test
    @DisplayName("A judge that fails in any way is a violation; what it changed does not stay")
    void judgesThatFail() throws IOException {
        Recording recording = Lab.record((volume, recorder) -> syncStores(volume, recorder, 1));
        Exploration found = explore(recording, (volume, point) -> {
            volume.createFile("/judged");
            throw new AssertionError("no");
        }, Bounds.defaults().maxViolations(5));
        assertThat(found.violations()).hasSize(5);
        assertThat(found.violations()).allSatisfy(
                violation -> assertThat(violation.message()).contains("no"));
    }
}
