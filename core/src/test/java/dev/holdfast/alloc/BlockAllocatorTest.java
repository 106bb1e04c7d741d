package dev.holdfast.alloc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.alloc.Request.Content;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Placement, space and reservations. */
class BlockAllocatorTest {
    private final Request request = new Request();
    private final Run run = new Run();

    @Test
    @DisplayName("M7: a huge request gets an aligned whole huge page")
    void huge() throws IOException {
        BlockAllocator allocator = new SimulatedVolume(2048, 3).mount();

        assertThat(allocator.freeHugeRanges()).isEqualTo(3);
        assertThat(allocator.allocate(request.reset().huge(), run)).isTrue();
        assertThat(run.block).isEqualTo(512);
        assertThat(run.count).isEqualTo(512);
        assertThat(run.zeroed).isTrue();
    }

    @Test
    @DisplayName("M7: a huge request that no aligned run can answer takes nothing")
    void hugeOrNothing() throws IOException {
        BlockAllocator allocator = SimulatedVolume.unknown(2048, 1, 1022, 1025, 900).mount();

        assertThat(allocator.allocate(request.reset().huge(), run)).isFalse();
        assertThat(allocator.freeBlocks()).isEqualTo(1922);
        assertThat(allocator.largestFreeRun()).isEqualTo(1022);
    }

    @Test
    @DisplayName("M7: blocks of a huge attempt that came to nothing are free again")
    void givesBack() throws IOException {
        BlockAllocator allocator = new SimulatedVolume(1024, 0).mount();
        allocator.reserve(512);
        allocator.allocate(request.reset().huge().fromReservation(true), run);
        assertThat(allocator.reservedBlocks()).isZero();

        allocator.giveBack(run, true);

        assertThat(allocator.freeBlocks()).isEqualTo(1024);
        assertThat(allocator.reservedBlocks()).isEqualTo(512);
    }

    @Test
    void aHugePageMayLieAcrossBlocksOfDifferentContent() throws IOException {
        var volume = new SimulatedVolume(1024, 512);
        BlockAllocator allocator = volume.mount();
        allocator.allocate(request.reset().count(100, 100), run);
        volume.use(run);
        allocator.free(run.block, run.count, volume.unmap(run.block, run.count));
        volume.commit(volume.records());

        assertThat(allocator.allocate(request.reset().huge(), run)).isTrue();
        assertThat(run.zeroed).isFalse();
        volume.zeroAndPersist(run.block, run.count);
        volume.use(run);
        assertThat(allocator.freeBlocks()).isZero();
    }

    @Test
    void aLargeRunTakesTheColourOfItsFileOffset() throws IOException {
        BlockAllocator allocator = new SimulatedVolume(4096, 10).mount();

        allocator.allocate(request.reset().count(1, 1024).colour(200), run);

        assertThat(run.block % 512).isEqualTo(200);
        assertThat(run.count).isEqualTo(1024);
    }

    @Test
    void aColourGivesWayToSpace() throws IOException {
        BlockAllocator allocator = SimulatedVolume.unknown(4096, 10, 700).mount();

        allocator.allocate(request.reset().count(1, 700).colour(9), run);

        assertThat(run.block).isEqualTo(10);
        assertThat(run.count).isEqualTo(700);
    }

    @Test
    void aFileGoesOnWhereItsLastExtentEnds() throws IOException {
        BlockAllocator allocator = SimulatedVolume.unknown(4096, 5, 4000).mount();

        allocator.allocate(request.reset().goal(777), run);

        assertThat(run.block).isEqualTo(777);
    }

    @Test
    void smallRunsGoWhereHugePagesAreBrokenAlready() throws IOException {
        BlockAllocator allocator = SimulatedVolume.unknown(4096, 1024, 1024, 3000, 60).mount();

        allocator.allocate(request.reset().count(8, 8), run);

        assertThat(run.block).isEqualTo(3000);
        assertThat(allocator.freeHugeRanges()).isEqualTo(2);
    }

    @Test
    void filesThatGrowTogetherDoNotTakeTurnsBlockByBlock() throws IOException {
        BlockAllocator allocator = SimulatedVolume.unknown(4096, 0, 4096).mount();
        var ends = new long[] {Request.NO_GOAL, Request.NO_GOAL, Request.NO_GOAL};
        int jumps = 0;
        for (int i = 0; i < 3 * 64; i++) {
            int file = i % 3;
            allocator.allocate(request.reset().stream(1 + file).goal(ends[file]), run);
            jumps += run.block == ends[file] ? 0 : 1;
            ends[file] = run.end();
        }
        assertThat(jumps).isLessThanOrEqualTo(3 * 64 / 16);
    }

    @Test
    void windowsOfOthersDoNotKeepTheLastBlocks() throws IOException {
        BlockAllocator allocator = SimulatedVolume.unknown(64, 20, 20).mount();
        for (int stream = 1; stream <= 20; stream++) {
            assertThat(allocator.allocate(request.reset().stream(stream), run)).isTrue();
        }
        assertThat(allocator.allocate(request.reset(), run)).isFalse();
        assertThat(allocator.freeBlocks()).isZero();
    }

    @Test
    @DisplayName("H3: blocks of an uncommitted delete are counted, and come with the commit")
    void pendingFrees() throws IOException {
        var volume = new SimulatedVolume(64, 40);
        BlockAllocator allocator = volume.mount();
        allocator.allocate(request.reset().count(24, 24), run);
        volume.use(run);
        long lsn = volume.unmap(run.block, run.count);
        allocator.free(run.block, run.count, lsn);

        assertThat(allocator.allocate(request.reset(), run)).isFalse();
        assertThat(allocator.freeBlocks()).isZero();
        assertThat(allocator.pendingFreeBlocks()).isEqualTo(24);

        volume.commit(lsn);
        allocator.onDurable(lsn);
        assertThat(allocator.pendingFreeBlocks()).isZero();
        assertThat(allocator.allocate(request.reset(), run)).isTrue();
        assertThat(run.zeroed).isFalse();
    }

    @Test
    void refusesToFreeWhatIsFree() {
        BlockAllocator allocator = SimulatedVolume.unknown(64, 20, 20).mount();

        assertThatThrownBy(() -> allocator.free(10, 11, 0))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("10+11");
        assertThatThrownBy(() -> allocator.free(60, 5, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(allocator.freeBlocks()).isEqualTo(20);
    }

    @Test
    void refusesToFreeTwiceBeforeTheFirstIsDurable() throws IOException {
        var volume = new SimulatedVolume(64, 40);
        BlockAllocator allocator = volume.mount();
        allocator.allocate(request.reset().count(24, 24), run);
        volume.use(run);
        long lsn = volume.unmap(run.block, run.count);
        allocator.free(run.block, run.count, lsn);

        assertThatThrownBy(() -> allocator.free(run.block + 3, 1, lsn + 1))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("pending");
        assertThat(allocator.pendingFreeBlocks()).isEqualTo(24);
    }

    @Test
    void promisedBlocksGoToNobodyElse() throws IOException {
        BlockAllocator allocator = SimulatedVolume.unknown(64, 0, 20).mount();

        assertThat(allocator.reserve(21)).isFalse();
        assertThat(allocator.reserve(15)).isTrue();
        assertThat(allocator.reserve(6)).isFalse();
        assertThat(allocator.availableBlocks()).isEqualTo(5);
        assertThat(allocator.allocate(request.reset().count(6, 6), run)).isFalse();
        assertThat(allocator.allocate(request.reset().count(1, 20), run)).isTrue();
        assertThat(run.count).isEqualTo(5);
        assertThat(allocator.allocate(request.reset(), run)).isFalse();

        assertThat(allocator.allocate(request.reset().count(1, 20).fromReservation(true), run))
                .isTrue();
        assertThat(run.count).isEqualTo(15);
        assertThat(allocator.reservedBlocks()).isZero();
        assertThat(allocator.freeBlocks()).isZero();
    }

    @Test
    void anUnusedPromiseIsTakenBackAtMostOnce() {
        BlockAllocator allocator = SimulatedVolume.unknown(64, 0, 20).mount();
        allocator.reserve(15);
        allocator.unreserve(10);

        assertThat(allocator.availableBlocks()).isEqualTo(15);
        assertThatThrownBy(() -> allocator.unreserve(6)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> allocator.reserve(-1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesRequestsThatMeanNothing() {
        BlockAllocator allocator = SimulatedVolume.unknown(64, 0, 20).mount();

        for (Request wrong : new Request[] {
                new Request().count(0, 1), new Request().count(2, 1), new Request().align(3),
                new Request().colour(512), new Request().goal(-2)}) {
            assertThatThrownBy(() -> allocator.allocate(wrong, run))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aLoaderRefusesDamagedItems() throws HoldfastException {
        var loader = new AllocatorLoader(100, new SimulatedVolume(100, 99), Mutants.NONE);
        loader.addFree(10, 20);
        loader.addKnownZero(12, 4);

        assertCorrupt(() -> loader.addFree(29, 1));
        assertCorrupt(() -> loader.addFree(99, 2));
        assertCorrupt(() -> loader.addFree(50, Long.MAX_VALUE));
        assertCorrupt(() -> loader.addFree(-1, 1));
        assertCorrupt(() -> loader.addKnownZero(29, 2));
        assertCorrupt(() -> loader.addKnownZero(15, 1));
    }

    private static void assertCorrupt(ThrowingCallable load) {
        assertThatThrownBy(load).isInstanceOfSatisfying(HoldfastException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT));
    }

    @Test
    void holdsAVolumeOf64TiB() throws IOException {
        long total = 1L << 34;
        var loader = new AllocatorLoader(total, new NoClaims(), Mutants.NONE);
        loader.addFree(777, total - 777);
        loader.addKnownZero(777, total - 777);
        BlockAllocator allocator = loader.start();

        assertThat(allocator.freeBlocks()).isEqualTo(total - 777);
        assertThat(allocator.freeHugeRanges()).isEqualTo((1L << 25) - 2);
        assertThat(allocator.allocate(request.reset().goal(total - 1), run)).isTrue();
        assertThat(run.block).isEqualTo(total - 1);
        assertThat(allocator.allocate(
                request.reset().count(1, total).content(Content.ANY), run)).isTrue();
        assertThat(run.count).isGreaterThan(total - 2048);
    }

    /** A log that is always durable. */
    private static final class NoClaims implements ZeroClaims {
        @Override
        public long leave(long block, long count) {
            return 1;
        }

        @Override
        public long join(long block, long count) {
            return 1;
        }

        @Override
        public void commit(long lsn) {}

        @Override
        public long durableLsn() {
            return Long.MAX_VALUE - 1;
        }

        @Override
        public void zeroAndPersist(long block, long count) {}

        @Override
        public void populate(long block, long count) {}
    }
}
