package dev.holdfast.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.device.MemfdDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.tree.Overlay;
import dev.holdfast.tree.Root;
import dev.holdfast.tree.Tree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The heap's extents, the fold's extents and a plain array of blocks do the same. */
class ExtentMapModelTest {
    private static final int BLOCKS = 64;
    private static final long INO = 5;

    /** Device block of each file block, 0 for a hole, negative where unwritten. */
    private final long[] model = new long[BLOCKS];
    private final ExtentMap map = new ExtentMap();

    @Test
    void theMapTheFoldAndAnArrayDoTheSame() throws IOException {
        for (long seed = 0; seed < 60; seed++) {
            try (MemfdDevice device = MemfdDevice.create("extents", 1 << 20)) {
                new ExtentMapModelTest().run(seed, new Overlay(new Tree(device, Root.EMPTY)));
            }
        }
    }

    private void run(long seed, Overlay items) throws IOException {
        Random random = new Random(seed);
        for (int step = 0; step < 120; step++) {
            int from = random.nextInt(BLOCKS);
            int to = from + 1 + random.nextInt(Math.min(12, BLOCKS - from));
            switch (random.nextInt(4)) {
                case 0, 1 -> map(items, from, to, random);
                case 2 -> unmap(items, from, to);
                default -> convert(items, from, to);
            }
            String when = "seed " + seed + " step " + step;
            assertThat(map.all()).as(when).isEqualTo(expected());
            assertThat(FoldedExtents.all(items, INO)).as(when).isEqualTo(map.all());
            assertLookUps(when);
        }
    }

    private void map(Overlay items, int from, int to, Random random) throws IOException {
        boolean written = random.nextBoolean();
        // Often continue the block before, so that extents join.
        long device = from > 0 && model[from - 1] != 0 && random.nextBoolean()
                ? Math.abs(model[from - 1]) + 1 : 1000 + random.nextInt(100_000);
        boolean free = true;
        for (int i = from; i < to; i++) {
            free &= model[i] == 0;
        }
        Extent added = new Extent(from, device, to - from, written);
        if (!free) {
            List<Extent> before = map.all();
            assertThatExceptionOfType(HoldfastException.class)
                    .isThrownBy(() -> map.map(from, device, to - from, written))
                    .returns(ErrorCode.CORRUPT, HoldfastException::code);
            assertThat(map.all()).isEqualTo(before);
            return;
        }
        map.map(from, device, to - from, written);
        FoldedExtents.edit(items, INO, from, to, touching -> ExtentEdit.mapped(touching, added));
        for (int i = from; i < to; i++) {
            model[i] = (device + i - from) * (written ? 1 : -1);
        }
    }

    private void unmap(Overlay items, int from, int to) throws IOException {
        long gone = map.unmap(from, to).stream().mapToLong(Extent::count).sum();
        FoldedExtents.edit(items, INO, from, to,
                touching -> ExtentEdit.unmapped(touching, from, to));
        for (int i = from; i < to; i++) {
            gone -= model[i] == 0 ? 0 : 1;
            model[i] = 0;
        }
        assertThat(gone).isZero();
    }

    private void convert(Overlay items, int from, int to) throws IOException {
        map.convert(from, to);
        FoldedExtents.edit(items, INO, from, to,
                touching -> ExtentEdit.converted(touching, from, to));
        for (int i = from; i < to; i++) {
            model[i] = Math.abs(model[i]);
        }
    }

    /** Maximal runs of the model. */
    private List<Extent> expected() {
        List<Extent> runs = new ArrayList<>();
        for (int i = 0; i < BLOCKS; i++) {
            if (model[i] != 0) {
                Extent one = new Extent(i, Math.abs(model[i]), 1, model[i] > 0);
                if (!runs.isEmpty() && runs.getLast().continuedBy(one)) {
                    runs.set(runs.size() - 1, runs.getLast().joinedWith(one));
                } else {
                    runs.add(one);
                }
            }
        }
        return runs;
    }

    private void assertLookUps(String when) {
        for (int i = 0; i < BLOCKS; i++) {
            int index = map.firstEndingAfter(i);
            boolean mapped = index < map.size() && map.fileBlock(index) <= i;
            assertThat(mapped).as(when + " block " + i).isEqualTo(model[i] != 0);
            if (mapped) {
                assertThat(map.deviceBlock(index) + i - map.fileBlock(index)).as(when)
                        .isEqualTo(Math.abs(model[i]));
                assertThat(map.written(index)).as(when).isEqualTo(model[i] > 0);
                assertThat(map.floor(i)).isEqualTo(index);
            }
        }
    }

    @Test
    void anExtentItemOutOfRangeIsDamage() {
        long limit = Limits.VOLUME_MAX_BYTES / Limits.BLOCK_BYTES;
        Extent[] wrong = {new Extent(0, 0, 1, true), new Extent(0, -1, 1, true),
            new Extent(0, 1, 0, true), new Extent(0, limit + 1, 1, true),
            new Extent(-1, 1, 1, true), new Extent(limit + 1, 1, 1, true)};
        for (Extent extent : wrong) {
            assertThatExceptionOfType(HoldfastException.class).isThrownBy(
                    () -> Extent.decode(INO, extent.fileBlock(), extent.encode()))
                    .returns(ErrorCode.CORRUPT, HoldfastException::code);
        }
        assertThatExceptionOfType(HoldfastException.class)
                .isThrownBy(() -> Extent.decode(INO, 0, new byte[15]))
                .withMessageContaining("inode 5");
    }
}
