package dev.holdfast.fs;

import dev.holdfast.file.FileType;
import dev.holdfast.log.RecordBuffer;

/**
 * One record being composed: the ops of one atomic operation, in the order in which {@link Fold}
 * applies them. Counts, for the checkpoint reserve, the items and bytes that replaying it can
 * change at most. Reused: one a thread, cleared by {@link Journal#begin}.
 */
final class Change {
    /** Key and slot bytes of an item in a tree node, generously. */
    private static final int ITEM_OVERHEAD = 48;

    final RecordBuffer record = new RecordBuffer();
    private int items;
    private int itemBytes;
    private boolean frees;

    Change clear() {
        record.clear();
        items = 0;
        itemBytes = 0;
        frees = false;
        return this;
    }

    /** Marks a change that only gives space back: it may use the reserve's floor. */
    Change freeing() {
        frees = true;
        return this;
    }

    boolean isFreeing() {
        return frees;
    }

    int items() {
        return items;
    }

    int itemBytes() {
        return itemBytes;
    }

    boolean isEmpty() {
        return items == 0;
    }

    Change map(long ino, long fileBlock, long deviceBlock, long count, boolean written) {
        op(Op.MAP);
        record.putByte(written ? 1 : 0);
        record.putShort(0);
        record.putInt((int) count);
        record.putLong(ino);
        record.putLong(fileBlock);
        record.putLong(deviceBlock);
        return costs(6, 5 * Extent.BYTES + Attributes.BYTES);
    }

    /** Frees the extents of a range; the caller knows that there are {@code extents} of them. */
    Change unmap(long ino, long fileBlock, long count, int extents) {
        return range(Op.UNMAP, ino, fileBlock, count)
                .costs(3 * extents + 3, (3 * extents + 3) * Extent.BYTES + Attributes.BYTES);
    }

    Change convert(long ino, long fileBlock, long count, int extents) {
        return range(Op.CONVERT, ino, fileBlock, count)
                .costs(2 * extents + 2, (2 * extents + 2) * Extent.BYTES);
    }

    Change makeInode(long ino, Attributes attributes) {
        op(Op.INODE);
        record.putLong(ino);
        record.putBytes(attributes.encode());
        return costs(1, Attributes.BYTES);
    }

    /** Sets the fields of {@code mask} to what {@code values} holds. */
    Change attributes(long ino, int mask, Attributes values) {
        op(Op.ATTR);
        record.putLong(ino);
        record.putShort(mask);
        for (int bit = 1; bit <= Attributes.PARENT; bit <<= 1) {
            if ((mask & bit) != 0) {
                record.putLong(field(values, bit));
            }
        }
        return costs(1, Attributes.BYTES);
    }

    Change deleteInode(long ino) {
        return one(Op.INODE_DEL, ino).costs(3, 0);
    }

    Change dentry(long directory, Name name, long ino, FileType type) {
        op(Op.DENTRY);
        record.putLong(directory);
        record.putLong(ino);
        record.putByte(type.code());
        name(name);
        return costs(1, Dentry.BYTES + Limits.NAME_BYTES);
    }

    Change removeDentry(long directory, Name name) {
        op(Op.DENTRY_DEL);
        record.putLong(directory);
        name(name);
        return costs(1, 0);
    }

    /** Sets an attribute; the value that it had before, if any, frees so many runs of blocks. */
    Change xattr(long ino, Name name, XattrValue value, int freedRuns) {
        byte[] content = value.encode();
        op(Op.XATTR);
        record.putLong(ino);
        name(name);
        record.putShort(content.length);
        record.putBytes(content);
        return costs(1, content.length + Limits.NAME_BYTES)
                .costsRuns(value.runs().size() + freedRuns);
    }

    /** Removes an attribute, which frees so many runs of blocks. */
    Change removeXattr(long ino, Name name, int freedRuns) {
        op(Op.XATTR_DEL);
        record.putLong(ino);
        name(name);
        return costs(1, 0).costsRuns(freedRuns);
    }

    private Change costsRuns(int runs) {
        return runs == 0 ? this : costs(3 * runs + 1, 3 * runs * Long.BYTES + Attributes.BYTES);
    }

    Change symlink(long ino, byte[] target) {
        op(Op.SYMLINK);
        record.putLong(ino);
        record.putShort(target.length);
        record.putBytes(target);
        return costs(2, target.length);
    }

    Change orphan(Orphan orphan) {
        op(Op.ORPHAN);
        record.putLong(orphan.ino());
        record.putBytes(orphan.encode());
        return costs(1, Orphan.BYTES);
    }

    Change removeOrphan(long ino) {
        return one(Op.ORPHAN_DEL, ino).costs(1, 0);
    }

    Change leaveKnownZero(long block, long count) {
        return run(Op.ZERO_LEAVE, block, count).costs(2, 2 * Long.BYTES);
    }

    Change joinKnownZero(long block, long count) {
        return run(Op.ZERO_JOIN, block, count).costs(2, 2 * Long.BYTES);
    }

    Change chunk(long block, long count) {
        return run(Op.CHUNK, block, count).costs(3, 3 * Long.BYTES);
    }

    Change removeChunk(long block, long count) {
        return run(Op.CHUNK_DEL, block, count).costs(3, 3 * Long.BYTES);
    }

    private void op(int code) {
        record.putByte(code);
    }

    private Change one(int code, long ino) {
        op(code);
        record.putLong(ino);
        return this;
    }

    private Change run(int code, long block, long count) {
        op(code);
        record.putLong(block);
        record.putLong(count);
        return this;
    }

    private Change range(int code, long ino, long fileBlock, long count) {
        op(code);
        record.putLong(ino);
        record.putLong(fileBlock);
        record.putLong(count);
        return this;
    }

    private void name(Name name) {
        record.putByte(name.bytes().length);
        record.putBytes(name.bytes());
    }

    private Change costs(int changedItems, int changedBytes) {
        items += changedItems;
        itemBytes += changedBytes + changedItems * ITEM_OVERHEAD;
        return this;
    }

    private static long field(Attributes values, int bit) {
        return switch (bit) {
            case Attributes.MODE -> values.mode;
            case Attributes.UID -> values.uid;
            case Attributes.GID -> values.gid;
            case Attributes.LINKS -> values.links;
            case Attributes.SIZE -> values.size;
            case Attributes.ATIME -> values.atime;
            case Attributes.MTIME -> values.mtime;
            case Attributes.CTIME -> values.ctime;
            case Attributes.PARENT -> values.parent;
            default -> throw new AssertionError(bit);
        };
    }
}
