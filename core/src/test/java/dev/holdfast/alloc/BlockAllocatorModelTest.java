package dev.holdfast.alloc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.alloc.Request.Content;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Random operations against {@link SimulatedVolume}, which asserts every rule as they go on. */
class BlockAllocatorModelTest {
    private static final int TOTAL = 6000;

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    @DisplayName("S9: no block has two owners, foreign content, or a false claim after any crash")
    void keepsEveryRule(long seed) throws IOException {
        var storm = new Storm(seed, Mutants.NONE, false);
        storm.run(2500);
        assertThat(storm.volume.leaves).isPositive();
        assertThat(storm.volume.joins).isPositive();
        assertThat(storm.crashes).isPositive();
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {11, 12, 13, 14})
    @DisplayName("S9: the rules hold when appends, commits and zeroing fail now and then")
    void keepsEveryRuleWhenTheLogFails(long seed) throws IOException {
        new Storm(seed, Mutants.NONE, true).run(2500);
    }

    @ParameterizedTest
    @EnumSource(names = {
        "FREED_BLOCK_REUSED_AT_ONCE",
        "FREED_BLOCK_ZEROED_EARLY",
        "KNOWN_ZERO_CLAIM_NOT_DURABLE"
    })
    void catchesTheMutant(Mutant mutant) {
        assertThatThrownBy(() -> new Storm(1, Mutants.of(mutant), false).run(2500))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(switch (mutant) {
                    case FREED_BLOCK_REUSED_AT_ONCE -> "before its free is durable";
                    case FREED_BLOCK_ZEROED_EARLY -> "zeroed before its free is durable";
                    default -> "stored to while its claim may survive";
                });
    }

    @Test
    void emptiesAndFillsAVolumeToTheLastBlock() throws IOException {
        var storm = new Storm(21, Mutants.NONE, false);
        storm.run(500);
        storm.fill();
        assertThat(storm.allocator.freeBlocks()).isEqualTo(storm.allocator.reservedBlocks());
    }

    /** One seeded course of operations on one volume, over several mounts. */
    private static final class Storm {
        private final long seed;
        private final Random random;
        private final Mutants mutants;
        private final boolean failing;
        private final SimulatedVolume volume = new SimulatedVolume(TOTAL, 70);
        private final List<long[]> files = new ArrayList<>();
        private final Request request = new Request();
        private final Run run = new Run();
        private BlockAllocator allocator;
        private long reserved;
        private int crashes;

        Storm(long seed, Mutants mutants, boolean failing) {
            this.seed = seed;
            this.random = new Random(seed);
            this.mutants = mutants;
            this.failing = failing;
            allocator = volume.mount(mutants);
        }

        void run(int steps) throws IOException {
            for (int step = 0; step < steps; step++) {
                try {
                    armFailures();
                    step();
                } catch (IOException e) {
                    assertThat(failing).as("seed %d step %d: %s", seed, step, e).isTrue();
                } finally {
                    disarmFailures();
                }
                requireExact("seed " + seed + " step " + step);
                if (step % 200 == 0) {
                    volume.requireRecoverable();
                }
            }
        }

        private void step() throws IOException {
            switch (random.nextInt(16)) {
                case 0, 1, 2, 3, 4, 5 -> allocate();
                case 6, 7, 8 -> free();
                case 9, 10 -> allocator.refill();
                case 11, 12 -> {
                    volume.commit(volume.durableRecords()
                            + random.nextInt(volume.records() - volume.durableRecords() + 1));
                    allocator.onDurable(volume.durableLsn());
                }
                case 13 -> {
                    long count = random.nextInt(40);
                    if (allocator.reserve(count)) {
                        reserved += count;
                    }
                }
                case 14 -> {
                    long count = random.nextInt((int) reserved + 1);
                    allocator.unreserve(count);
                    reserved -= count;
                }
                default -> rarely();
            }
        }

        private void allocate() throws IOException {
            request.reset().stream(random.nextInt(20))
                    .content(random.nextBoolean() ? Content.ZERO_WANTED : Content.ANY);
            int max = 1 + random.nextInt(random.nextInt(4) == 0 ? 900 : 8);
            request.count(1 + random.nextInt(max), max);
            switch (random.nextInt(5)) {
                case 0 -> request.huge();
                case 1 -> request.colour(random.nextInt(512));
                case 2 -> request.goal(random.nextInt(TOTAL));
                case 3 -> request.fromReservation(true).count(1, max);
                default -> request.align(1L << random.nextInt(6));
            }
            long limit = request.fromReservation ? reserved : allocator.availableBlocks();
            if (!allocator.allocate(request, run)) {
                boolean oneBlock = request.minCount == 1 && request.align == 1;
                assertThat(oneBlock && limit > 0).as("refused %s", request).isFalse();
                return;
            }
            disarmFailures(); // what the caller does with the run succeeds
            assertThat(run.count).isBetween(request.minCount, request.maxCount);
            assertThat(run.block % request.align).isZero();
            if (random.nextInt(12) == 0) {
                allocator.giveBack(run, request.fromReservation);
                return;
            }
            reserved -= request.fromReservation ? run.count : 0;
            if (!run.zeroed && random.nextBoolean()) {
                volume.zeroAndPersist(run.block, run.count);
            }
            volume.use(run);
            files.add(new long[] {run.block, run.count});
        }

        private void free() {
            if (files.isEmpty()) {
                return;
            }
            int index = random.nextInt(files.size());
            long[] file = files.get(index);
            files.set(index, files.getLast());
            files.removeLast();
            long keep = random.nextInt(3) == 0 ? random.nextLong(file[1]) : 0;
            if (keep > 0) {
                files.add(new long[] {file[0], keep});
            }
            long lsn = volume.unmap(file[0] + keep, file[1] - keep);
            allocator.free(file[0] + keep, file[1] - keep, lsn);
        }

        private void rarely() throws IOException {
            switch (random.nextInt(12)) {
                case 0 -> {
                    crashes++;
                    volume.crash(volume.durableRecords()
                            + random.nextInt(volume.records() - volume.durableRecords() + 1));
                    remount();
                }
                case 1 -> {
                    allocator.releasePool();
                    assertThat(allocator.poolBlocks()).isZero();
                    volume.commit(volume.records());
                    volume.crash(volume.records());
                    remount();
                }
                case 2 -> {
                    while (allocator.needsRefill()) {
                        assertThat(allocator.refill()).isPositive();
                    }
                    assertThat(allocator.refill()).isZero();
                }
                default -> allocator.refill();
            }
        }

        private void remount() {
            files.clear();
            BitSet owned = volume.owned();
            for (int from = owned.nextSetBit(70); from >= 0;) {
                int to = owned.nextClearBit(from);
                files.add(new long[] {from, to - from});
                from = owned.nextSetBit(to);
            }
            reserved = 0;
            allocator = volume.mount(mutants);
        }

        void fill() throws IOException {
            volume.commit(volume.records());
            allocator.onDurable(volume.durableLsn());
            while (allocator.allocate(request.reset().count(1, 100), run)) {
                volume.use(run);
            }
            requireExact("full, seed " + seed);
        }

        private void armFailures() {
            if (failing && random.nextInt(6) == 0) {
                volume.failLeaveAfter = random.nextInt(2);
                volume.failJoinAfter = random.nextInt(2);
                volume.failCommitAfter = random.nextInt(2);
                volume.failZeroAfter = random.nextInt(2);
            }
        }

        private void disarmFailures() {
            volume.failLeaveAfter = Integer.MAX_VALUE;
            volume.failJoinAfter = Integer.MAX_VALUE;
            volume.failCommitAfter = Integer.MAX_VALUE;
            volume.failZeroAfter = Integer.MAX_VALUE;
        }

        /** Every block is owned, free or pending: exactly one of them. */
        private void requireExact(String when) {
            var seen = new BitSet();
            var free = new long[2];
            allocator.forEachFree((block, count) -> {
                seen.set((int) block, (int) (block + count));
                free[0] += count;
            }, (block, count) -> {
                seen.set((int) block, (int) (block + count));
                free[1] += count;
            });
            assertThat(allocator.freeBlocks()).as(when).isEqualTo(free[0]);
            assertThat(allocator.reservedBlocks()).as(when).isEqualTo(reserved);
            assertThat(allocator.availableBlocks()).as(when)
                    .isEqualTo(Math.max(0, free[0] - reserved));
            assertThat(free[0] + free[1]).as(when).isEqualTo(seen.cardinality());
            BitSet owned = volume.owned();
            assertThat(owned.intersects(seen)).as(when).isFalse();
            seen.or(owned);
            assertThat(seen.cardinality()).as(when).isEqualTo(TOTAL);
        }
    }
}
