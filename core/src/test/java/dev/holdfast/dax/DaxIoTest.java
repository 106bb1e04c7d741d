package dev.holdfast.dax;

import static dev.holdfast.dax.Fixture.HUGE;
import static dev.holdfast.dax.Fixture.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.iomap.Iomap;
import dev.holdfast.mm.Vma;
import dev.holdfast.mutant.Mutant;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class DaxIoTest {
    @Test
    @DisplayName("R1 holes and unwritten blocks read as zero, whatever the device holds; EOF ends "
            + "it")
    void readsZeroes() throws Exception {
        try (Fixture f = Fixture.plain()) {
            f.file.unwritten(1, 1);
            f.device.putLong(f.file.pfn(1) * PAGE, 666);
            f.file.size(2 * PAGE);
            byte[] bytes = new byte[3 * PAGE];
            bytes[PAGE] = 7;
            assertThat(f.io.read(0, MemorySegment.ofArray(bytes))).isEqualTo(2 * PAGE);
            assertThat(bytes).containsOnly(0);
            assertThat(f.io.read(5 * PAGE, MemorySegment.ofArray(bytes))).isZero();
        }
    }

    @Test
    @DisplayName("R2 a write that is answered with no blocks, or shared ones, is an error, loud")
    void badAnswer() throws Exception {
        try (Fixture f = Fixture.plain()) {
            f.file.distort(iomap -> iomap.type = Iomap.Type.UNWRITTEN);
            assertThatThrownBy(() -> f.io.write(0, Fixture.longs(1)))
                    .isInstanceOf(HoldfastException.class).hasMessageContaining("UNWRITTEN");
            f.file.distort(iomap -> iomap.flags = Iomap.SHARED);
            assertThatThrownBy(() -> f.io.write(0, Fixture.longs(1)))
                    .isInstanceOf(HoldfastException.class);
            assertThat(f.file.allEnded()).isTrue();
        }
    }

    @Test
    @DisplayName("R3 B19 a write over a hole takes zero pages out of every mapping")
    void staleZeroPages() throws Exception {
        for (boolean huge : new boolean[] {false, true}) {
            assertThat(loadAfterWriteOverHole(huge)).isEqualTo(42);
        }
    }

    @Test
    @DisplayName("R3 B19 mutant STALE_ZERO_PAGE_LEFT is caught")
    void staleZeroPageLeft() throws Exception {
        assertThat(loadAfterWriteOverHole(false, Mutant.STALE_ZERO_PAGE_LEFT)).isZero();
    }

    private static long loadAfterWriteOverHole(boolean huge, Mutant... mutants) throws Exception {
        try (Fixture f = Fixture.with(mutants)) {
            Vma vma = huge ? f.mapHuge(false) : f.map(false);
            f.access(vma, 3, false);
            f.io.write(3L * PAGE, Fixture.longs(42));
            if (vma.entry(3) == 0) {
                f.access(vma, 3, false);
            }
            return f.load(vma, 3);
        }
    }

    @Test
    @DisplayName("R5 an interrupted thread is told so before anything is changed")
    void interrupted() throws Exception {
        try (Fixture f = Fixture.plain()) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> f.io.write(0, Fixture.longs(1)))
                    .isInstanceOfSatisfying(HoldfastException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERRUPTED));
            assertThat(Thread.interrupted()).isTrue();
            assertThat(f.file.allocatedPages()).isZero();
        }
    }

    @Test
    @DisplayName("R6 B11 an answer that makes no progress is an error, not an endless loop")
    void noProgress() {
        try (Fixture f = Fixture.plain()) {
            f.file.distort(iomap -> iomap.length = 0);
            assertThatThrownBy(() -> f.io.write(0, Fixture.longs(1)))
                    .isInstanceOf(HoldfastException.class);
            assertThatThrownBy(() -> f.io.read(0, Fixture.longs(1)))
                    .isInstanceOf(HoldfastException.class);
        }
    }

    @Test
    @DisplayName("R2 H3 a write that runs out of space is short, and one that finds none fails")
    void outOfSpace() throws Exception {
        try (Fixture f = Fixture.plain()) {
            f.file.written(1, 1);
            f.file.skipPfns((int) Fixture.DEVICE_PAGES - 3);
            f.file.written(0, 1);
            f.file.skipPfns(10);
            MemorySegment source = MemorySegment.ofArray(new byte[3 * PAGE]);
            assertThat(f.io.write(0, source)).isEqualTo(2 * PAGE);
            assertThatThrownBy(() -> f.io.write(5 * PAGE, source))
                    .isInstanceOfSatisfying(HoldfastException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.NO_SPACE));
        }
    }

    @Test
    @DisplayName("R9 write and a mapped view are coherent both ways")
    void coherent() throws Exception {
        try (Fixture f = Fixture.plain()) {
            Vma vma = f.map(false);
            f.io.write(3L * PAGE, Fixture.longs(41));
            f.access(vma, 3, true);
            assertThat(f.load(vma, 3)).isEqualTo(41);
            f.store(vma, 3, 42);
            long[] read = new long[1];
            f.io.read(3L * PAGE, MemorySegment.ofArray(read));
            assertThat(read[0]).isEqualTo(42);
        }
    }

    @Test
    @DisplayName("R10 what write stored has a dirty mark, also without an entry, and write-back "
            + "finds it")
    void writtenPagesAreWrittenBack() throws Exception {
        try (Fixture f = Fixture.plain()) {
            f.io.write(3L * PAGE, Fixture.longs(42));
            assertThat(f.space.isDirty(3)).isTrue();
            assertThat(f.space.nrPages()).isZero();
            assertThat(f.durableWord(f.file.pfn(3))).isZero();
            f.writeback.writeback(0, 4L * PAGE);
            assertThat(f.durableWord(f.file.pfn(3))).isEqualTo(42);
            assertThat(f.space.isDirty(3)).isFalse();
        }
    }

    @Test
    @DisplayName("R1 R9 random reads and writes over extents of all kinds behave as a byte array")
    void behavesAsBytes() throws Exception {
        long seed = 20171103;
        Random random = new Random(seed);
        try (Fixture f = Fixture.plain()) {
            byte[] model = new byte[64 * PAGE];
            f.file.unwritten(5, 3).written(9, 2);
            f.file.skipPfns(3);
            f.file.size(model.length);
            for (int step = 0; step < 400; step++) {
                int from = random.nextInt(model.length);
                byte[] bytes = new byte[1
                        + random.nextInt(Math.min(3 * PAGE, model.length - from))];
                if (random.nextBoolean()) {
                    random.nextBytes(bytes);
                    f.io.write(from, MemorySegment.ofArray(bytes));
                    System.arraycopy(bytes, 0, model, from, bytes.length);
                } else {
                    f.io.read(from, MemorySegment.ofArray(bytes));
                    assertThat(bytes).as("seed %d step %d", seed, step)
                            .isEqualTo(Arrays.copyOfRange(model, from, from + bytes.length));
                }
            }
            assertThat(f.file.allEnded()).isTrue();
        }
    }

    @Test
    @DisplayName("Z1 Z2 zeroing is durable, skips holes and unwritten blocks, and says whether it "
            + "zeroed")
    void zeroing() throws Exception {
        try (Fixture f = Fixture.plain()) {
            f.file.unwritten(4, 1);
            assertThat(f.zero.zeroRange(4L * PAGE, 5L * PAGE)).isFalse();
            f.io.write(0, Fixture.longs(1, 2, 3, 4));
            f.writeback.writeback(0, PAGE);
            assertThat(f.zero.zeroTail(8)).isTrue();
            assertThat(f.zero.zeroTail(PAGE)).isFalse();
            long[] read = new long[4];
            f.io.read(0, MemorySegment.ofArray(read));
            assertThat(read).containsExactly(1, 0, 0, 0);
            f.device.crash(line -> 0);
            f.io.read(0, MemorySegment.ofArray(read));
            assertThat(read).containsExactly(1, 0, 0, 0);
        }
    }

    @Test
    @DisplayName("Z3 Z4 a pinned page keeps its block: BUSY names file, range and page")
    void pinnedRangeIsBusy() throws Exception {
        try (Fixture f = Fixture.plain()) {
            Vma vma = f.map(false);
            f.access(vma, 3, true);
            f.space.pins().pin(3, 1, false);
            assertThatThrownBy(() -> f.layout.breakLayouts(0, 16L * PAGE))
                    .isInstanceOfSatisfying(HoldfastException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.BUSY))
                    .hasMessageContaining("fake.dat").hasMessageContaining("page 3")
                    .hasMessageContaining("65536 bytes at offset 0");
            f.layout.breakLayouts(4L * PAGE, PAGE);
            f.space.pins().unpin(3, 1, false);
            f.layout.breakLayouts(0, 16L * PAGE);
            assertThat(vma.entry(3)).isZero();
        }
    }

    @Test
    @DisplayName("Z3 truncation unmaps and forgets whole pages past the end, and keeps the rest "
            + "dirty")
    void truncation() throws Exception {
        try (Fixture f = Fixture.plain()) {
            Vma vma = f.mapHuge(false);
            f.access(vma, 0, true);
            f.store(vma, 2, 42);
            f.layout.truncatePages(3L * PAGE - 10);
            assertThat(vma.entry(2)).isZero();
            assertThat(f.space.nrPages()).isZero();
            assertThat(f.space.isDirty(2)).as("its bytes are still to be persisted").isTrue();
            assertThat(f.space.isDirty(3)).isFalse();
            f.writeback.writeback(0, HUGE * (long) PAGE);
            assertThat(f.durableWord(f.file.pfn(2))).isEqualTo(42);
            assertThat(f.context.writebacks().bytes()).isEqualTo(3L * PAGE);
        }
    }

    @Test
    @DisplayName("Z6 invalidation drops clean entries and keeps dirty ones")
    void invalidation() throws Exception {
        try (Fixture f = Fixture.plain()) {
            f.file.written(3, 2);
            Vma vma = f.map(false);
            f.access(vma, 3, true);
            f.access(vma, 4, false);
            f.layout.invalidate(0, 16L * PAGE);
            assertThat(f.isWritable(vma, 3)).isTrue();
            assertThat(vma.entry(4)).isZero();
            assertThat(f.space.nrPages()).isEqualTo(1);
        }
    }
}
