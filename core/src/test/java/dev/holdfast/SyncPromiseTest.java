package dev.holdfast;

import static dev.holdfast.TestVolume.BLOCK;
import static dev.holdfast.TestVolume.HUGE;
import static dev.holdfast.TestVolume.assertFails;
import static dev.holdfast.TestVolume.bytes;
import static dev.holdfast.TestVolume.put;
import static dev.holdfast.TestVolume.text;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.dax.SyncPolicy;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.file.AllocateMode;
import dev.holdfast.file.AttributeChange;
import dev.holdfast.file.RenameMode;
import dev.holdfast.file.XattrMode;
import java.io.IOException;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What is dirty, what a sync fault costs, and what an fsync costs: exact counts on a traced device.
 */
class SyncPromiseTest {
    private static final long LINE = 64;

    private TestVolume test;
    private DaxFile file;

    @BeforeEach
    void make() throws IOException {
        test = TestVolume.on(TestMedium.TRACED, 8 << 20);
        file = test.create("/file");
        file.truncate(64 * BLOCK);
        file.fsync();
    }

    @AfterEach
    void close() throws IOException {
        file.close();
        test.close();
    }

    private interface Action {
        void run() throws IOException;
    }

    /** What an action made the device do. */
    private record Cost(long barriers, long logLines) {}

    private Cost cost(Action action) throws IOException {
        test.runBackground();
        test.runBackground();
        long barriers = test.device().counters().barriers();
        long lsn = test.volume().changeLsn();
        action.run();
        return new Cost(test.device().counters().barriers() - barriers,
                test.volume().changeLsn() - lsn);
    }

    private void fault(MapMode mode, long offset) throws IOException {
        try (Mapping mapping = file.map(mode, 0, 64 * BLOCK, false);
                Arena arena = Arena.ofConfined()) {
            mapping.writable(offset, 1, arena).set(JAVA_BYTE, 0, (byte) 1);
        }
    }

    private long deferred() {
        return test.volume().faults().byKind().get("PTE_NEED_DATA_SYNC");
    }

    /** Tells whether a sync fault on the file had to wait for metadata. */
    private boolean isDirty(long offset) throws IOException {
        long before = deferred();
        fault(MapMode.SYNC, offset);
        return deferred() > before;
    }

    @Test
    @DisplayName("P1 an allocating sync fault costs one barrier and at most 4 lines of log")
    void anAllocatingSyncFaultCostsOneBarrier() throws IOException {
        fault(MapMode.SYNC, 0);
        Cost cost = cost(() -> fault(MapMode.SYNC, BLOCK));
        assertThat(cost.barriers()).isEqualTo(1);
        assertThat(cost.logLines()).isBetween(1L, 4L);
    }

    @Test
    @DisplayName("P2 a sync fault on written, durable blocks costs no barrier and no log")
    void aSyncFaultOnDurableBlocksCostsNothing() throws IOException {
        file.allocate(AllocateMode.WRITTEN, 0, 64 * BLOCK);
        file.fsync();
        assertThat(cost(() -> fault(MapMode.SYNC, 5 * BLOCK))).isEqualTo(new Cost(0, 0));
    }

    @Test
    @DisplayName("P4 a fault of a plain mapping costs no barrier")
    void aFaultOfAPlainMappingCostsNoBarrier() throws IOException {
        fault(MapMode.SHARED, 0);
        assertThat(cost(() -> fault(MapMode.SHARED, BLOCK)).barriers()).isZero();
        assertThat(deferred()).isZero();
    }

    @Test
    @DisplayName("P3 reading through a sync mapping waits for nothing; under the stronger policy "
            + "it does")
    void readingThroughASyncMappingWaitsForNothing() throws IOException {
        put(file, 0, bytes(1, 1));
        Action read = () -> {
            try (Mapping mapping = file.map(MapMode.SYNC, 0, BLOCK, false)) {
                mapping.readable(0, 1);
            }
        };
        assertThat(cost(read).barriers()).isZero();
        assertThat(deferred()).isZero();
        file.close();
        test.remount(options -> VolumeLab.withSyncPolicy(options, SyncPolicy.READS_TOO));
        file = test.open("/file");
        put(file, BLOCK, bytes(1, 1));
        try (Mapping mapping = file.map(MapMode.SYNC, 0, 2 * BLOCK, false)) {
            mapping.readable(BLOCK, 1);
        }
        assertThat(deferred()).isEqualTo(1);
    }

    @Test
    @DisplayName("D1 new blocks are dirty until durable, whoever wrote them")
    void newBlocksAreDirtyUntilDurable() throws IOException {
        put(file, 0, text("x"));
        assertThat(isDirty(0)).isTrue();
        assertThat(isDirty(0)).isFalse();
        put(file, BLOCK, text("x"));
        test.volume().awaitDurable(test.volume().changeLsn());
        assertThat(isDirty(BLOCK)).isFalse();
    }

    @Test
    @DisplayName("D2 times, owner, mode and attributes alone are not dirty")
    void timesOwnerAndModeAloneAreNotDirty() throws IOException {
        put(file, 0, text("x"));
        file.fsync();
        test.tick();
        put(file, 0, text("y"));
        test.volume().setAttributes("/file", new AttributeChange().mode(0600).uid(5)
                .modifyNanos(1));
        test.volume().setXattr("/file", "user.a", text("v"), XattrMode.CREATE);
        assertThat(isDirty(0)).isFalse();
    }

    @Test
    @DisplayName("D3 B15 a size that is not durable is dirty, also where the blocks are")
    void aSizeThatIsNotDurableIsDirty() throws IOException {
        file.allocate(AllocateMode.WRITTEN, 0, 64 * BLOCK);
        file.fsync();
        file.truncate(63 * BLOCK + 100);
        file.fsync();
        assertThat(isDirty(63 * BLOCK)).as("the page passes the end").isTrue();
        file.truncate(64 * BLOCK);
        assertThat(isDirty(0)).isTrue();
    }

    @Test
    @DisplayName("D4 B15 a store to unwritten blocks is dirty though the inode was clean")
    void aStoreToUnwrittenBlocksIsDirty() throws IOException {
        file.allocate(AllocateMode.UNWRITTEN, 0, 64 * BLOCK);
        file.fsync();
        assertThat(isDirty(3 * BLOCK)).isTrue();
        assertThat(isDirty(3 * BLOCK)).isFalse();
    }

    @Test
    @DisplayName("D1 D5 the create, link or rename that names a file is dirty")
    void whatNamesAFileIsDirty() throws IOException {
        file.allocate(AllocateMode.WRITTEN, 0, 64 * BLOCK);
        file.fsync();
        test.volume().link("/file", "/second");
        assertThat(isDirty(0)).isTrue();
        test.volume().rename("/second", "/third", RenameMode.REPLACE);
        assertThat(isDirty(0)).isTrue();
        assertThat(isDirty(0)).isFalse();
    }

    @Test
    @DisplayName("D5 D6 another file's changes make no file dirty")
    void anotherFilesChangesMakeNoFileDirty() throws IOException {
        file.allocate(AllocateMode.WRITTEN, 0, 64 * BLOCK);
        file.fsync();
        test.write("/other", bytes(10 * BLOCK, 1));
        assertThat(isDirty(0)).isFalse();
    }

    @Test
    @DisplayName("D5 fdatasync waits for data and what finds it, fsync also for times")
    void fdatasyncDoesNotWaitForTimes() throws IOException {
        put(file, 0, bytes(10, 1));
        file.fsync();
        test.tick();
        put(file, 0, bytes(10, 2));
        assertThat(cost(file::fdatasync).logLines()).isZero();
        assertThat(cost(file::fsync)).satisfies(cost -> {
            assertThat(cost.barriers()).isEqualTo(1);
            assertThat(cost.logLines()).as("three times fill more than a line").isEqualTo(2);
        });
    }

    @Test
    @DisplayName("B21 D5 an fdatasync does not wait for the inode lock")
    void anFdatasyncDoesNotWaitForTheInodeLock() throws Exception {
        put(file, 0, bytes(BLOCK, 1));
        Runnable unlock = dev.holdfast.fs.FileSystemProbe.lock(test.volume().fileSystem(), "/file");
        try {
            java.util.concurrent.CompletableFuture.runAsync(() -> {
                try {
                    file.fdatasync();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }).get(20, java.util.concurrent.TimeUnit.SECONDS);
        } finally {
            unlock.run();
        }
        assertThat(test.volume().durableLsn()).isGreaterThanOrEqualTo(file.dataLsn());
    }

    @Test
    @DisplayName("An fsync of a clean file costs no barrier")
    void anFsyncOfACleanFileCostsNoBarrier() throws IOException {
        put(file, 0, bytes(10 * BLOCK, 1));
        file.fsync();
        assertThat(cost(file::fsync)).isEqualTo(new Cost(0, 0));
        assertThat(cost(file::fdatasync)).isEqualTo(new Cost(0, 0));
        assertThat(cost(test.volume()::sync)).isEqualTo(new Cost(0, 0));
    }

    @Test
    @DisplayName("Persisting a few bytes of a mapped page costs one barrier and their lines")
    void persistingCostsOneBarrierAndItsLines() throws IOException {
        fault(MapMode.SYNC, 0);
        try (Mapping mapping = file.map(MapMode.SYNC, 0, BLOCK); Arena arena = Arena.ofConfined()) {
            mapping.writable(100, 100, arena).fill((byte) 1);
            assertThat(cost(() -> {
                long lines = test.device().counters().lines();
                mapping.persist(100, 100);
                assertThat(test.device().counters().lines() - lines)
                        .isEqualTo(199 / LINE - 100 / LINE + 1);
            })).isEqualTo(new Cost(1, 0));
        }
    }

    @Test
    @DisplayName("S8 a fault that allocated is counted as major though it was synced")
    void aSyncedFaultIsCountedAsMajor() throws IOException {
        long before = test.volume().faults().byKind().get("MAJOR");
        fault(MapMode.SYNC, 7 * BLOCK);
        fault(MapMode.SYNC, 7 * BLOCK);
        assertThat(test.volume().faults().byKind().get("MAJOR")).isEqualTo(before + 1);
    }

    @Test
    @DisplayName("generic/080 generic/215 a store through a mapping changes the times, once a "
            + "fault")
    void aStoreThroughAMappingChangesTheTimes() throws IOException {
        long before = file.stat().modifyNanos();
        long now = test.tick();
        fault(MapMode.SHARED, 0);
        assertThat(file.stat().modifyNanos()).isEqualTo(now).isGreaterThan(before);
        assertThat(file.stat().changeNanos()).isEqualTo(now);
        test.tick();
        try (Mapping mapping = file.map(MapMode.SHARED, 0, BLOCK)) {
            mapping.readable(0, 1);
        }
        assertThat(file.stat().modifyNanos()).isEqualTo(now);
        file.fsync();
        test.crash(1);
        assertThat(test.volume().stat("/file").modifyNanos()).isEqualTo(now);
        file = test.open("/file");
    }

    @Test
    @DisplayName("R10 under the policy always a write, and each change, survives a crash when the "
            + "call returns")
    void underThePolicyAlwaysEachCallIsDurable() throws IOException {
        file.close();
        test.remount(options -> options.commitPolicy(CommitPolicy.ALWAYS));
        for (int round = 0; round < 5; round++) {
            test.write("/f" + round, bytes(BLOCK + round, round + 1));
            test.volume().setAttributes("/f" + round, new AttributeChange().mode(0600 + round));
            ((TracedDevice) test.device()).crash(dev.holdfast.device.LineFate.seeded(round));
            test.reopenAfterCrash(options -> options.commitPolicy(CommitPolicy.ALWAYS));
            assertThat(test.read("/f" + round)).hasSize(BLOCK + round).containsOnly(round + 1);
            assertThat(test.volume().stat("/f" + round).mode()).isEqualTo(0600 + round);
        }
        file = test.open("/file");
    }

    @Test
    @DisplayName("D6 the durable LSN reaches what is awaited, and an fsync its own changes")
    void theDurableLsnReachesWhatIsAwaited() throws IOException {
        test.create("/a").close();
        long lsn = test.volume().changeLsn();
        assertThat(test.volume().durableLsn()).isLessThan(lsn);
        test.volume().awaitDurable(lsn);
        assertThat(test.volume().durableLsn()).isGreaterThanOrEqualTo(lsn);
        put(file, 0, bytes(1, 1));
        assertThat(file.dataLsn()).isGreaterThan(test.volume().durableLsn());
        file.fdatasync();
        assertThat(test.volume().durableLsn()).isGreaterThanOrEqualTo(file.dataLsn());
    }

    @Test
    @DisplayName("B4 E4 M6 a 2 MiB range is mapped by one huge entry, and mapInfo says so")
    void aHugeRangeIsMappedByOneEntry() throws IOException {
        try (TestVolume large = TestVolume.inMemory(32 << 20);
                DaxFile huge = large.create("/huge")) {
            huge.truncate(2 * HUGE);
            try (Mapping mapping = huge.map(MapMode.SYNC, 0, 2 * HUGE)) {
                mapping.writable(0, HUGE).fill((byte) 1);
                mapping.writable(HUGE + 5, 1).fill((byte) 2);
                var kinds = large.volume().faults().byKind();
                assertThat(kinds.get("PMD_SYNC_FINISHED")).isEqualTo(2);
                assertThat(kinds.get("PTE_SYNC_FINISHED")).isZero();
                assertThat(mapping.mapInfo().ranges()).singleElement().satisfies(range -> {
                    assertThat(range.entry()).isEqualTo(MapInfo.Entry.HUGE_WRITABLE);
                    assertThat(range.length()).isEqualTo(2 * HUGE);
                    assertThat(range.whyNotHuge()).isEmpty();
                });
            }
            assertThat(huge.extents()).allMatch(extent -> extent.deviceOffset() % HUGE == 0);
        }
    }

    @Test
    @DisplayName("M1 mapInfo says why a range has no huge pages")
    void mapInfoSaysWhyNotHuge() throws IOException {
        try (TestVolume large = TestVolume.inMemory(32 << 20);
                DaxFile huge = large.create("/huge")) {
            huge.truncate(2 * HUGE);
            assertThat(why(huge, 0, HUGE, false)).isEqualTo("mapped without huge pages");
            assertThat(why(huge, BLOCK, HUGE, true)).contains("covers only a part");
            huge.truncate(HUGE + 5);
            assertThat(why(huge, HUGE, HUGE, true)).contains("the file ends");
            huge.truncate(0);
            huge.truncate(HUGE);
            put(huge, 7 * BLOCK, bytes(BLOCK, 1));
            assertThat(why(huge, 0, HUGE, true)).contains("extents and holes");
        }
    }

    private static String why(DaxFile file, long from, long length, boolean hugePages)
            throws IOException {
        try (Mapping mapping = file.map(MapMode.SYNC, from, length, hugePages)) {
            mapping.writable(0, 1);
            return mapping.mapInfo().ranges().getFirst().whyNotHuge();
        }
    }

    @Test
    @DisplayName("H4 generic/623 after a failed write-back faults, syncs and new changes fail, and "
            + "a remount recovers")
    void afterAFailedWriteBackEverythingFails() throws IOException {
        put(file, 0, bytes(BLOCK, 1));
        file.fsync();
        Mapping mapping = file.map(MapMode.SYNC, 0, 64 * BLOCK, false);
        put(file, 0, bytes(BLOCK, 2));
        ((TracedDevice) test.device()).failPersists(0, 1);
        try {
            file.fsync();
        } catch (IOException expected) {
            assertThat(expected).hasMessageContaining("");
        }
        assertFails(ErrorCode.SHUT_DOWN, file::fsync);
        assertFails(ErrorCode.SHUT_DOWN, file::fdatasync);
        assertFails(ErrorCode.SHUT_DOWN, () -> mapping.writable(5 * BLOCK, 1));
        assertFails(ErrorCode.SHUT_DOWN, () -> mapping.persist(0, 1));
        assertFails(ErrorCode.SHUT_DOWN, () -> file.map(MapMode.SYNC, 0, BLOCK));
        assertFails(ErrorCode.SHUT_DOWN, () -> put(file, 0, bytes(1, 1)));
        assertFails(ErrorCode.SHUT_DOWN, () -> test.create("/new"));
        assertFails(ErrorCode.SHUT_DOWN, () -> test.volume().sync());
        assertFails(ErrorCode.SHUT_DOWN, () -> test.volume().checkpoint());
        assertThat(TestVolume.read(file, 0, BLOCK)).as("reading goes on").containsOnly(2);
        mapping.close();
        file.close();
        test.crash(4);
        file = test.open("/file");
        assertThat(TestVolume.read(file, 0, BLOCK)).containsAnyOf((byte) 1, (byte) 2);
    }

    @Test
    @DisplayName("R5 an interrupted thread is told so, nothing is lost, and nobody else is harmed")
    void anInterruptedThreadIsToldSo() throws IOException {
        put(file, 0, bytes(BLOCK, 1));
        Thread.currentThread().interrupt();
        assertFails(ErrorCode.INTERRUPTED, () -> put(file, 0, bytes(BLOCK, 2)));
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        assertFails(ErrorCode.INTERRUPTED, () -> TestVolume.read(file, 0, 1));
        try (Mapping mapping = file.map(MapMode.SYNC, 0, 4 * BLOCK);
                Arena arena = Arena.ofConfined()) {
            mapping.writable(BLOCK, 1, arena).set(JAVA_BYTE, 0, (byte) 3);
            mapping.persist(BLOCK, 1);
        }
        file.fsync();
        test.create("/made").close();
        test.volume().sync();
        assertThat(Thread.interrupted()).as("the flag is the caller's").isTrue();
        assertThat(TestVolume.read(file, 0, BLOCK)).containsOnly(1);
        assertThat(TestVolume.read(file, BLOCK, 1)).containsExactly(3);
        assertThat(test.volume().exists("/made")).isTrue();
    }

    @Test
    @DisplayName("E8 Z7 no page is held in the heap when the last handle and mapping are gone")
    void nothingIsLeftAtEviction() throws IOException {
        put(file, 0, bytes(64 * BLOCK, 1));
        Mapping mapping = file.map(MapMode.SYNC, 0, 64 * BLOCK);
        try (Arena arena = Arena.ofConfined()) {
            mapping.writable(0, 64 * BLOCK, arena);
        }
        mapping.close();
        var pages = dev.holdfast.fs.FileSystemProbe.space(test.volume().fileSystem(), "/file");
        assertThat(pages.nrPages()).isPositive();
        test.volume().unlink("/file");
        file.close();
        assertThat(pages.nrPages()).isZero();
        assertThat(pages.hasDirty()).isFalse();
        assertThat(pages.vmas().isEmpty()).isTrue();
        file = test.create("/file");
    }
}
