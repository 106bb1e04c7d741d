package dev.holdfast.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.device.MemfdDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.FileType;
import dev.holdfast.log.FoldInput;
import dev.holdfast.tree.Overlay;
import dev.holdfast.tree.Root;
import dev.holdfast.tree.Tree;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each op does what it says to the items, and one that cannot follow from them is damage. */
class FoldTest {
    private static final SipHash HASH = new SipHash(3, 4);
    private static final long BLOCKS = 1000;
    private static final long INO = 7;

    private MemfdDevice device;
    private Overlay items;
    private Fold fold;

    @BeforeEach
    void make() throws IOException {
        device = MemfdDevice.create("fold", 1 << 20);
        items = new Overlay(new Tree(device, Root.EMPTY));
        items.put(ItemType.run(ItemType.FREE, 100), FoldedSpace.encode(800));
        fold = new Fold(items, HASH, BLOCKS, 2);
        apply(change -> change.makeInode(1, attributes(FileType.DIRECTORY)));
        apply(change -> change.makeInode(INO, attributes(FileType.FILE)));
    }

    @AfterEach
    void close() {
        device.close();
    }

    private static Attributes attributes(FileType type) {
        Attributes attributes = new Attributes();
        attributes.mode = type.modeBits() | 0644;
        attributes.links = 1;
        return attributes;
    }

    private static Name name(String text) {
        try {
            return Name.of(text, HASH, "test");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void apply(Consumer<Change> composing) throws IOException {
        Change change = new Change();
        composing.accept(change);
        FoldInput.apply(change.record, fold::apply);
    }

    @Test
    void anInodeThatManyRecordsChangeIsPutIntoTheItemsOnce() throws IOException {
        assertThat(items.changes()).doesNotContainKey(ItemType.inode(INO));
        for (int links = 2; links < 100; links++) {
            Attributes after = attributes(FileType.FILE);
            after.links = links;
            apply(change -> change.attributes(INO, Attributes.LINKS, after));
        }
        assertThat(items.changes()).doesNotContainKey(ItemType.inode(INO));
        assertThat(inode().links).isEqualTo(99);
        assertThat(items.changes()).containsKey(ItemType.inode(INO));

        apply(change -> change.deleteInode(INO));
        assertThat(fold.items().get(ItemType.inode(INO))).isNull();
        refused("no inode 7", change -> change.attributes(INO, Attributes.LINKS, new Attributes()));
    }

    private void refused(String why, Consumer<Change> composing) {
        assertThatExceptionOfType(HoldfastException.class).isThrownBy(() -> apply(composing))
                .withMessageContaining(why).withMessageContaining("LSN")
                .returns(ErrorCode.CORRUPT, HoldfastException::code);
    }

    private Attributes inode() throws IOException {
        return Attributes.decode(fold.items().get(ItemType.inode(INO)), INO);
    }

    private long run(int type, long block) throws IOException {
        byte[] value = items.get(ItemType.run(type, block));
        return value == null ? 0 : FoldedSpace.decode(value, block);
    }

    @Test
    void mapTakesBlocksFromFreeSpaceAndUnmapGivesThemBack() throws IOException {
        apply(change -> change.map(INO, 10, 200, 5, true));
        assertThat(inode().blocks).isEqualTo(5);
        assertThat(run(ItemType.FREE, 100)).isEqualTo(100);
        assertThat(run(ItemType.FREE, 205)).isEqualTo(695);
        assertThat(FoldedExtents.all(items, INO))
                .containsExactly(new Extent(10, 200, 5, true));
        apply(change -> change.unmap(INO, 12, 1, 1));
        assertThat(inode().blocks).isEqualTo(4);
        apply(change -> change.unmap(INO, 0, 100, 2));
        assertThat(inode().blocks).isZero();
        assertThat(run(ItemType.FREE, 100)).as("runs are joined").isEqualTo(800);
    }

    @Test
    void mapOfWhatIsNotFreeIsDamage() throws IOException {
        apply(change -> change.map(INO, 10, 200, 5, true));
        refused("not free", change -> change.map(INO, 20, 204, 1, true));
        refused("mapped already", change -> change.map(INO, 14, 300, 1, true));
        refused("outside the volume", change -> change.map(INO, 20, 999, 2, true));
        refused("outside the volume", change -> change.map(INO, 20, 0, 1, true));
        refused("no range", change -> change.map(INO, 20, 300, 0, true));
        refused("no inode 8", change -> change.map(8, 20, 300, 1, true));
        apply(change -> change.joinKnownZero(400, 10));
        refused("claimed to be zero", change -> change.map(INO, 20, 405, 1, true));
    }

    @Test
    void convertMakesUnwrittenBlocksWritten() throws IOException {
        apply(change -> change.map(INO, 0, 200, 10, false));
        apply(change -> change.convert(INO, 3, 2, 1));
        assertThat(FoldedExtents.all(items, INO)).containsExactly(new Extent(0, 200, 3, false),
                new Extent(3, 203, 2, true), new Extent(5, 205, 5, false));
        refused("no inode 8", change -> change.convert(8, 0, 1, 1));
        refused("no range", change -> change.convert(INO, 0, 0, 1));
    }

    @Test
    void anInodeIsMadeOnceAndNumbersAreNotUsedAgain() throws IOException {
        assertThat(fold.nextInode()).isEqualTo(INO + 1);
        refused("exists", change -> change.makeInode(INO, attributes(FileType.FILE)));
        refused("out of range", change -> change.makeInode(0, attributes(FileType.FILE)));
        apply(change -> change.deleteInode(INO));
        assertThat(fold.items().get(ItemType.inode(INO))).isNull();
        assertThat(fold.nextInode()).isEqualTo(INO + 1);
        refused("no inode", change -> change.deleteInode(INO));
    }

    @Test
    void anInodeWithBlocksCannotBeDeleted() throws IOException {
        apply(change -> change.map(INO, 10, 200, 5, true));
        refused("still has blocks", change -> change.deleteInode(INO));
    }

    @Test
    void attributesChangeByTheirMaskAlone() throws IOException {
        Attributes after = new Attributes();
        after.size = 5000;
        after.links = 9;
        after.mtime = -3;
        apply(change -> change.attributes(INO, Attributes.SIZE | Attributes.MTIME, after));
        assertThat(inode().size).isEqualTo(5000);
        assertThat(inode().mtime).isEqualTo(-3);
        assertThat(inode().links).isEqualTo(1);
        assertThat(fold.resizedFiles()).contains(INO);
        after.size = -1;
        refused("out of range", change -> change.attributes(INO, Attributes.SIZE, after));
        after.mode = 0;
        refused("out of range", change -> change.attributes(INO, Attributes.MODE, after));
        refused("unknown attribute", change -> change.attributes(INO, 1 << 9, after));
        refused("no inode", change -> change.attributes(8, Attributes.MTIME, after));
    }

    @Test
    void namesComeAndGo() throws IOException {
        apply(change -> change.dentry(1, name("a"), INO, FileType.FILE));
        apply(change -> change.dentry(1, name("a"), INO, FileType.FIFO));
        assertThat(items.get(ItemType.dentry(1, name("a").hash()))).isNotNull();
        refused("no such name", change -> change.removeDentry(1, name("b")));
        refused("no inode 9", change -> change.dentry(9, name("a"), INO, FileType.FILE));
        apply(change -> change.removeDentry(1, name("a")));
        assertThat(items.get(ItemType.dentry(1, name("a").hash()))).isNull();
        refused("no such name", change -> change.removeDentry(1, name("a")));
    }

    @Test
    void attributesOfAFileComeAndGo() throws IOException {
        XattrValue longest = new XattrValue.Inline(new byte[2048]);
        apply(change -> change.xattr(INO, name("user.a"), longest, 0));
        apply(change -> change.removeXattr(INO, name("user.a"), 0));
        refused("no such name", change -> change.removeXattr(INO, name("user.a"), 0));
        refused("2049 bytes", change -> change.xattr(INO, name("user.a"),
                new XattrValue.Inline(new byte[2049]), 0));
        refused("no inode", change -> change.xattr(8, name("user.a"), longest, 0));
    }

    @Test
    void aLinksTargetComesInPiecesAndGoesWithIt() throws IOException {
        apply(change -> change.makeInode(8, attributes(FileType.SYMLINK))
                .symlink(8, new byte[4095]));
        assertThat(items.get(ItemType.symlink(8, 0))).hasSize(2048);
        assertThat(items.get(ItemType.symlink(8, 1))).hasSize(2047);
        apply(change -> change.deleteInode(8));
        assertThat(items.get(ItemType.symlink(8, 1))).isNull();
        refused("no inode", change -> change.symlink(9, new byte[1]));
    }

    @Test
    void orphansAreNotedAndForgotten() throws IOException {
        Orphan orphan = new Orphan(INO, Orphan.Kind.FREE_RANGE, 5, 9);
        apply(change -> change.orphan(orphan));
        assertThat(Orphan.decode(INO, items.get(ItemType.orphan(INO)))).isEqualTo(orphan);
        apply(change -> change.removeOrphan(INO));
        refused("no orphan", change -> change.removeOrphan(INO));
        refused("out of range", change -> change.orphan(
                new Orphan(INO, Orphan.Kind.FREE_RANGE, 9, 5)));
    }

    @Test
    void knownZeroesAreFreeAndClaimedOnce() throws IOException {
        apply(change -> change.joinKnownZero(200, 10).joinKnownZero(210, 10));
        assertThat(run(ItemType.ZERO, 200)).isEqualTo(20);
        refused("claimed zero already", change -> change.joinKnownZero(215, 10));
        refused("not free", change -> change.joinKnownZero(50, 10));
        apply(change -> change.leaveKnownZero(205, 5));
        assertThat(run(ItemType.ZERO, 200)).isEqualTo(5);
        assertThat(run(ItemType.ZERO, 210)).isEqualTo(10);
        refused("not claimed", change -> change.leaveKnownZero(205, 1));
        refused("outside the volume", change -> change.leaveKnownZero(-5, 1));
    }

    @Test
    void chunksAreTakenAndReturnedWhole() throws IOException {
        apply(change -> change.chunk(128, 16));
        assertThat(run(ItemType.CHUNK, 128)).isEqualTo(16);
        refused("not free", change -> change.chunk(128, 16));
        refused("not a chunk", change -> change.removeChunk(128, 8));
        apply(change -> change.removeChunk(128, 16));
        assertThat(run(ItemType.FREE, 100)).isEqualTo(800);
    }

    @Test
    void blocksAreFreedOnce() throws IOException {
        FoldedSpace space = new FoldedSpace(items, BLOCKS);
        assertThatExceptionOfType(HoldfastException.class).isThrownBy(() -> space.give(500, 3))
                .withMessageContaining("free already");
        space.take(500, 3);
        space.give(501, 1);
        space.give(500, 1);
        space.give(502, 1);
        assertThat(run(ItemType.FREE, 100)).isEqualTo(800);
    }

    @Test
    void unknownOpsAreDamage() {
        refused("unknown op", change -> change.record.putByte(99));
        refused("unknown op", change -> change.record.putByte(0));
    }

    private static XattrValue stored(int length, XattrValue.BlockRun... runs) {
        return new XattrValue.Stored(length, 0, List.of(runs));
    }

    @Test
    void anAttributeInBlocksOwnsThemUntilItIsReplacedOrRemoved() throws IOException {
        apply(change -> change.xattr(INO, name("user.a"), stored(3 * 4096 - 1,
                new XattrValue.BlockRun(100, 2), new XattrValue.BlockRun(300, 1)), 0));
        assertThat(inode().blocks).isEqualTo(3);
        assertThat(run(ItemType.FREE, 102)).isEqualTo(198);
        assertThat(run(ItemType.FREE, 301)).isEqualTo(599);
        refused("still has blocks", change -> change.deleteInode(INO));

        apply(change -> change.xattr(INO, name("user.a"), stored(4096,
                new XattrValue.BlockRun(200, 1)), 2));
        assertThat(inode().blocks).isEqualTo(1);
        assertThat(run(ItemType.FREE, 100)).isEqualTo(100);
        assertThat(run(ItemType.FREE, 201)).isEqualTo(699);

        apply(change -> change.removeXattr(INO, name("user.a"), 1));
        assertThat(inode().blocks).isZero();
        assertThat(run(ItemType.FREE, 100)).isEqualTo(800);
    }

    @Test
    void anAttributeCannotTakeBlocksThatAreNotFree() {
        refused("are not free", change -> change.xattr(INO, name("user.a"), stored(4096,
                new XattrValue.BlockRun(99, 1)), 0));
        refused("outside the volume", change -> change.xattr(INO, name("user.a"), stored(8192,
                new XattrValue.BlockRun(BLOCKS - 1, 2)), 0));
    }
}
