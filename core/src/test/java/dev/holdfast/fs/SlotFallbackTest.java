package dev.holdfast.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.SampleVolume;
import dev.holdfast.Volume;
import dev.holdfast.device.LineFate;
import dev.holdfast.device.PowerCutException;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.XattrMode;
import dev.holdfast.log.EpochTable;
import dev.holdfast.mutant.Mutants;
import dev.holdfast.tree.NodeSpace;
import dev.holdfast.tree.Slot;
import dev.holdfast.tree.SlotStore;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Mounting by the older checkpoint, where something only the newer one needs is damaged. */
class SlotFallbackTest {
    /** Distance of the two halves of a chunk header, from docs/format.md. */
    private static final int HALF_STRIDE = 2048;
    /** A byte of the bitmap in a half, and one of the log's ring that a record begins with. */
    private static final int LIVE_AT = 40;
    private static final int LINE_BYTES = 64;
    private static final int FATES = 12;

    private TracedDevice device;
    private String content;

    /** Two checkpoints, of which the newer is the larger, and a log behind them. */
    @BeforeEach
    void makeVolume() throws IOException {
        device = TracedDevice.create(SampleVolume.SIZE_BYTES);
        try (TracedDevice used = TracedDevice.create(SampleVolume.SIZE_BYTES);
                Volume volume = Volume.create(used, SampleVolume.options(1))) {
            SampleVolume.fill(volume);
            volume.checkpoint();
            for (int i = 0; i < 60; i++) {
                volume.createFile("/moved/one-of-many-files-with-long-names-" + i).close();
            }
            volume.checkpoint();
            // As many nodes as before, with other bounds between them.
            volume.setXattr("/dir/data", "user.more", new byte[300], XattrMode.CREATE_OR_REPLACE);
            volume.createDirectory("/new");
            volume.sync();
            content = SampleVolume.describe(volume);
            device.close();
            device = used.crashImage(LineFate.only());
        }
    }

    @AfterEach
    void close() {
        device.close();
    }

    private Slot newest() throws IOException {
        return SlotStore.load(device).newest();
    }

    /** The chunks of the newer checkpoint, but for one that the log behind it gives away. */
    private List<NodeSpace.Chunk> chunks() throws IOException {
        return Mount.chunks(
                Mount.replay(device, newest(), EpochTable.load(device), Mutants.NONE));
    }

    private void flip(long offset) throws IOException {
        device.putByte(offset, (byte) ~device.getByte(offset));
        device.persist(offset, 1);
    }

    private void damageBitmap(NodeSpace.Chunk chunk, long generation) throws IOException {
        flip(chunk.startBlock() * Limits.BLOCK_BYTES + (generation & 1) * HALF_STRIDE + LIVE_AT);
    }

    private void damageBitmaps() throws IOException {
        for (NodeSpace.Chunk chunk : chunks()) {
            damageBitmap(chunk, newest().generation());
        }
    }

    private static void assertCorrupt(TracedDevice device, String problem) {
        assertThatThrownBy(() -> Volume.open(device, SampleVolume.options(2)))
                .isInstanceOfSatisfying(HoldfastException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT))
                .hasMessageContaining(problem);
    }

    private void assertNothingLost(TracedDevice device) throws IOException {
        try (Volume volume = Volume.open(device, SampleVolume.options(3))) {
            assertThat(SampleVolume.describe(volume)).isEqualTo(content);
            volume.createDirectory("/after");
        }
        VolumeAudit.check(device);
        assertThat(Volume.check(device).isDamaged()).isFalse();
    }

    @Test
    @DisplayName("X4 a damaged liveness bitmap of the newer checkpoint: the older one mounts")
    void aDamagedBitmapMountsByTheOlderCheckpoint() throws IOException {
        for (NodeSpace.Chunk chunk : chunks()) {
            try (TracedDevice image = device.copy()) {
                damageBitmap(chunk, newest().generation());
                assertThat(Volume.check(device).findings()).anyMatch(
                        found -> found.problem().contains("has no bitmap of checkpoint"));
                assertNothingLost(device);
                device.close();
                device = image.copy();
            }
        }
    }

    @Test
    @DisplayName("X4 a read-only mount falls back in the same way, and stores nothing")
    void aReadOnlyMountFallsBackToo() throws IOException {
        damageBitmaps();
        long generation = newest().generation();
        try (Volume volume = Volume.open(device, SampleVolume.options(2).readOnly())) {
            assertThat(SampleVolume.describe(volume)).isEqualTo(content);
        }
        assertThat(newest().generation()).isEqualTo(generation);
        assertThat(device.unpersistedLines()).isEmpty();
    }

    @Test
    @DisplayName("X4 bitmaps of both checkpoints damaged: refused, naming the chunk")
    void aChunkWithoutAnyBitmapIsRefused() throws IOException {
        damageBitmaps();
        damageBitmap(chunks().getFirst(), newest().generation() - 1);
        assertCorrupt(device, "node chunk at block " + chunks().getFirst().startBlock()
                + " has no bitmap of checkpoint " + newest().generation());
    }

    @Test
    @DisplayName("X4 the older checkpoint is no way out where its log has lost its end")
    void aLogThatEndsBeforeTheNewerCheckpointIsRefused() throws IOException {
        Slot newest = newest();
        List<Slot> slots = SlotStore.load(device).valid();
        long lines = newest.geometry().logBlocks() * Limits.BLOCK_BYTES / LINE_BYTES;
        long ring = newest.geometry().logFirstBlock() * Limits.BLOCK_BYTES;
        damageBitmaps();
        // Nothing behind the newer checkpoint's start says that the log was durable up to it.
        for (long lsn = slots.getLast().logStartLsn(); lsn < newest.logStartLsn(); lsn++) {
            device.putByte(ring + lsn % lines * LINE_BYTES, (byte) ~device.getByte(
                    ring + lsn % lines * LINE_BYTES));
        }
        for (long lsn = newest.logStartLsn(); lsn < newest.logStartLsn() + lines / 2; lsn++) {
            device.zero(ring + lsn % lines * LINE_BYTES, LINE_BYTES);
        }
        assertCorrupt(device, "has no bitmap of checkpoint");
    }

    @Test
    @DisplayName("S9 X4 a crash at any barrier of a mount by the older checkpoint loses nothing")
    void aCrashWhileFallingBackLosesNothing() throws IOException {
        damageBitmaps();
        assertNothingLostAtAnyBarrier();
    }

    @Test
    @DisplayName("S9 X4 the same where the newer checkpoint's root is damaged")
    void aCrashWhileFallingBackFromADamagedTreeLosesNothing() throws IOException {
        flip(newest().root().block() * Limits.BLOCK_BYTES + 100);
        assertNothingLostAtAnyBarrier();
    }

    private void assertNothingLostAtAnyBarrier() throws IOException {
        Set<Integer> cuts = new TreeSet<>();
        boolean mounted = false;
        for (int barrier = 0; !mounted; barrier++) {
            try (TracedDevice cut = device.copy()) {
                cut.powerOffAfter(barrier);
                mounted = mounts(cut);
                for (int seed = 0; !mounted && seed < FATES; seed++) {
                    try (TracedDevice image =
                            cut.crashImage(LineFate.whole(Limits.BLOCK_BYTES,
                            LineFate.seeded(seed)))) {
                        assertNothingLost(image);
                    }
                    cuts.add(barrier);
                }
            }
        }
        // Epoch tables twice, the slot that goes, then nodes, bitmaps and slot of a checkpoint.
        assertThat(cuts).hasSizeGreaterThanOrEqualTo(6);
    }

    private static boolean mounts(TracedDevice device) throws IOException {
        try {
            // Left open: closing it would be one more checkpoint.
            Volume.open(device, SampleVolume.options(2));
            return true;
        } catch (PowerCutException e) {
            return false;
        }
    }
}
