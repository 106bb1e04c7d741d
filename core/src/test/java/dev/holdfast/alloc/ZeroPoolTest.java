package dev.holdfast.alloc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.alloc.Request.Content;
import java.io.IOException;
import java.util.BitSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The known-zero pool: stocked ahead, missed, zeroed ahead, released. */
class ZeroPoolTest {
    private final Request request = new Request();
    private final Run run = new Run();

    @Test
    void aStockedPoolCostsNoCommitAndNoZeroing() throws IOException {
        var volume = new SimulatedVolume(8192, 100);
        BlockAllocator allocator = volume.mount();
        assertThat(allocator.needsRefill()).isTrue();
        assertThat(allocator.refill()).isEqualTo(512);
        int commits = volume.commits;

        for (int i = 0; i < 100; i++) {
            assertThat(allocator.allocate(request.reset(), run)).isTrue();
            assertThat(run.zeroed).isTrue();
            volume.use(run);
        }

        assertThat(volume.commits).isEqualTo(commits);
        assertThat(volume.populated).isEqualTo(512);
        assertThat(allocator.counters()).isEqualTo(new AllocatorCounters(100, 0, 0, 0, 512, 0));
    }

    @Test
    void thePoolIsStockedWithAWholeHugePageFirst() throws IOException {
        var volume = new SimulatedVolume(8192, 100);
        BlockAllocator allocator = volume.mount();
        allocator.refill();

        assertThat(allocator.allocate(request.reset().huge(), run)).isTrue();
        assertThat(allocator.counters().poolHits()).isEqualTo(1);
    }

    @Test
    void refillStopsAtItsTarget() throws IOException {
        BlockAllocator allocator = new SimulatedVolume(16384, 0).mount();
        while (allocator.needsRefill()) {
            allocator.refill();
        }

        assertThat(allocator.poolBlocks()).isEqualTo(1024);
        assertThat(allocator.refill()).isZero();
        assertThat(allocator.freeBlocks()).isEqualTo(16384);
    }

    @Test
    void anEmptyPoolIsAMissThatBringsTheWholeMiB() throws IOException {
        var volume = new SimulatedVolume(8192, 512);
        BlockAllocator allocator = volume.mount();

        assertThat(allocator.allocate(request.reset(), run)).isTrue();
        volume.use(run);

        assertThat(run.zeroed).isTrue();
        assertThat(volume.leaves).isEqualTo(1);
        assertThat(volume.commits).isEqualTo(1);
        assertThat(allocator.poolBlocks()).isEqualTo(255);
        assertThat(allocator.counters()).isEqualTo(new AllocatorCounters(0, 1, 0, 0, 256, 0));
    }

    @Test
    @DisplayName("S9: blocks of unknown content are handed out as such")
    void unknownMiss() throws IOException {
        BlockAllocator allocator = SimulatedVolume.unknown(64, 0, 64).mount();

        assertThat(allocator.allocate(request.reset(), run)).isTrue();

        assertThat(run.zeroed).isFalse();
        assertThat(allocator.counters().unknownMisses()).isEqualTo(1);
    }

    @Test
    void callersWhoDoNotWantZeroesLeaveThemToOthers() throws IOException {
        var volume = new SimulatedVolume(8192, 512);
        BlockAllocator allocator = volume.mount();
        allocator.allocate(request.reset().count(300, 300), run);
        volume.use(run);
        allocator.free(run.block, run.count, volume.unmap(run.block, run.count));
        volume.commit(volume.records());
        allocator.onDurable(volume.durableLsn());
        long freed = run.block;

        allocator.allocate(request.reset().count(300, 300).content(Content.ANY), run);

        assertThat(run.block).isEqualTo(freed);
        assertThat(run.zeroed).isFalse();
    }

    @Test
    void freedBlocksAreZeroedAheadOnlyWhenTheirRecordIsDurable() throws IOException {
        var volume = new SimulatedVolume(64, 48);
        BlockAllocator allocator = volume.mount();
        allocator.allocate(request.reset().count(16, 16), run);
        volume.use(run);
        allocator.free(run.block, run.count, volume.unmap(run.block, run.count));
        assertThat(allocator.refill()).isZero();

        volume.commit(volume.records());
        assertThat(allocator.needsRefill()).isTrue();
        assertThat(allocator.refill()).isEqualTo(16);

        assertThat(allocator.counters().blocksZeroedAhead()).isEqualTo(16);
        assertThat(allocator.allocate(request.reset(), run)).isTrue();
        assertThat(run.zeroed).isTrue();
    }

    @Test
    void whatIsZeroedForAFullPoolJoinsTheClaim() throws IOException {
        var volume = SimulatedVolume.unknown(8192, 0, 4096);
        BlockAllocator allocator = volume.mount();
        while (allocator.needsRefill()) {
            allocator.refill();
        }
        volume.commit(volume.records());

        AllocatorCounters counters = allocator.counters();
        assertThat(counters.blocksZeroedAhead()).isEqualTo(4096);
        assertThat(counters.blocksJoined()).isEqualTo(4096 - allocator.poolBlocks());
        assertThat(volume.fold(volume.records()).zero().cardinality())
                .isEqualTo((int) counters.blocksJoined());
    }

    @Test
    void aCleanCloseKeepsThePoolKnownToBeZero() throws IOException {
        var volume = new SimulatedVolume(8192, 100);
        BlockAllocator allocator = volume.mount();
        allocator.refill();
        allocator.allocate(request.reset().count(10, 10), run);
        volume.use(run);

        volume.commit(allocator.releasePool());
        volume.crash(volume.records());

        var zero = new BitSet();
        volume.mount().forEachKnownZero(
                (block, count) -> zero.set((int) block, (int) (block + count)));
        assertThat(zero.cardinality()).isEqualTo(8192 - 100 - 10);
    }

    @Test
    void anUncleanEndLeavesThePoolUnknown() throws IOException {
        var volume = new SimulatedVolume(8192, 100);
        volume.mount().refill();
        volume.crash(volume.records());

        var known = new long[1];
        BlockAllocator allocator = volume.mount();
        allocator.forEachKnownZero((block, count) -> known[0] += count);

        assertThat(known[0]).isEqualTo(8192 - 100 - 512);
        assertThat(allocator.freeBlocks()).isEqualTo(8192 - 100);
    }

    @Test
    @DisplayName("H4: a commit that fails under a refill or an allocation loses no block")
    void failedCommit() {
        var volume = new SimulatedVolume(8192, 100);
        BlockAllocator allocator = volume.mount();
        volume.failCommitAfter = 0;

        assertThatThrownBy(allocator::refill).isInstanceOf(IOException.class);
        assertThat(allocator.freeBlocks() + allocator.pendingFreeBlocks()).isEqualTo(8092);
        assertThatThrownBy(() -> allocator.allocate(request.reset().count(9, 9), run))
                .isInstanceOf(IOException.class);
        assertThat(allocator.freeBlocks() + allocator.pendingFreeBlocks()).isEqualTo(8092);
        assertThat(allocator.poolBlocks()).isZero();
    }

    @Test
    void aDepartureThatWasNotAppendedLeavesTheClaimStanding() throws IOException {
        var volume = new SimulatedVolume(8192, 100);
        BlockAllocator allocator = volume.mount();
        allocator.reserve(9);
        volume.failLeaveAfter = 0;

        assertThatThrownBy(() -> allocator.allocate(
                request.reset().count(9, 9).fromReservation(true), run))
                .isInstanceOf(IOException.class);
        assertThat(allocator.freeBlocks()).isEqualTo(8092);
        assertThat(allocator.reservedBlocks()).isEqualTo(9);

        volume.failLeaveAfter = Integer.MAX_VALUE;
        assertThat(allocator.allocate(request.reset().count(9, 9).fromReservation(true), run))
                .isTrue();
        volume.use(run);
        assertThat(run.zeroed).isTrue();
    }
}
