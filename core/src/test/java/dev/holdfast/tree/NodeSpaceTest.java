package dev.holdfast.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.codec.LittleEndian;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.device.MemfdDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeSpaceTest {
    private static final List<NodeSpace.Chunk> CHUNK = List.of(new NodeSpace.Chunk(32, 16));

    private DaxDevice device;

    @BeforeEach
    void create() throws IOException {
        device = MemfdDevice.create("space", 8 << 20);
    }

    @AfterEach
    void close() {
        device.close();
    }

    private NodeSpace newSpace(Mutant... mutants) throws IOException {
        var space = new NodeSpace(device, Mutants.of(mutants));
        space.addChunk(32, 16);
        return space;
    }

    private NodeSpace loaded(long generation) throws IOException {
        var space = new NodeSpace(device, Mutants.NONE);
        space.load(generation, CHUNK);
        return space;
    }

    private static void assertCorrupt(Throwable failure) {
        assertThat(failure).isInstanceOfSatisfying(HoldfastException.class, e ->
                assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT));
    }

    /** Writes a checkpoint that has one node, replacing {@code old} unless that is 0. */
    private static long replace(NodeSpace space, long old, long generation) throws IOException {
        space.begin();
        long block = space.allocate();
        if (old != 0) {
            space.free(old);
        }
        space.writeBitmaps(generation);
        space.commit();
        return block;
    }

    @Test
    void aNodeIsReusedOnceNoDurableCheckpointHasIt() throws IOException {
        var space = newSpace();
        long first = replace(space, 0, 1);
        long second = replace(space, first, 2);
        long third = replace(space, second, 3);
        assertThat(Set.of(first, second, third)).hasSize(3);
        assertThat(replace(space, third, 4)).isEqualTo(first);
        assertThat(space.isLive(first)).isTrue();
        assertThat(space.isLive(third)).isFalse();
    }

    @Test
    void theMutantReusesNodesOfTheCheckpointBefore() throws IOException {
        var space = newSpace(Mutant.LIVE_NODES_REUSED);
        long first = replace(space, 0, 1);
        long second = replace(space, first, 2);
        assertThat(replace(space, second, 3)).isEqualTo(first);
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 65, 128, 511, 512})
    void everyNodeOfAChunkIsGivenOnce(int blocks) throws IOException {
        var space = new NodeSpace(device, Mutants.NONE);
        space.addChunk(64, blocks);
        space.begin();
        var given = new HashSet<Long>();
        for (int i = 1; i < blocks; i++) {
            assertThat(space.freeNodes()).isEqualTo(blocks - i);
            long block = space.allocate();
            assertThat(block).isBetween(65L, 63L + blocks);
            assertThat(given.add(block)).isTrue();
        }
        assertThatThrownBy(space::allocate).isInstanceOfSatisfying(HoldfastException.class, e ->
                assertThat(e.code()).isEqualTo(ErrorCode.NO_SPACE));
        space.writeBitmaps(1);
        space.commit();
        var again = new NodeSpace(device, Mutants.NONE);
        again.load(1, List.of(new NodeSpace.Chunk(64, blocks)));
        assertThat(again.liveNodes()).isEqualTo(blocks - 1);
        assertThat(again.freeNodes()).isZero();
    }

    @Test
    void abortGivesBackWhatWasTaken() throws IOException {
        var space = newSpace();
        long first = replace(space, 0, 1);
        space.begin();
        space.allocate();
        space.free(first);
        space.abort();
        assertThat(space.freeNodes()).isEqualTo(14);
        assertThat(space.isLive(first)).isTrue();
    }

    @Test
    void whatWillBeFreeIsKnownBeforeTheCommit() throws IOException {
        var space = newSpace();
        long node = 0;
        for (int generation = 1; generation < 6; generation++) {
            space.begin();
            long taken = space.allocate();
            space.free(space.allocate());
            if (node != 0) {
                space.free(node);
            }
            long promised = space.freeNodesAfterCommit();
            space.commit();
            assertThat(space.freeNodes()).isEqualTo(promised)
                    .isEqualTo(generation == 1 ? 14 : 13);
            assertThat(space.freeNodesAfterCommit()).isEqualTo(14);
            node = taken;
        }
    }

    @Test
    void aNodeTakenAndGivenBackInOneCheckpointIsFreeAtOnce() throws IOException {
        var space = newSpace();
        space.begin();
        long block = space.allocate();
        space.free(block);
        assertThat(space.freeNodes()).isEqualTo(15);
        assertThat(space.allocate()).isEqualTo(block);
    }

    @Test
    void givingBackANodeThatIsNotLiveIsCorruption() throws IOException {
        var space = newSpace();
        space.begin();
        for (long block : new long[] {0, 32, 33, 48, 5000}) {
            assertThatThrownBy(() -> space.free(block)).satisfies(NodeSpaceTest::assertCorrupt);
        }
    }

    @Test
    void loadingProtectsBothDurableCheckpoints() throws IOException {
        var space = newSpace();
        long first = replace(space, 0, 1);
        long second = replace(space, first, 2);
        var again = loaded(2);
        assertThat(again.liveNodes()).isEqualTo(1);
        assertThat(again.freeNodes()).isEqualTo(13);
        again.begin();
        assertThat(again.allocate()).isNotIn(first, second);
    }

    @Test
    void theOlderCheckpointLoadsWhileAThirdIsHalfWritten() throws IOException {
        var space = newSpace();
        long first = replace(space, 0, 1);
        replace(space, first, 2);
        space.begin();
        space.allocate();
        space.writeBitmaps(3);
        var newest = loaded(2);
        assertThat(newest.freeNodes()).isEqualTo(13);
        var older = loaded(1);
        assertThat(older.isLive(first)).isTrue();
        assertThat(older.liveNodes()).isEqualTo(1);
    }

    @Test
    void everyFlippedByteOfTheOnlyHalfIsFound() throws IOException {
        replace(newSpace(), 0, 1);
        long half = 32L * Layout.BLOCK_BYTES + Layout.HALF_STRIDE;
        for (int i = 0; i < Layout.HALF_BYTES; i++) {
            byte was = device.getByte(half + i);
            device.putByte(half + i, (byte) (was ^ 0x10));
            assertThatThrownBy(() -> loaded(1)).satisfies(NodeSpaceTest::assertCorrupt)
                    .hasMessageContaining("block 32");
            device.putByte(half + i, was);
        }
        assertThat(loaded(1).liveNodes()).isEqualTo(1);
    }

    @Test
    void aHeaderOfAnotherGenerationOrPlaceIsFound() throws IOException {
        replace(newSpace(), 0, 1);
        assertThatThrownBy(() -> loaded(3)).satisfies(NodeSpaceTest::assertCorrupt)
                .hasMessageContaining("generation");
        byte[] header = new byte[Layout.BLOCK_BYTES];
        device.get(32L * Layout.BLOCK_BYTES, header, 0, header.length);
        device.put(64L * Layout.BLOCK_BYTES, header, 0, header.length);
        assertThatThrownBy(() -> new NodeSpace(device, Mutants.NONE)
                .load(1, List.of(new NodeSpace.Chunk(64, 16))))
                .satisfies(NodeSpaceTest::assertCorrupt).hasMessageContaining("place");
        assertThatThrownBy(() -> new NodeSpace(device, Mutants.NONE)
                .load(1, List.of(new NodeSpace.Chunk(32, 32))))
                .satisfies(NodeSpaceTest::assertCorrupt).hasMessageContaining("place");
    }

    @Test
    void bitsPastTheLastNodeAreFound() throws IOException {
        replace(newSpace(), 0, 1);
        byte[] half = new byte[Layout.HALF_BYTES];
        long at = 32L * Layout.BLOCK_BYTES + Layout.HALF_STRIDE;
        device.get(at, half, 0, half.length);
        half[Layout.HALF_LIVE_AT + 1] |= (byte) 0x80;
        LittleEndian.putInt(half, Layout.HALF_CRC_AT,
                Checksum.crc32c(half, Layout.HALF_MAGIC_AT, Layout.HALF_BYTES));
        device.put(at, half, 0, half.length);
        assertThatThrownBy(() -> loaded(1)).satisfies(NodeSpaceTest::assertCorrupt)
                .hasMessageContaining("bits");
    }

    @Test
    void aChunkThatCannotBeIsRefused() throws IOException {
        var space = newSpace();
        long[][] bad = {{64, 15}, {64, 513}, {3, 16}, {-1, 16}, {2040, 16}, {Long.MAX_VALUE, 16},
            {40, 16}, {17, 16}, {32, 16}, {20, 64}};
        for (long[] chunk : bad) {
            assertThatThrownBy(() -> space.addChunk(chunk[0], (int) chunk[1]))
                    .satisfies(NodeSpaceTest::assertCorrupt);
        }
        space.addChunk(48, 16);
        space.addChunk(16, 16);
        assertThat(space.chunks()).hasSize(3);
    }

    @Test
    void aChunkAddedDuringACheckpointRestsUntilItsEnd() throws IOException {
        var space = newSpace();
        space.begin();
        space.addChunk(16, 16);
        assertThat(space.freeNodes()).isEqualTo(15);
        assertThat(space.freeNodesAfterCommit()).isEqualTo(30);
        assertThat(space.allocate()).isGreaterThan(32);
        space.writeBitmaps(1);
        assertThat(device.getInt(16L * Layout.BLOCK_BYTES + Layout.HALF_STRIDE)).isZero();
        space.commit();
        assertThat(space.freeNodes()).isEqualTo(29);
        space.begin();
        assertThat(space.allocate()).isEqualTo(17);
    }

    @Test
    void aChunkIsIdleOnceNoCheckpointUsesIt() throws IOException {
        var space = newSpace();
        assertThat(space.idleChunks()).isEqualTo(CHUNK);
        long first = replace(space, 0, 1);
        space.begin();
        space.free(first);
        space.writeBitmaps(2);
        space.commit();
        assertThat(space.idleChunks()).isEmpty();
        assertThatThrownBy(() -> space.removeChunk(32))
                .isInstanceOf(IllegalArgumentException.class);
        space.begin();
        space.writeBitmaps(3);
        assertThatThrownBy(() -> space.removeChunk(32)).isInstanceOf(IllegalStateException.class);
        space.commit();
        assertThat(space.idleChunks()).isEqualTo(CHUNK);
        space.removeChunk(32);
        assertThat(space.freeNodes()).isZero();
    }

    @Test
    void bitmapsTakeOneBarrier() throws IOException {
        var space = newSpace();
        space.addChunk(64, 512);
        space.begin();
        long bytes = device.counters().bytes();
        space.writeBitmaps(1);
        assertThat(device.counters().bytes() - bytes).isEqualTo(2L * Layout.HALF_BYTES);
    }

    @Test
    void stepsOutOfOrderAreRefused() throws IOException {
        var space = newSpace();
        assertThatThrownBy(space::allocate).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(space::commit).isInstanceOf(IllegalStateException.class);
        space.begin();
        assertThatThrownBy(space::begin).isInstanceOf(IllegalStateException.class);
    }
}
