package dev.holdfast.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.FuzzDevice;
import dev.holdfast.SampleVolume;
import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.device.MemfdDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.CheckReport;
import dev.holdfast.file.FileType;
import dev.holdfast.tree.Overlay;
import dev.holdfast.tree.Root;
import dev.holdfast.tree.Slot;
import dev.holdfast.tree.SlotStore;
import java.io.IOException;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Faults that fuzzing found to end in another exception, or not at all. */
class DamageRefusalTest {
    private final FuzzDevice device = new FuzzDevice(SampleVolume.SIZE_BYTES);

    private static void assertCorrupt(String problem, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(HoldfastException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT))
                .hasMessageContaining(problem);
    }

    /** Appends a record and lets a checkpoint fold it. */
    private void assertNotFolded(String problem, Consumer<Change> compose) throws IOException {
        Volume volume = Volume.create(device, SampleVolume.options(1));
        volume.createFile("/file").close();
        FileSystem fs = VolumeLab.fileSystem(volume);
        Change change = fs.journal().begin();
        compose.accept(change);
        fs.journal().commit(fs.journal().append(change));
        assertCorrupt(problem, volume::checkpoint);
        assertCorrupt(problem, () -> Volume.open(device, SampleVolume.options(2)));
        assertThat(Volume.check(device).findings()).extracting(CheckReport.Finding::problem)
                .anyMatch(found -> found.contains(problem));
    }

    @Test
    void aRangeThatPassesTheLargestLongIsRefused() throws IOException {
        assertNotFolded("are no range", change -> change.unmap(2, 1, Long.MAX_VALUE, 1));
        assertNotFolded("are no range", change -> change.convert(2, 1, Long.MAX_VALUE, 1));
        assertNotFolded("are no range", change -> change.map(2, Long.MAX_VALUE, 99, 1, true));
    }

    @Test
    void theLargestLongIsNoInodeNumber() throws IOException {
        Attributes attributes = new Attributes();
        attributes.mode = FileType.FILE.modeBits();
        assertNotFolded("out of range", change -> change.makeInode(Long.MAX_VALUE, attributes));
    }

    @Test
    void aChunkOfThreeBlocksIsRefused() throws IOException {
        assertNotFolded("cannot be a node chunk", change -> change.chunk(200, 3));
    }

    private interface Edit {
        void apply(Overlay items, long ino) throws IOException;
    }

    private void doctor(String path, Edit edit) throws IOException {
        long ino;
        try (Volume volume = Volume.create(device, SampleVolume.options(1))) {
            SampleVolume.fill(volume);
            ino = volume.statLink(path).inode();
        }
        DoctoredVolume.edit(device, items -> edit.apply(items, ino));
    }

    private void editAttributes(String path, Consumer<Attributes> edit) throws IOException {
        doctor(path, (items, ino) -> {
            Attributes attributes = Attributes.decode(items.get(ItemType.inode(ino)), ino);
            edit.accept(attributes);
            items.put(ItemType.inode(ino), attributes.encode());
        });
    }

    @Test
    void aLinkTargetOfGigabytesIsRefused() throws IOException {
        editAttributes("/symbolic", attributes -> attributes.size = 1L << 34);
        try (Volume volume = Volume.open(device, SampleVolume.options(2))) {
            assertCorrupt("a target of", () -> volume.readSymbolicLink("/symbolic"));
        }
    }

    @Test
    void aNegativeParentIsRefused() throws IOException {
        editAttributes("/moved", attributes -> attributes.parent = -5);
        try (Volume volume = Volume.open(device, SampleVolume.options(2))) {
            FileSystem fs = VolumeLab.fileSystem(volume);
            Inode moved = fs.paths().resolve("/moved", true);
            assertCorrupt("does not exist", () -> fs.namespace().lookup(moved, ".."));
        }
    }

    @Test
    void anExtentPastTheVolumeIsRefusedBeforeItIsRead() throws IOException {
        doctor("/dir/data", (items, ino) -> items.put(ItemType.extent(ino, 1),
                new Extent(1, 255, 2, true).encode()));
        try (Volume volume = Volume.open(device, SampleVolume.options(2))) {
            assertCorrupt("passes the end of the volume", () -> volume.openFile("/dir/data"));
        }
    }

    @Test
    void blocksThatAreFreeAlreadyAreNotFreedAgain() throws IOException {
        doctor("/dir/data", (items, ino) -> {
            long free = items.floor(ItemType.end(ItemType.VOLUME, ItemType.FREE).previous())
                    .key().offset();
            items.put(ItemType.extent(ino, 900), new Extent(900, free, 1, true).encode());
        });
        try (Volume volume = Volume.open(device, SampleVolume.options(2))) {
            volume.unlink("/linked");
            assertCorrupt("are free already", () -> volume.unlink("/dir/data"));
        }
    }

    @Test
    void aNameAtAnotherPositionDoesNotMakeListingGoRound() throws IOException {
        doctor("/dir", (items, ino) -> {
            Bucket bucket = new Bucket();
            bucket.put(new byte[] {'x'}, new Dentry(ino, FileType.DIRECTORY).encode());
            items.put(ItemType.dentry(ino, Long.MAX_VALUE), bucket.encode());
        });
        try (Volume volume = Volume.open(device, SampleVolume.options(2))) {
            assertCorrupt("is not at its position", () -> volume.list("/dir"));
        }
    }

    @Test
    void aLogLargerThanAnyRingIsRefused() throws IOException {
        try (MemfdDevice large = MemfdDevice.create("large", 256 << 20)) {
            Volume.create(large, SampleVolume.options(1)).close();
            Slot slot = SlotStore.load(large).newest();
            Slot.Geometry g = slot.geometry();
            SlotStore.erase(large);
            SlotStore.write(large, new Slot(new Slot.Geometry(g.uuid(), g.volumeBlocks(), 4,
                    40_000, g.chunkBlocks(), g.hashKey0(), g.hashKey1(), g.createdMillis(), ""),
                    slot.generation(), Root.EMPTY, slot.logStartLsn(),
                    slot.nextInode(), true));
            assertCorrupt("log of 40000 blocks",
                    () -> Volume.open(large, SampleVolume.options(2)));
            assertThat(Volume.check(large).isDamaged()).isTrue();
        }
    }
}
