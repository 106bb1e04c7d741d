package dev.holdfast.fs;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.file.FileType;
import dev.holdfast.tree.Slot;
import dev.holdfast.tree.SlotStore;
import dev.holdfast.tree.Tree;
import dev.holdfast.tree.Key;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Accounts for every block and every name of a volume that was closed cleanly, from its tree alone:
 * blocks have one owner each, and all have one; names and links agree.
 */
public final class VolumeAudit {
    private final TreeMap<Long, Long> owned = new TreeMap<>();
    private final Map<Long, Attributes> inodes = new HashMap<>();
    private final Map<Long, Long> blocks = new HashMap<>();
    private final Map<Long, Integer> links = new HashMap<>();
    private final Map<Long, Long> names = new HashMap<>();

    private long chunkBlocks;

    private VolumeAudit() {}

    /**
     * Throws an AssertionError that says what does not add up; returns the bytes that node chunks
     * take.
     */
    public static long check(DaxDevice device) throws IOException {
        Slot slot = SlotStore.load(device).valid().getFirst();
        require(slot.clean(), "the newest slot says that the volume was closed");
        VolumeAudit audit = new VolumeAudit();
        Slot.Geometry geometry = slot.geometry();
        audit.own(0, geometry.logFirstBlock() + geometry.logBlocks());
        audit.links.put(ItemType.ROOT, 2);
        Tree tree = new Tree(device, slot.root());
        tree.scan(new Key(0, 0, 0), new Key(-1L, ItemType.ORPHAN, 0), (key, value) -> {
            audit.item(key, value);
            return true;
        });
        audit.finish(geometry.volumeBlocks());
        return audit.chunkBlocks * Limits.BLOCK_BYTES;
    }

    private void item(Key key, byte[] value) throws IOException {
        switch (key.type()) {
            case ItemType.INODE -> inodes.put(key.inode(), Attributes.decode(value, key.inode()));
            case ItemType.DENTRY -> names(key.inode(), value);
            case ItemType.EXTENT -> {
                Extent extent = Extent.decode(key.inode(), key.offset(), value);
                own(extent.deviceBlock(), extent.count());
                blocks.merge(key.inode(), extent.count(), Long::sum);
            }
            case ItemType.XATTR -> attributes(key.inode(), value);
            case ItemType.FREE -> own(key.offset(), FoldedSpace.decode(value, key.offset()));
            case ItemType.CHUNK -> {
                long count = FoldedSpace.decode(value, key.offset());
                own(key.offset(), count);
                chunkBlocks += count;
            }
            case ItemType.ORPHAN -> throw new AssertionError("orphan " + key.offset() + " is left");
            default -> { }
        }
    }

    private void names(long directory, byte[] value) throws IOException {
        for (Bucket.Entry entry : Bucket.decode(value, "directory").entries()) {
            Dentry dentry = Dentry.decode(entry.content(), directory);
            names.merge(directory, 1L, Long::sum);
            if (dentry.type() == FileType.DIRECTORY) {
                links.merge(directory, 1, Integer::sum);
                links.merge(dentry.ino(), 2, Integer::sum);
            } else {
                links.merge(dentry.ino(), 1, Integer::sum);
            }
        }
    }

    private void attributes(long ino, byte[] value) throws IOException {
        for (Bucket.Entry entry : Bucket.decode(value, "attributes").entries()) {
            for (XattrValue.BlockRun run : XattrValue.decode(entry.content(), "audit").runs()) {
                own(run.block(), run.count());
                blocks.merge(ino, (long) run.count(), Long::sum);
            }
        }
    }

    private void own(long block, long count) {
        Long before = owned.put(block, count);
        require(before == null, "block " + block + " has two owners");
    }

    private void finish(long volumeBlocks) {
        long next = 0;
        for (var run : owned.entrySet()) {
            require(run.getKey() == next, "block " + next + " has one owner, but the next run is "
                    + run);
            next += run.getValue();
        }
        require(next == volumeBlocks, "all " + volumeBlocks + " blocks are owned, but " + next);
        require(inodes.keySet().equals(links.keySet()), "inodes " + inodes.keySet()
                + " are those with names " + links.keySet());
        inodes.forEach((ino, attributes) -> {
            require(attributes.links == links.get(ino), "inode " + ino + " has " + attributes.links
                    + " links and " + links.get(ino) + " names");
            require(attributes.blocks == blocks.getOrDefault(ino, 0L), "inode " + ino + " has "
                    + attributes.blocks + " blocks and extents and attributes of "
                    + blocks.get(ino));
            require(attributes.type() != FileType.DIRECTORY
                            || attributes.size == names.getOrDefault(ino, 0L),
                    "directory " + ino + " counts its names");
        });
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError("audit: not true: " + what);
        }
    }
}
