package dev.holdfast.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.device.LineFate;
import dev.holdfast.device.PowerCutException;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("A crash at any step of a checkpoint leaves two that mount")
class TreeCrashTest {
    private static final int SIZE_BYTES = 1 << 20;
    private static final int FATES = 4;

    @ParameterizedTest
    @EnumSource(TracedDevice.Unit.class)
    void everyStepOfEveryCheckpointCanBeTheLast(TracedDevice.Unit unit) throws IOException {
        var random = new Random(unit.ordinal());
        try (var device = TracedDevice.create(SIZE_BYTES, unit);
                var volume = new TreeFixture(device, Mutants.NONE)) {
            var older = new TreeMap<Key, byte[]>();
            for (int i = 0; i < 8; i++) {
                var overlay = volume.randomChanges(random, 40, 200, 100);
                var newer = new TreeMap<>(volume.model);
                for (int step = 0; step < 3; step++) {
                    cutAt(volume, device, overlay, step, older, newer);
                }
                volume.checkpoint(overlay);
                older = newer;
            }
        }
    }

    /** Crashes a copy of the volume when the barrier numbered {@code step} is due, and mounts. */
    private static void cutAt(TreeFixture volume, TracedDevice device, Overlay overlay, int step,
            TreeMap<Key, byte[]> older, TreeMap<Key, byte[]> newer) throws IOException {
        try (var copy = device.copy()) {
            if (volume.generation == 0) {
                return;
            }
            var mounted = new TreeFixture(copy, SlotStore.load(copy).newest());
            copy.powerOffAfter(step);
            boolean cut = false;
            try {
                mounted.checkpoint(overlay);
            } catch (PowerCutException expected) {
                cut = true;
            }
            assertThat(cut).isTrue();
            for (int seed = 0; seed < FATES; seed++) {
                long fate = 31L * volume.generation + seed;
                try (var image = copy.crashImage(LineFate.seeded(fate))) {
                    checkBothMount(image, volume, older, newer, overlay, step);
                }
            }
        }
    }

    private static void checkBothMount(TracedDevice image, TreeFixture before,
            TreeMap<Key, byte[]> older, TreeMap<Key, byte[]> newer, Overlay overlay, int step)
            throws IOException {
        var loaded = SlotStore.load(image);
        for (Slot slot : loaded.valid()) {
            var mounted = new TreeFixture(image, slot);
            mounted.checkShape();
            if (slot.generation() == before.generation) {
                TreeFixture.assertSame(mounted.model, newer);
            } else if (slot.generation() == before.generation - 1) {
                TreeFixture.assertSame(mounted.model, older);
            } else {
                assertThat(step).as("step of the cut").isEqualTo(2);
                TreeFixture.assertSame(mounted.model, TreeFixture.itemsOf(overlay));
            }
        }
        // The slot being written is the only thing that a crash may tear.
        if (step < 2) {
            assertThat(loaded.newest().generation()).isEqualTo(before.generation);
            assertThat(loaded.valid()).hasSize(before.generation == 1 ? 1 : 2);
        }
        new TreeFixture(image, loaded.newest()).checkpoint(new Overlay(before.tree));
    }

    @Test
    void aSlotBeforeItsNodesIsCaughtWhenTheNodesAreLost() throws IOException {
        try (var device = TracedDevice.create(SIZE_BYTES);
                var volume = new TreeFixture(device, Mutants.NONE)) {
            volume.checkpoint(volume.randomChanges(new Random(1), 40, 200, 100));
            volume.checkpoint(volume.randomChanges(new Random(2), 40, 200, 100));
            try (var lost = device.copy()) {
                var result = volume.writeNodes(
                        volume.randomChanges(new Random(3), 40, 200, 100));
                // What a crash leaves if the slot is made durable first and the nodes never are.
                SlotStore.write(lost, new Slot(volume.geometry, 3, result.root(), 3, 1, false));
                Slot newest = SlotStore.load(lost).newest();
                assertThat(newest.generation()).isEqualTo(3);
                assertThatThrownBy(() -> TreeFixture.itemsOf(new Tree(lost, newest.root())))
                        .isInstanceOf(IOException.class).hasMessageContaining("is damaged");
            }
        }
    }

    @Test
    void reusingLiveNodesIsCaughtByMountingTheOlderSlot() throws IOException {
        var random = new Random(5);
        int caught = 0;
        try (var device = TracedDevice.create(SIZE_BYTES);
                var volume = new TreeFixture(device, Mutants.of(Mutant.LIVE_NODES_REUSED))) {
            for (int i = 0; i < 6; i++) {
                volume.checkpoint(volume.randomChanges(random, 40, 200, 100));
                if (i < 2) {
                    continue;
                }
                volume.writeNodes(volume.randomChanges(random, 40, 200, 100));
                Slot older = SlotStore.load(device).valid().getLast();
                try {
                    TreeFixture.itemsOf(new Tree(device, older.root()));
                } catch (IOException damaged) {
                    caught++;
                }
                volume.space.abort();
            }
        }
        assertThat(caught).isPositive();
    }
}
