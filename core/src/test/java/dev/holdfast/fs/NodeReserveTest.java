package dev.holdfast.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.tree.TreeMerge;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No record is appended that a checkpoint might lack nodes for. */
class NodeReserveTest {
    private static final long VOLUME_BLOCKS = 4096;
    private static final int CHUNK_NODES = 16;
    /** What the largest record that must always be possible may cost. */
    private static final long FLOOR_NODES = TreeMerge.worstCaseNodes(1, 16, 2048, 0);

    private final NodeReserve reserve = new NodeReserve(VOLUME_BLOCKS);
    private final FakeChunks chunks = new FakeChunks();
    private long items;
    private long bytes;

    /** A volume with so many chunks left, whose checkpoints settle all that is reserved. */
    private final class FakeChunks implements NodeReserve.Supplier {
        private int left;
        private int taken;
        private int checkpoints;
        private long freeNodes;
        private long settledItems;
        private long settledBytes;

        @Override
        public boolean takeChunk() {
            if (left == 0) {
                return false;
            }
            left--;
            taken++;
            freeNodes += CHUNK_NODES;
            reserve.added(CHUNK_NODES);
            return true;
        }

        @Override
        public void checkpoint() {
            checkpoints++;
            settledItems = items;
            settledBytes = bytes;
            reserve.settled(new Journal.Cut(0, items, bytes), freeNodes, 1, 0);
        }
    }

    @BeforeEach
    void start() {
        reserve.supplyFrom(chunks);
        reserve.settled(new Journal.Cut(0, 0, 0), 0, 1, 0);
    }

    private void append(Change change) throws IOException {
        reserve.reserveFor(change);
        items += change.items();
        bytes += change.itemBytes();
    }

    private static Change mapping(int records) {
        Change change = new Change();
        for (int i = 0; i < records; i++) {
            change.map(1, i, i, 1, true);
        }
        return change;
    }

    private long pendingWorst() {
        return TreeMerge.worstCaseNodes(1, items - chunks.settledItems,
                bytes - chunks.settledBytes, 0);
    }

    @Test
    void aChangeTakesAChunkWhenTheNodesItMayCostDoNotExist() throws IOException {
        chunks.left = 100;

        append(mapping(1));

        assertThat(chunks.taken).isPositive();
        assertThat(chunks.freeNodes).isGreaterThanOrEqualTo(pendingWorst());
    }

    @Test
    void mostChangesAreCoveredAheadAndAskNobody() throws IOException {
        chunks.left = 100;
        append(mapping(1));
        int taken = chunks.taken;
        for (int i = 0; i < 5; i++) {
            append(new Change().removeOrphan(7));
        }
        assertThat(chunks.taken).isEqualTo(taken);
        assertThat(chunks.checkpoints).isZero();
    }

    @Test
    void withoutChunksACheckpointSettlesWhatIsPendingAndTheChangeGoesOn() throws IOException {
        chunks.left = 4;
        for (int i = 0; i < 1000; i++) {
            append(mapping(1));
        }
        assertThat(chunks.left).isZero();
        assertThat(chunks.checkpoints).isPositive();
    }

    @Test
    void whereNothingHelpsTheChangeIsRefusedAndReservesNothing() throws IOException {
        assertThatExceptionOfType(HoldfastException.class)
                .isThrownBy(() -> reserve.reserveFor(mapping(1)))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.NO_SPACE))
                .withMessageContaining("delete files");
        assertThat(chunks.checkpoints).as("tried before it gave up").isPositive();

        // Had the refused change stayed reserved, this floor would not hold a change that frees.
        chunks.freeNodes = FLOOR_NODES;
        chunks.checkpoint();
        reserve.reserveFor(new Change().freeing().unmap(1, 0, 1, NodeReserve.FLOOR_EXTENTS));
    }

    @Test
    void howeverManyChunksAChangeTookBeforeTheyRanOutItIsRefusedInTheEnd() {
        for (int left = 1; left < 10; left++) {
            chunks.left = left;
            assertThatExceptionOfType(HoldfastException.class).as("%d chunks", left)
                    .isThrownBy(() -> reserve.reserveFor(mapping(20_000)));
        }
    }

    @Test
    void onTheFloorOnlyWhatFreesGoesOn() throws IOException {
        chunks.freeNodes = FLOOR_NODES;
        chunks.checkpoint();

        assertThatExceptionOfType(HoldfastException.class)
                .isThrownBy(() -> reserve.reserveFor(mapping(1)));
        assertThat(reserve.hasRoomFor(0)).isTrue();
        append(new Change().freeing().unmap(1, 0, 1, NodeReserve.FLOOR_EXTENTS));
    }

    @Test
    void nodesAreSparedOnlyWhileEnoughStayForSomeTime() {
        chunks.freeNodes = 10_000;
        chunks.checkpoint();

        assertThat(reserve.spare(10_000 - 1)).as("nearly all").isFalse();
        assertThat(reserve.spare(CHUNK_NODES)).as("one chunk of many").isTrue();
    }

    @Test
    void whatIsReservedBehindACutCountsBesideTheCheckpointInProgress() throws IOException {
        chunks.freeNodes = FLOOR_NODES * 4;
        chunks.checkpoint();
        append(mapping(1));
        reserve.cutting(new Journal.Cut(1, items, bytes));
        long oneTree = pendingWorst();

        chunks.left = 50;
        append(mapping(1));

        assertThat(chunks.freeNodes).as("nodes for the tree being written and for the next")
                .isGreaterThanOrEqualTo(oneTree + TreeMerge.worstCaseNodes(1, 6, 0, 0));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void whatIsPendingAlwaysHasItsNodes(long seed) throws IOException {
        Random random = new Random(seed);
        // As mkfs leaves it: changes that free never take a chunk.
        chunks.freeNodes = FLOOR_NODES;
        chunks.checkpoint();
        chunks.left = 8;
        int refused = 0;
        for (int step = 0; step < 2000; step++) {
            Change change = switch (random.nextInt(4)) {
                case 0 -> mapping(1 + random.nextInt(8));
                case 1 -> new Change().convert(1, 0, 8, 1 + random.nextInt(4));
                case 2 -> new Change().freeing().removeOrphan(step);
                default -> new Change().leaveKnownZero(step, 1);
            };
            try {
                append(change);
                if (random.nextInt(10) == 0) {
                    reserve.giveBack(change);
                    items -= change.items();
                    bytes -= change.itemBytes();
                }
            } catch (HoldfastException e) {
                refused++;
            }
            assertThat(pendingWorst()).as("step %d", step).isLessThanOrEqualTo(chunks.freeNodes);
        }
        assertThat(refused).as("changes refused though checkpoints help").isZero();
    }
}
