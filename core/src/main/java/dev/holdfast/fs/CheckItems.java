package dev.holdfast.fs;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.file.CheckReport.Area;
import dev.holdfast.file.CheckReport.Place;
import dev.holdfast.tree.Items;
import dev.holdfast.tree.Key;
import dev.holdfast.tree.Slot;
import java.io.IOException;

/**
 * The items of a recovered state, in one pass in key order: those of the volume go to the owner
 * map, those of each inode to a {@link CheckInode}; then what only the whole shows, links and
 * owners.
 */
final class CheckItems {
    private final DaxDevice device;
    private final CheckFindings findings;
    private final SipHash hash;
    private final long nextInode;
    private final CheckOwners owners;
    private final CheckZero zero;
    private final CheckLinks links;
    private final Digest digest = new Digest();
    private CheckInode current;

    CheckItems(DaxDevice device, Slot.Geometry geometry, long nextInode, CheckFindings findings) {
        this.device = device;
        this.findings = findings;
        this.hash = new SipHash(geometry.hashKey0(), geometry.hashKey1());
        this.nextInode = nextInode;
        this.owners = new CheckOwners(geometry, findings);
        this.zero = new CheckZero(device, geometry.volumeBlocks(), findings);
        this.links = new CheckLinks(findings);
    }

    void run(Items items) throws IOException {
        items.scan(Key.MIN, Key.MAX, (key, value) -> {
            findings.items++;
            digest.add(key, value);
            take(key, value);
            return true;
        });
        finishInode();
        links.finish();
        owners.finish();
        zero.finish();
    }

    CheckOwners owners() {
        return owners;
    }

    /** Returns a number that stands for every item shown to {@link #run}. */
    long digest() {
        return digest.value;
    }

    /** Returns the number that stands for all of {@code items}. */
    static long digest(Items items) throws IOException {
        Digest digest = new Digest();
        items.scan(Key.MIN, Key.MAX, (key, value) -> {
            digest.add(key, value);
            return true;
        });
        return digest.value;
    }

    private void take(Key key, byte[] value) throws IOException {
        if (key.inode() == ItemType.VOLUME) {
            findings.collect(area(key.type()), Place.block(key.offset()),
                    () -> takeOfVolume(key, value));
            return;
        }
        if (current == null || current.ino() != key.inode()) {
            finishInode();
            current = new CheckInode(key.inode(), device, hash, owners, links, findings);
            if (key.inode() < 0 || key.inode() >= nextInode) {
                findings.damage(Area.INODES, Place.inode(key.inode()), "its number is not below "
                        + nextInode + ", the next to be given");
            }
        }
        current.take(key.type(), key.offset(), value);
    }

    private void finishInode() throws IOException {
        if (current != null) {
            current.finish();
        }
    }

    private static Area area(int type) {
        return switch (type) {
            case ItemType.ZERO -> Area.KNOWN_ZERO;
            case ItemType.CHUNK -> Area.NODES;
            case ItemType.ORPHAN -> Area.ORPHANS;
            default -> Area.SPACE;
        };
    }

    private void takeOfVolume(Key key, byte[] value) throws IOException {
        long at = key.offset();
        switch (key.type()) {
            case ItemType.FREE -> {
                long count = FoldedSpace.decode(value, at);
                owners.add(at, count, CheckOwners.FREE);
                zero.free(at, count);
            }
            case ItemType.ZERO -> zero.claim(at, FoldedSpace.decode(value, at));
            case ItemType.CHUNK ->
                    owners.add(at, FoldedSpace.decode(value, at), CheckOwners.CHUNK);
            case ItemType.ORPHAN -> links.orphan(Orphan.decode(at, value));
            default -> findings.damage(Area.TREE, Place.VOLUME,
                    "item " + key + " of an unknown type");
        }
    }

    /** An order-dependent hash of items: FNV-1a over words. Tells states apart, not forgeries. */
    private static final class Digest {
        private static final long PRIME = 0x100000001B3L;
        private long value = 0xCBF29CE484222325L;

        void add(Key key, byte[] bytes) {
            mix(key.inode());
            mix(key.type());
            mix(key.offset());
            mix(bytes.length);
            for (byte b : bytes) {
                mix(b);
            }
        }

        private void mix(long word) {
            value = (value ^ word) * PRIME;
            value ^= value >>> 29;
        }
    }
}
