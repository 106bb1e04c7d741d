package dev.holdfast.fs;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.tree.Items;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Inodes without a name, and ranges that are still to be freed.
 *
 * <p>An inode that loses its last name goes in one record with the name when nobody holds it and it
 * is small. Otherwise the record leaves an orphan item, and what is left is done in bounded
 * records: when its last holder goes, or at the next mount.
 */
final class Orphans {
    private final FileSystem fs;
    /** Read before the first change of this mount, so that none of its own is among them. */
    private final List<Orphan> left = new ArrayList<>();

    Orphans(FileSystem fs) {
        this.fs = fs;
    }

    /**
     * Adds to {@code change} what the loss of {@code links} links does to an inode; the inode lock
     * is held exclusively until the result has been applied.
     */
    LinkLoss loseLink(Inode inode, int links, long now, Change change) throws IOException {
        if (inode.attributes.links > links) {
            LinkUpdate update = new LinkUpdate(inode, -links, now);
            update.log(change);
            return lsn -> update.apply(fs, lsn);
        }
        XattrMap xattrs = fs.xattrs().load(inode);
        int freed = fs.journal().freedPerRecord();
        boolean small = inode.extents.size() <= freed && xattrs.isEmpty();
        if (small && !fs.inodes().isHeld(inode)) {
            addRelease(change, inode, freed);
            change.deleteInode(inode.ino);
            return lsn -> {
                zeroLinks(inode, lsn);
                release(inode, freed, lsn);
                forget(inode);
            };
        }
        LinkUpdate update = new LinkUpdate(inode, -inode.attributes.links, now);
        update.log(change);
        if (!fs.mutants().on(Mutant.ORPHAN_NOT_RECORDED)) {
            change.orphan(new Orphan(inode.ino, Orphan.Kind.DELETE, 0, 0));
        }
        return lsn -> {
            update.apply(fs, lsn);
            if (!fs.inodes().isHeld(inode)) {
                delete(inode);
            }
        };
    }

    private void zeroLinks(Inode inode, long lsn) {
        synchronized (inode.attributes) {
            inode.attributes.links = 0;
        }
        inode.changedAt(lsn);
    }

    /** Called when the last holder of an inode went; deletes it if its last name went before. */
    void released(Inode inode) throws IOException {
        inode.lock.writeLock().lock();
        try {
            if (inode.attributes.links == 0 && !inode.deleted && !fs.inodes().isHeld(inode)) {
                delete(inode);
            }
        } finally {
            inode.lock.writeLock().unlock();
        }
    }

    /** Deletes an orphan in bounded records. The inode lock is held exclusively. */
    private void delete(Inode inode) throws IOException {
        if (inode.pages != null) {
            inode.pages.space.evict();
        }
        freeFrom(inode, 0, Long.MAX_VALUE);
        XattrMap xattrs = fs.xattrs().load(inode);
        while (!xattrs.isEmpty()) {
            fs.xattrs().removeSome(inode, fs.journal().freedPerRecord());
        }
        Change change = fs.journal().begin().freeing().deleteInode(inode.ino);
        if (!fs.mutants().on(Mutant.ORPHAN_NOT_RECORDED)) {
            change.removeOrphan(inode.ino);
        }
        inode.changedAt(fs.journal().append(change));
        forget(inode);
    }

    /** Frees the extents of a range, the last first, in bounded records. */
    void freeFrom(Inode inode, long fromBlock, long toBlock) throws IOException {
        synchronized (inode.extents) {
            while (true) {
                List<Extent> last = lastExtents(inode, fromBlock, toBlock);
                if (last.isEmpty()) {
                    return;
                }
                requireInUse(inode, last);
                long from = last.getFirst().fileBlock();
                long count = last.getLast().fileEnd() - from;
                long lsn = fs.journal().append(fs.journal().begin().freeing()
                        .unmap(inode.ino, from, count, last.size()));
                unmapped(inode, from, from + count, lsn);
            }
        }
    }

    private List<Extent> lastExtents(Inode inode, long from, long to) {
        List<Extent> within = inode.extents.within(from, to);
        int first = Math.max(0, within.size() - fs.journal().freedPerRecord());
        return within.subList(first, within.size());
    }

    /** Adds the freeing of every extent, of which there are few. */
    private void addRelease(Change change, Inode inode, int atMost)
            throws HoldfastException {
        int size = inode.extents.size();
        if (size > 0) {
            assert size <= atMost;
            requireInUse(inode, inode.extents.all());
            change.unmap(inode.ino, 0, inode.extents.fileEnd(size - 1), size);
        }
    }

    /** Keeps a damaged volume from a record that no replay could apply. */
    private void requireInUse(Inode inode, List<Extent> extents) throws HoldfastException {
        for (Extent extent : extents) {
            if (!fs.space().allocator().isInUse(extent.deviceBlock(), extent.count())) {
                throw new HoldfastException(ErrorCode.CORRUPT, inode + ": blocks of " + extent
                        + " are free already; run check");
            }
        }
    }

    private void release(Inode inode, int atMost, long lsn) throws IOException {
        if (inode.pages != null) {
            inode.pages.space.evict();
        }
        synchronized (inode.extents) {
            assert inode.extents.size() <= atMost;
            unmapped(inode, 0, Long.MAX_VALUE, lsn);
        }
    }

    /** Applies to the heap that the record durable at {@code lsn} freed a range. */
    void unmapped(Inode inode, long from, long to, long lsn) throws IOException {
        long blocks = 0;
        for (Extent extent : inode.extents.unmap(from, to)) {
            if (inode.bindings == null) {
                fs.space().allocator().free(extent.deviceBlock(), extent.count(), lsn);
            } else {
                inode.bindings.returned(extent, lsn);
            }
            blocks += extent.count();
        }
        synchronized (inode.attributes) {
            inode.attributes.blocks -= blocks;
        }
        inode.dataChangedAt(lsn);
        fs.inodes().retain(inode);
    }

    private void forget(Inode inode) {
        inode.deleted = true;
        fs.inodes().bury(inode);
    }

    private void finishFreeing(Inode inode, Orphan orphan) throws IOException {
        long stamp = inode.invalidate.writeLock();
        try {
            freeFrom(inode, orphan.fromBlock(), orphan.toBlock());
            inode.changedAt(fs.journal().append(
                    fs.journal().begin().freeing().removeOrphan(inode.ino)));
            fs.truncation().takeBack(inode, orphan.fromBlock(), orphan.toBlock());
        } finally {
            inode.invalidate.unlockWrite(stamp);
        }
    }

    /** Reads what the last mount left; {@code items} describe the log's end. */
    void load(Items items) throws IOException {
        items.scan(ItemType.orphan(0), ItemType.end(ItemType.VOLUME, ItemType.ORPHAN),
                (key, value) -> left.add(Orphan.decode(key.offset(), value)));
    }

    /** Finishes what the last mount left; what somebody holds again goes when it is released. */
    void finishAll() throws IOException {
        while (!left.isEmpty()) {
            Orphan orphan = left.removeLast();
            Inode inode = fs.inode(orphan.ino());
            inode.lock.writeLock().lock();
            try {
                if (orphan.kind() == Orphan.Kind.FREE_RANGE) {
                    finishFreeing(inode, orphan);
                } else if (!fs.inodes().isHeld(inode)) {
                    delete(inode);
                }
            } finally {
                inode.lock.writeLock().unlock();
            }
        }
    }
}
