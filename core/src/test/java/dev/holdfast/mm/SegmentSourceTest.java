package dev.holdfast.mm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.device.MemfdDevice;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Segments of one mapping whose first page is page 700 of the file, on a device of 8 MiB. */
class SegmentSourceTest {
    private static final long PAGE = 4096;
    private static final long FIRST = 700;
    private static final long PAGES = 900;

    private final PinTable pins = new PinTable("/wal");
    private final VmaList vmas = new VmaList(Mutants.NONE);
    private final Vma vma = new Vma(FIRST * PAGE, PAGES * PAGE, true, true, true, true);
    private MemfdDevice device;
    private SegmentSource source;

    @BeforeEach
    void open() throws IOException {
        device = MemfdDevice.create("segments", 8 << 20);
        source = new SegmentSource(device, vma, pins, () -> vmas.remove(vma));
        vmas.add(vma);
    }

    @AfterEach
    void close() {
        source.close();
        if (!source.isHeld()) {
            device.close();
        }
    }

    private void map(long filePage, long block) {
        assertThat(vma.table().insertPte(vma.tablePage(filePage), block, true).isMapped()).isTrue();
    }

    private MemorySegment writable(Arena arena, long filePage, long pages) throws IOException {
        return source.segment(arena, filePage * PAGE, pages * PAGE, true);
    }

    private MemorySegment readable(Arena arena, long filePage, long pages) throws IOException {
        return source.segment(arena, filePage * PAGE, pages * PAGE, false);
    }

    @Test
    void anUnmappedRangeMustFaultAndStaysUnpinned() throws IOException {
        map(700, 5);
        try (Arena arena = Arena.ofConfined()) {
            assertThat(readable(arena, 700, 2)).isNull();
            assertThat(pins.pinnedBytes()).isZero();
            assertThat(readable(arena, 700, 1)).isNotNull();
        }
    }

    @Test
    @DisplayName("B18 a page that is only readable gives no writable segment")
    void readOnlyPages() throws IOException {
        vma.table().insertPte(vma.tablePage(700), 5, false);
        try (Arena arena = Arena.ofConfined()) {
            assertThat(writable(arena, 700, 1)).isNull();
            MemorySegment segment = readable(arena, 700, 1);
            assertThat(segment.isReadOnly()).isTrue();
            assertThatThrownBy(() -> segment.set(JAVA_BYTE, 0, (byte) 1))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void contiguousBlocksAreTheDevicesOwnMemory() throws IOException {
        map(700, 5);
        map(701, 6);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = source.segment(arena, 700 * PAGE + 10, PAGE, true);
            segment.set(JAVA_LONG_UNALIGNED, PAGE - 8, 77);

            assertThat(segment.byteSize()).isEqualTo(PAGE);
            assertThat(segment.address()).isEqualTo(device.memory().address() + 5 * PAGE + 10);
            assertThat(device.getLong(6 * PAGE + 2)).isEqualTo(77);
        }
    }

    @Test
    void aHugeEntryIsContiguousWithPtesThatFollowIt() throws IOException {
        vma.table().insertPmd(vma.tableHuge(2), 512, true);
        map(1023, 511);
        map(1536, 1024);
        try (Arena arena = Arena.ofConfined()) {
            assertThat(writable(arena, 1023, 514).address())
                    .isEqualTo(device.memory().address() + 511 * PAGE);
        }
    }

    @Test
    @DisplayName("R9 scattered blocks lie side by side in the window, coherent both ways")
    void scatteredBlocks() throws IOException {
        long[] blocks = {9, 10, 3, 40, 39};
        for (int i = 0; i < blocks.length; i++) {
            map(800 + i, blocks[i]);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = writable(arena, 800, blocks.length);
            for (int i = 0; i < blocks.length; i++) {
                segment.set(JAVA_LONG_UNALIGNED, i * PAGE + 16, 100 + i);
                assertThat(device.getLong(blocks[i] * PAGE + 16)).isEqualTo(100 + i);
                device.putLong(blocks[i] * PAGE + 24, 200 + i);
                assertThat(segment.get(JAVA_LONG_UNALIGNED, i * PAGE + 24)).isEqualTo(200 + i);
            }
            assertThat(writable(arena, 800, blocks.length).address())
                    .as("what is laid stays").isEqualTo(segment.address());
        }
    }

    @Test
    @DisplayName("R9 a block laid over a hole is seen by segments handed out before")
    void holeRelay() throws IOException {
        vma.table().insertZeroPte(vma.tablePage(900));
        vma.table().insertZeroPte(vma.tablePage(901));
        try (Arena arena = Arena.ofShared()) {
            MemorySegment hole = readable(arena, 900, 2);
            assertThat(hole.get(JAVA_LONG_UNALIGNED, PAGE)).isZero();
            assertThat(hole.isReadOnly()).isTrue();

            device.putLong(20 * PAGE, 1234);
            vmas.unmap(901, 1);
            vmas.relay(901, 20 * PAGE, 1);
            map(901, 20);
            writable(arena, 901, 1).set(JAVA_LONG_UNALIGNED, 8, 5678);

            assertThat(hole.get(JAVA_LONG_UNALIGNED, PAGE)).isEqualTo(1234);
            assertThat(hole.get(JAVA_LONG_UNALIGNED, PAGE + 8)).isEqualTo(5678);
            assertThat(hole.get(JAVA_LONG_UNALIGNED, 0)).isZero();
        }
    }

    @Test
    @DisplayName("R9 relaying touches no page that was not handed out as a hole")
    void relayElsewhere() throws IOException {
        map(900, 9);
        map(901, 3);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = writable(arena, 900, 2);
            vmas.relay(0, 50 * PAGE, 2000);
            segment.set(JAVA_BYTE, PAGE, (byte) 7);

            assertThat(device.getByte(3 * PAGE)).isEqualTo((byte) 7);
        }
    }

    @Test
    @DisplayName("M5 R9 a huge zero page is a hole too")
    void hugeHole() throws IOException {
        vma.table().insertZeroPmd(vma.tableHuge(2));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment hole = readable(arena, 1024, 512);
            vma.unmap(1024, 512);
            device.putLong(100 * PAGE, 9);
            vmas.relay(1030, 100 * PAGE, 1);

            assertThat(hole.get(JAVA_LONG_UNALIGNED, 6 * PAGE)).isEqualTo(9);
            assertThat(hole.get(JAVA_LONG_UNALIGNED, 511 * PAGE)).isZero();
        }
    }

    @Test
    @DisplayName("Z3 after unmapping, a page is laid anew: another block, or a hole")
    void layAnew() throws IOException {
        map(800, 9);
        map(801, 3);
        try (Arena arena = Arena.ofConfined()) {
            writable(arena, 800, 2).fill((byte) 1);
        }
        assertThat(pins.firstPinned(800, 2)).isEqualTo(-1);
        vmas.unmap(800, 2);
        vma.table().insertZeroPte(vma.tablePage(800));
        map(801, 30);
        device.putByte(30 * PAGE, (byte) 8);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = readable(arena, 800, 2);

            assertThat(segment.get(JAVA_BYTE, 0)).isZero();
            assertThat(segment.get(JAVA_BYTE, PAGE)).isEqualTo((byte) 8);
        }
    }

    @Test
    @DisplayName("Z3 a range is pinned from the first segment to the closing of its arena")
    void pinsEndWithTheirArena() throws IOException {
        map(700, 5);
        map(701, 6);
        for (Arena arena : new Arena[] {Arena.ofConfined(), Arena.ofShared()}) {
            MemorySegment segment = writable(arena, 700, 1);
            readable(arena, 701, 1);
            assertThat(pins.firstPinned(0, 1 << 20)).isEqualTo(700);
            assertThat(pins.pinnedBytes()).isEqualTo(2 * PAGE);
            assertThat(source.isHeld()).isTrue();

            arena.close();

            assertThat(pins.firstPinned(0, 1 << 20)).isEqualTo(-1);
            assertThat(source.isHeld()).isFalse();
            assertThatThrownBy(() -> segment.set(JAVA_BYTE, 0, (byte) 1))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void theHolderIsNamed() throws IOException {
        map(700, 5);
        map(701, 6);
        try (Arena confined = Arena.ofConfined(); Arena shared = Arena.ofShared()) {
            writable(confined, 700, 2);
            assertThat(pins.holderOf(700)).contains("/wal", "pages 700 to 701", "confined arena of "
                    + Thread.currentThread().getName());
            map(800, 7);
            readable(shared, 800, 1);
            assertThat(pins.holderOf(800)).contains("shared or automatic arena");
            map(801, 8);
            readable(Arena.global(), 801, 1);
            assertThat(pins.holderOf(801)).contains("global arena");
        }
    }

    @Test
    void twoArenasHoldAPageEach() throws IOException {
        map(700, 5);
        Arena first = Arena.ofConfined();
        Arena second = Arena.ofConfined();
        writable(first, 700, 1);
        MemorySegment segment = readable(second, 700, 1);
        first.close();

        assertThat(pins.firstPinned(700, 1)).isEqualTo(700);
        assertThat(segment.get(JAVA_BYTE, 0)).isZero();
        second.close();
        assertThat(pins.firstPinned(700, 1)).isEqualTo(-1);
    }

    @Test
    void aGlobalArenaHoldsForEver() throws IOException {
        map(700, 5);
        writable(Arena.global(), 700, 1).set(JAVA_BYTE, 0, (byte) 3);
        source.close();

        assertThat(pins.firstPinned(700, 1)).isEqualTo(700);
        assertThat(source.isHeld()).isTrue();
    }

    @Test
    void anAutomaticArenaIsNotKeptAliveByItsPins() throws Exception {
        map(700, 5);
        MemorySegment segment = writable(Arena.ofAuto(), 700, 1);
        segment.set(JAVA_BYTE, 0, (byte) 1);
        System.gc();
        assertThat(pins.firstPinned(700, 1)).as("a segment keeps its pin").isEqualTo(700);
        assertThat(segment.get(JAVA_BYTE, 0)).isEqualTo((byte) 1);
        segment = null;

        CountDownLatch collected = new CountDownLatch(1);
        try (Arena other = Arena.ofConfined()) {
            map(701, 6);
            readable(other, 701, 1);
        }
        for (int tries = 0; pins.firstPinned(700, 1) >= 0 && tries < 100; tries++) {
            System.gc();
            collected.await(10, TimeUnit.MILLISECONDS);
        }
        assertThat(pins.firstPinned(700, 1)).isEqualTo(-1);
    }

    @Test
    void aSharedArenaKeepsOnePinAfterItsPinSetWasCollected() throws IOException {
        map(700, 5);
        try (Arena arena = Arena.ofShared()) {
            writable(arena, 700, 1);
            System.gc();
            assertThat(writable(arena, 700, 1)).isNotNull();
            assertThat(pins.pinnedBytes()).isEqualTo(PAGE);
        }
        assertThat(pins.pinnedBytes()).isZero();
    }

    @Test
    void aConfinedArenaIsRefusedToAnotherThread() throws Exception {
        map(700, 5);
        try (Arena fresh = Arena.ofConfined(); Arena known = Arena.ofConfined()) {
            readable(known, 700, 1);
            for (Arena arena : new Arena[] {fresh, known}) {
                FutureTask<MemorySegment> other = new FutureTask<>(() -> readable(arena, 700, 1));
                Thread.ofPlatform().name("other").start(other);
                assertThatThrownBy(other::get)
                        .cause().isInstanceOf(WrongThreadException.class)
                        .hasMessageContainingAll("confined arena", "other");
            }
            assertThat(pins.pinnedBytes()).isEqualTo(PAGE);
        }
    }

    @Test
    void aClosedArenaOrSourceIsRefused() throws IOException {
        map(700, 5);
        Arena used = Arena.ofConfined();
        readable(used, 700, 1);
        used.close();
        assertThatThrownBy(() -> readable(used, 700, 1))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
        Arena fresh = Arena.ofShared();
        fresh.close();
        assertThatThrownBy(() -> readable(fresh, 700, 1)).isInstanceOf(IllegalStateException.class);
        assertThat(source.isHeld()).isFalse();
        source.close();
        assertThatThrownBy(() -> readable(Arena.global(), 700, 1))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("/wal");
        assertThat(pins.pinnedBytes()).isZero();
    }

    @Test
    void aWindowOutlivesItsMappingUntilTheLastArenaCloses() throws IOException {
        map(700, 5);
        map(701, 3);
        Arena arena = Arena.ofConfined();
        MemorySegment segment = writable(arena, 700, 2);
        source.close();
        segment.set(JAVA_BYTE, PAGE, (byte) 4);

        assertThat(device.getByte(3 * PAGE)).isEqualTo((byte) 4);
        assertThat(vmas.isEmpty()).isFalse();
        arena.close();
        assertThat(source.isHeld()).isFalse();
        assertThat(vmas.isEmpty()).as("the owner was told").isTrue();
        source.relay(700, 5 * PAGE, 2);
        assertThatThrownBy(() -> segment.get(JAVA_BYTE, 0))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void rangesOutsideTheMappingAreRefused() {
        assertThatThrownBy(() -> readable(Arena.global(), 699, 1))
                .isInstanceOf(IndexOutOfBoundsException.class).hasMessageContaining("/wal");
        assertThatThrownBy(() -> readable(Arena.global(), FIRST, PAGES + 1))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> source.segment(Arena.global(), FIRST * PAGE, 0, false))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> source.segment(Arena.global(), FIRST * PAGE, -5, false))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void aReadOnlyMappingGivesNoWritableSegment() {
        Vma readOnly = new Vma(0, PAGE, true, false, false, true);
        SegmentSource reader = new SegmentSource(device, readOnly, pins, () -> {});

        assertThatThrownBy(() -> reader.segment(Arena.global(), 0, 1, true))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThat(pins.pinnedBytes()).isZero();
    }

    @Test
    @DisplayName("H1 stores to a private mapping stay private, over blocks and holes")
    void privateMapping() throws IOException {
        Vma copy = new Vma(FIRST * PAGE, 3 * PAGE, false, false, true, false);
        SegmentSource privately = new SegmentSource(device, copy, pins, () -> {});
        device.putByte(9 * PAGE, (byte) 1);
        device.putByte(3 * PAGE, (byte) 2);
        privately.layPrivate(700, 9 * PAGE, 1);
        privately.layPrivateHole(701, 1);
        privately.layPrivate(702, 3 * PAGE, 1);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = privately.segment(arena, 700 * PAGE, 3 * PAGE, true);
            assertThat(segment.get(JAVA_BYTE, 0)).isEqualTo((byte) 1);
            assertThat(segment.get(JAVA_BYTE, PAGE)).isZero();
            assertThat(segment.get(JAVA_BYTE, 2 * PAGE)).isEqualTo((byte) 2);
            assertThat(pins.firstPinned(702, 1)).as("its blocks are pinned").isEqualTo(702);
            pins.forEachWritablePinned(0, 1000, (page, pages) -> {
                throw new AssertionError("fsync has nothing to persist at page " + page);
            });

            segment.fill((byte) 9);

            assertThat(device.getByte(9 * PAGE)).isEqualTo((byte) 1);
            assertThat(device.getByte(3 * PAGE)).isEqualTo((byte) 2);
            assertThat(segment.get(JAVA_BYTE, PAGE)).isEqualTo((byte) 9);
        }
        privately.close();
    }

    @Test
    @DisplayName("Z3 of a segment handed out and its block taken away at once, one gives way")
    void handingOutAgainstTakingAway() throws Exception {
        map(700, 5);
        FutureTask<Integer> taker = new FutureTask<>(() -> {
            int taken = 0;
            for (int round = 0; round < 2000; round++) {
                vmas.unmap(700, 1);
                if (pins.firstPinned(700, 1) < 0) {
                    device.putByte(5 * PAGE, (byte) 1);
                    device.putByte(5 * PAGE, (byte) 0);
                    taken++;
                }
                map(700, 5);
            }
            return taken;
        });
        Thread.ofPlatform().start(taker);
        int handedOut = 0;
        while (!taker.isDone()) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment segment = readable(arena, 700, 1);
                if (segment != null) {
                    handedOut++;
                    assertThat(segment.get(JAVA_BYTE, 0)).as("a freed block is seen").isZero();
                }
            }
        }
        assertThat(taker.get() + handedOut).isPositive();
        assertThat(pins.pinnedBytes()).isZero();
    }
}
