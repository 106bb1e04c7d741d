package dev.holdfast.fs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.tree.Items;
import java.io.IOException;
import java.util.List;

/**
 * Compares what the heap says with what a checkpoint folded from the log: the two run different
 * code and must never differ. Nobody changes the volume meanwhile.
 */
public final class HeapAgainstTree {
    private HeapAgainstTree() {}

    /** Writes a checkpoint and compares every inode that changed before it, and free space. */
    public static void assertSame(Volume volume) throws IOException {
        FileSystem fs = VolumeLab.fileSystem(volume);
        List<Inode> changed = fs.inodes().retainedInodes();
        fs.checkpoint();
        Items tree = fs.trees().view().tree();
        for (Inode inode : changed) {
            assertSame(inode, tree);
        }
        long[] free = new long[1];
        tree.scan(ItemType.run(ItemType.FREE, 0), ItemType.end(ItemType.VOLUME, ItemType.FREE),
                (key, value) -> {
                    free[0] += FoldedSpace.decode(value, key.offset());
                    return true;
                });
        assertThat(fs.statfs().freeBytes()).as("free bytes of %s", volume)
                .isEqualTo(free[0] * Limits.BLOCK_BYTES);
    }

    private static void assertSame(Inode inode, Items tree) throws IOException {
        byte[] value = tree.get(ItemType.inode(inode.ino));
        if (inode.deleted) {
            assertThat(value).as("deleted %s", inode).isNull();
            return;
        }
        Attributes folded = Attributes.decode(value, inode.ino);
        if (inode.timesDirty()) {
            // Times of stores are logged by the next sync.
            folded.mtime = inode.attributes.mtime;
            folded.ctime = inode.attributes.ctime;
        }
        assertThat(inode.attributes.encode()).as("attributes of %s", inode)
                .isEqualTo(folded.encode());
        assertThat(inode.sizeBytes()).as("size of %s", inode).isEqualTo(folded.size);
        assertThat(inode.extents.all()).as("extents of %s", inode)
                .isEqualTo(FoldedExtents.all(tree, inode.ino));
    }
}
