package dev.holdfast.fs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.FuzzDevice;
import dev.holdfast.SampleVolume;
import dev.holdfast.Volume;
import dev.holdfast.file.CheckReport;
import dev.holdfast.file.CheckReport.Area;
import dev.holdfast.file.CheckReport.Finding;
import dev.holdfast.file.CheckReport.Place;
import dev.holdfast.file.FileType;
import dev.holdfast.tree.Items;
import dev.holdfast.tree.Key;
import dev.holdfast.tree.Overlay;
import dev.holdfast.tree.Slot;
import dev.holdfast.tree.SlotStore;
import dev.holdfast.tree.Tree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each check finds the damage it is for, and says where. */
class CheckDamageTest {
    private static final long NO_INODE = 26_000;
    private final FuzzDevice device = new FuzzDevice(SampleVolume.SIZE_BYTES);
    private long data;
    private long cut;
    private long moved;
    private long dir;
    private long symbolic;

    @BeforeEach
    void makeVolume() throws IOException {
        try (Volume volume = Volume.create(device, SampleVolume.options(1))) {
            SampleVolume.fill(volume);
            data = volume.stat("/dir/data").inode();
            cut = volume.stat("/dir/cut").inode();
            moved = volume.stat("/moved").inode();
            dir = volume.stat("/dir").inode();
            symbolic = volume.statLink("/long").inode();
        }
        assertThat(Volume.check(device).findings()).isEmpty();
    }

    private void expect(Area area, Place place, String problem) throws IOException {
        CheckReport report = Volume.check(device);
        assertThat(report.isClean()).isFalse();
        assertThat(report.findings()).as("%s", report.findings()).anySatisfy(finding -> {
            assertThat(finding.area()).isEqualTo(area);
            assertThat(finding.place()).isEqualTo(place);
            assertThat(finding.problem()).contains(problem);
            assertThat(finding.advice()).isNotBlank();
        });
    }

    private void editAttributes(long ino, Consumer<Attributes> edit) throws IOException {
        DoctoredVolume.edit(device, items -> {
            Attributes attributes = Attributes.decode(items.get(ItemType.inode(ino)), ino);
            edit.accept(attributes);
            items.put(ItemType.inode(ino), attributes.encode());
        });
    }

    private SipHash hash() throws IOException {
        Slot.Geometry geometry = SlotStore.load(device).newest().geometry();
        return new SipHash(geometry.hashKey0(), geometry.hashKey1());
    }

    private Key keyOf(long directory, String name) throws IOException {
        return ItemType.dentry(directory, hash().position(name.getBytes()));
    }

    private static void putName(Overlay items, Key key, String name, long ino, FileType type) {
        Bucket bucket = new Bucket();
        bucket.put(name.getBytes(), new Dentry(ino, type).encode());
        items.put(key, bucket.encode());
    }

    private void putName(Overlay items, long directory, String name, long ino, FileType type)
            throws IOException {
        putName(items, keyOf(directory, name), name, ino, type);
    }

    private static Items.Item lastRun(Items items, int type) throws IOException {
        return items.floor(ItemType.end(ItemType.VOLUME, type).previous());
    }

    @Test
    void linksThatNoNameMakes() throws IOException {
        editAttributes(data, a -> a.links++);
        expect(Area.LINKS, Place.inode(data), "says 3 links; the names make 2");
    }

    @Test
    void aDirectorySizeThatIsNotItsNumberOfNames() throws IOException {
        editAttributes(dir, a -> a.size--);
        expect(Area.LINKS, Place.inode(dir), "names; it has");
    }

    @Test
    void aParentThatDoesNotHoldTheDirectory() throws IOException {
        editAttributes(moved, a -> a.parent = dir);
        expect(Area.LINKS, Place.inode(moved), "says its parent is " + dir);
    }

    @Test
    void aNameThatLeadsNowhere() throws IOException {
        DoctoredVolume.edit(device,
                items -> putName(items, ItemType.ROOT, "lost", NO_INODE, FileType.FILE));
        expect(Area.LINKS, Place.inode(NO_INODE), "does not exist");
    }

    @Test
    void aNameOfAnotherType() throws IOException {
        DoctoredVolume.edit(device, items -> putName(items, dir, "cut", cut, FileType.FIFO));
        expect(Area.LINKS, Place.inode(cut), "says FIFO");
    }

    @Test
    void aNameWhereNoLookUpFindsIt() throws IOException {
        DoctoredVolume.edit(device, items -> {
            items.remove(keyOf(dir, "cut"));
            putName(items, ItemType.dentry(dir, 77), "cut", cut, FileType.FILE);
        });
        expect(Area.NAMES, Place.inode(dir), "is at position 77");
    }

    @Test
    void aNameWithASlash() throws IOException {
        DoctoredVolume.edit(device, items -> putName(items, dir, "a/b", cut, FileType.FILE));
        expect(Area.NAMES, Place.inode(dir), "\"a/b\" cannot be one");
    }

    @Test
    void directoriesThatHoldEachOther() throws IOException {
        DoctoredVolume.edit(device, items -> {
            items.remove(keyOf(ItemType.ROOT, "dir"));
            putName(items, moved, "dir", dir, FileType.DIRECTORY);
            items.remove(keyOf(ItemType.ROOT, "moved"));
            putName(items, dir, "moved", moved, FileType.DIRECTORY);
        });
        expect(Area.LINKS, Place.inode(dir), "cannot be reached");
        expect(Area.LINKS, Place.inode(moved), "cannot be reached");
    }

    @Test
    void aCountOfBlocksThatTheExtentsDoNotHave() throws IOException {
        editAttributes(data, a -> a.blocks += 5);
        expect(Area.INODES, Place.inode(data), "blocks; its extents and attributes have");
    }

    @Test
    void aBlockOfTwoFiles() throws IOException {
        Tree tree = new Tree(device, SlotStore.load(device).newest().root());
        long block = FoldedExtents.all(tree, cut).getFirst().deviceBlock();
        DoctoredVolume.edit(device, items -> items.put(ItemType.extent(data, 900),
                new Extent(900, block, 1, true).encode()));
        expect(Area.SPACE, Place.block(block), "1 blocks belong to inode");
    }

    @Test
    void anExtentPastTheEndOfTheVolume() throws IOException {
        DoctoredVolume.edit(device, items -> items.put(ItemType.extent(data, 900),
                new Extent(900, 250, 7, true).encode()));
        expect(Area.SPACE, Place.block(250), "pass the end of the volume");
    }

    @Test
    void extentsOfAFileThatOverlap() throws IOException {
        DoctoredVolume.edit(device, items -> {
            items.put(ItemType.extent(data, 900), new Extent(900, 200, 2, true).encode());
            items.put(ItemType.extent(data, 901), new Extent(901, 210, 2, true).encode());
        });
        expect(Area.EXTENTS, Place.inode(data), "overlaps");
    }

    @Test
    void blocksThatNobodyOwns() throws IOException {
        Tree tree = new Tree(device, SlotStore.load(device).newest().root());
        Key run = lastRun(tree, ItemType.FREE).key();
        DoctoredVolume.edit(device, items -> items.remove(run));
        expect(Area.SPACE, Place.block(run.offset()), "belong to nobody");
    }

    @Test
    void aZeroClaimOnBlocksThatAreNotFree() throws IOException {
        DoctoredVolume.edit(device, items ->
                items.put(ItemType.run(ItemType.ZERO, 1), FoldedSpace.encode(2)));
        expect(Area.KNOWN_ZERO, Place.block(1), "are not all free");
    }

    @Test
    void aZeroClaimThatTheDeviceContradicts() throws IOException {
        Tree tree = new Tree(device, SlotStore.load(device).newest().root());
        long block = lastRun(tree, ItemType.ZERO).key().offset();
        device.putByte(block * Limits.BLOCK_BYTES + 99, (byte) 1);
        expect(Area.KNOWN_ZERO, Place.block(block), "is not, at byte 99");
    }

    @Test
    void aLinkTargetThatIsNotAsLongAsItsSizeSays() throws IOException {
        DoctoredVolume.edit(device,
                items -> items.put(ItemType.symlink(symbolic, 1), new byte[] {'x'}));
        expect(Area.SYMLINKS, Place.inode(symbolic), "it has 2049");
    }

    @Test
    void anAttributeValuePastTheLimit() throws IOException {
        byte[] name = "user.big".getBytes();
        DoctoredVolume.edit(device, items -> {
            Bucket bucket = new Bucket();
            bucket.put(name, new byte[XattrValue.INLINE_BYTES + 2]);
            items.put(ItemType.xattr(data, hash().position(name)), bucket.encode());
        });
        expect(Area.XATTRS, Place.inode(data), "2049 bytes");
    }

    @Test
    void anOrphanThatDoesNotExist() throws IOException {
        DoctoredVolume.edit(device, items -> items.put(ItemType.orphan(NO_INODE),
                new Orphan(NO_INODE, Orphan.Kind.DELETE, 0, 0).encode()));
        expect(Area.ORPHANS, Place.inode(NO_INODE), "does not exist");
    }

    @Test
    void aFileThatLostItsNameAndIsNoOrphan() throws IOException {
        DoctoredVolume.edit(device, items -> items.remove(keyOf(dir, "cut")));
        editAttributes(cut, a -> a.links = 0);
        expect(Area.ORPHANS, Place.inode(cut), "nothing will delete it");
    }

    @Test
    void anInodeNumberThatWasNeverGiven() throws IOException {
        Attributes attributes = new Attributes();
        attributes.mode = FileType.FILE.modeBits();
        DoctoredVolume.edit(device,
                items -> items.put(ItemType.inode(NO_INODE), attributes.encode()));
        expect(Area.INODES, Place.inode(NO_INODE), "the next to be given");
    }

    @Test
    void itemsOfAnInodeThatIsGone() throws IOException {
        DoctoredVolume.edit(device, items -> items.remove(ItemType.inode(data)));
        expect(Area.INODES, Place.inode(data), "no whole inode item");
    }

    @Test
    void anItemOfAnUnknownType() throws IOException {
        DoctoredVolume.edit(device, items -> items.put(new Key(data, 200, 0), new byte[1]));
        expect(Area.TREE, Place.inode(data), "unknown type 200");
    }

    @Test
    void everyDamagedNodeIsNamed() throws IOException {
        List<Long> leaves = new ArrayList<>();
        new Tree(device, SlotStore.load(device).newest().root())
                .walk((block, level, items, bytes) -> {
                    if (level == 0) {
                        leaves.add(block);
                    }
                });
        assertThat(leaves).hasSizeGreaterThan(1);
        leaves.forEach(leaf -> device.putInt(leaf * Limits.BLOCK_BYTES + 100, -1));
        CheckReport report = Volume.check(device);
        assertThat(report.isDamaged()).isTrue();
        assertThat(report.findings()).extracting(Finding::place)
                .containsAll(leaves.stream().map(Place::block).toList());
    }

    @Test
    void aSpareSlotThatIsLostIsAWarningThatTheNextCheckpointsClear() throws IOException {
        int spare = SlotStore.indexOf(SlotStore.load(device).newest().generation() + 1);
        device.putByte((long) spare * Limits.BLOCK_BYTES + 40, (byte) 99);
        CheckReport report = Volume.check(device);
        assertThat(report.isDamaged()).isFalse();
        assertThat(report.isClean()).isFalse();
        assertThat(report.findings()).extracting(Finding::area)
                .containsExactly(Area.SUPERBLOCK);
        try (Volume volume = Volume.open(device, SampleVolume.options(2))) {
            volume.createFile("/new").close();
        }
        assertThat(Volume.check(device).findings()).isEmpty();
    }
}
