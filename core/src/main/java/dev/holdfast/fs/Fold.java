package dev.holdfast.fs;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.FileType;
import dev.holdfast.log.RecordReader;
import dev.holdfast.tree.Key;
import dev.holdfast.tree.Layout;
import dev.holdfast.tree.Overlay;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The file system as a fold: applies records, op by op, to an overlay over a checkpoint's tree. A
 * checkpoint, recovery and {@code check} all run this code and no other.
 *
 * <p>Every op is checked against the state it meets, and one that cannot follow from it is damage
 * (code CORRUPT): a log that passes its checksums but does not fold is refused, not guessed at.
 *
 * <p>Not thread-safe: one fold, one thread.
 */
final class Fold {
    private final Overlay items;
    private final SipHash hash;
    private final FoldedSpace space;
    private final FoldedInodes inodes;
    private long nextInode;
    private final Set<Long> resized = new LinkedHashSet<>();

    Fold(Overlay items, SipHash hash, long volumeBlocks, long nextInode) {
        this.items = items;
        this.hash = hash;
        this.space = new FoldedSpace(items, volumeBlocks);
        this.inodes = new FoldedInodes(items);
        this.nextInode = nextInode;
    }

    /** Returns the items as all records so far have left them. */
    Overlay items() {
        inodes.flush();
        return items;
    }

    /** Returns a number greater than every inode number ever used. */
    long nextInode() {
        return nextInode;
    }

    /**
     * Returns the files whose size a record set: their last blocks' tails may need zeroing (Z2).
     */
    Set<Long> resizedFiles() {
        return resized;
    }

    /** Applies one record. */
    void apply(long lsn, RecordReader record) throws IOException {
        while (record.remaining() > 0) {
            int op = record.getUnsignedByte();
            try {
                applyOp(op, record);
            } catch (HoldfastException e) {
                throw new HoldfastException(e.code(),
                        "log record at LSN " + lsn + ", op " + op + ": " + e.getMessage(), e);
            }
        }
    }

    private void applyOp(int op, RecordReader r) throws IOException {
        switch (op) {
            case Op.MAP -> {
                boolean written = r.getByte() != 0;
                r.getShort();
                long count = r.getInt() & 0xFFFFFFFFL;
                map(r.getLong(), new Extent(r.getLong(), r.getLong(), count, written));
            }
            case Op.UNMAP -> unmap(r.getLong(), r.getLong(), r.getLong());
            case Op.CONVERT -> convert(r.getLong(), r.getLong(), r.getLong());
            case Op.INODE -> makeInode(r.getLong(), r.getBytes(Attributes.BYTES));
            case Op.ATTR -> setAttributes(r.getLong(), r.getUnsignedShort(), r);
            case Op.INODE_DEL -> deleteInode(r.getLong());
            case Op.DENTRY -> {
                long directory = r.getLong();
                long ino = r.getLong();
                FileType type = FileType.ofCode(r.getUnsignedByte());
                byte[] name = name(r);
                require(type != null && ino > 0, "a directory entry without inode or type");
                putName(ItemType.dentry(directory, hash.position(name)), name,
                        new Dentry(ino, type).encode());
            }
            case Op.DENTRY_DEL -> {
                long directory = r.getLong();
                byte[] name = name(r);
                removeName(ItemType.dentry(directory, hash.position(name)), name);
            }
            case Op.XATTR -> setXattr(r.getLong(), name(r), r.getBytes(r.getUnsignedShort()));
            case Op.XATTR_DEL -> {
                long ino = r.getLong();
                byte[] name = name(r);
                byte[] before = removeName(ItemType.xattr(ino, hash.position(name)), name);
                giveXattr(ino, before);
            }
            case Op.SYMLINK -> makeSymlink(r.getLong(), r.getBytes(r.getUnsignedShort()));
            case Op.ORPHAN -> {
                long ino = r.getLong();
                items.put(ItemType.orphan(ino), r.getBytes(Orphan.BYTES));
                Orphan.decode(ino, items.get(ItemType.orphan(ino)));
            }
            case Op.ORPHAN_DEL -> {
                long ino = r.getLong();
                require(items.get(ItemType.orphan(ino)) != null, "no orphan " + ino);
                items.remove(ItemType.orphan(ino));
            }
            case Op.ZERO_LEAVE -> space.leaveKnownZero(r.getLong(), r.getLong());
            case Op.ZERO_JOIN -> space.joinKnownZero(r.getLong(), r.getLong());
            case Op.CHUNK -> space.takeChunk(r.getLong(), r.getLong());
            case Op.CHUNK_DEL -> space.returnChunk(r.getLong(), r.getLong());
            default -> throw new HoldfastException(ErrorCode.CORRUPT, "unknown op");
        }
    }

    private void map(long ino, Extent extent) throws IOException {
        requireRange(extent.fileBlock(), extent.count());
        require(extent.count() <= Limits.EXTENT_BLOCKS, "an extent of too many blocks");
        Attributes attributes = inode(ino);
        space.take(extent.deviceBlock(), extent.count());
        FoldedExtents.edit(items, ino, extent.fileBlock(), extent.fileEnd(),
                touching -> ExtentEdit.mapped(touching, extent));
        attributes.blocks += extent.count();
        inodes.put(ino, attributes);
    }

    private void unmap(long ino, long from, long count) throws IOException {
        requireRange(from, count);
        Attributes attributes = inode(ino);
        long to = from + count;
        var gone = ExtentEdit.within(FoldedExtents.touching(items, ino, from, to), from, to);
        require(gone.size() <= Limits.EXTENTS_PER_RECORD + 1, "too many extents in one record");
        FoldedExtents.edit(items, ino, from, to,
                touching -> ExtentEdit.unmapped(touching, from, to));
        for (Extent extent : gone) {
            space.give(extent.deviceBlock(), extent.count());
            attributes.blocks -= extent.count();
        }
        inodes.put(ino, attributes);
    }

    private void convert(long ino, long from, long count) throws IOException {
        requireRange(from, count);
        inode(ino);
        long to = from + count;
        FoldedExtents.edit(items, ino, from, to,
                touching -> ExtentEdit.converted(touching, from, to));
    }

    private void makeInode(long ino, byte[] attributes) throws IOException {
        require(ino > 0 && ino < Long.MAX_VALUE, "inode number " + ino + " is out of range");
        require(inodes.get(ino) == null, "inode " + ino + " exists");
        inodes.put(ino, Attributes.decode(attributes, ino));
        nextInode = Math.max(nextInode, ino + 1);
    }

    private void setAttributes(long ino, int mask, RecordReader r) throws IOException {
        require((mask & ~Attributes.ALL_FIELDS) == 0, "unknown attribute");
        Attributes attributes = inode(ino);
        for (int bit = 1; bit <= Attributes.PARENT; bit <<= 1) {
            if ((mask & bit) != 0) {
                setAttribute(attributes, bit, r.getLong());
            }
        }
        attributes.requireInRange(ino);
        inodes.put(ino, attributes);
        if ((mask & Attributes.SIZE) != 0) {
            resized.add(ino);
        }
    }

    private static void setAttribute(Attributes attributes, int field, long value) {
        switch (field) {
            case Attributes.MODE -> attributes.mode = (int) value;
            case Attributes.UID -> attributes.uid = (int) value;
            case Attributes.GID -> attributes.gid = (int) value;
            case Attributes.LINKS -> attributes.links = (int) value;
            case Attributes.SIZE -> attributes.size = value;
            case Attributes.ATIME -> attributes.atime = value;
            case Attributes.MTIME -> attributes.mtime = value;
            case Attributes.CTIME -> attributes.ctime = value;
            case Attributes.PARENT -> attributes.parent = value;
            default -> throw new AssertionError(field);
        }
    }

    private void deleteInode(long ino) throws IOException {
        Attributes attributes = inode(ino);
        require(attributes.blocks == 0, "inode " + ino + " still has blocks");
        if (attributes.type() == FileType.SYMLINK) {
            for (int piece = 0; items.get(ItemType.symlink(ino, piece)) != null; piece++) {
                items.remove(ItemType.symlink(ino, piece));
            }
        }
        inodes.remove(ino);
        resized.remove(ino);
    }

    private void makeSymlink(long ino, byte[] target) throws IOException {
        inode(ino);
        int pieceBytes = Limits.SYMLINK_PIECE_BYTES;
        for (int piece = 0; piece * pieceBytes < target.length; piece++) {
            int from = piece * pieceBytes;
            items.put(ItemType.symlink(ino, piece), Arrays.copyOfRange(target, from,
                    Math.min(target.length, from + pieceBytes)));
        }
    }

    private void setXattr(long ino, byte[] name, byte[] content) throws IOException {
        XattrValue value = XattrValue.decode(content, "inode " + ino);
        for (XattrValue.BlockRun run : value.runs()) {
            space.take(run.block(), run.count());
        }
        byte[] before = putName(ItemType.xattr(ino, hash.position(name)), name, content);
        recount(ino, value.blocks());
        if (before != null) {
            giveXattr(ino, before);
        }
    }

    /** Frees the blocks of a value that no attribute has any more. */
    private void giveXattr(long ino, byte[] content) throws IOException {
        XattrValue value = XattrValue.decode(content, "inode " + ino);
        for (XattrValue.BlockRun run : value.runs()) {
            space.give(run.block(), run.count());
        }
        recount(ino, -value.blocks());
    }

    private void recount(long ino, long blocks) throws IOException {
        if (blocks != 0) {
            Attributes attributes = inode(ino);
            attributes.blocks += blocks;
            inodes.put(ino, attributes);
        }
    }

    /** Sets a name; returns what it stood for before, or null. */
    private byte[] putName(Key key, byte[] name, byte[] content) throws IOException {
        inode(key.inode());
        Bucket bucket = Bucket.decode(items.get(key), key);
        byte[] before = bucket.get(name);
        bucket.put(name, content);
        byte[] value = bucket.encode();
        require(value.length <= Layout.MAX_VALUE_BYTES,
                "inode " + key.inode() + " has too many names at one position");
        items.put(key, value);
        return before;
    }

    /** Removes a name; returns what it stood for. */
    private byte[] removeName(Key key, byte[] name) throws IOException {
        Bucket bucket = Bucket.decode(items.get(key), key);
        byte[] before = bucket.get(name);
        require(before != null, "inode " + key.inode() + " has no such name to remove");
        bucket.remove(name);
        if (bucket.isEmpty()) {
            items.remove(key);
        } else {
            items.put(key, bucket.encode());
        }
        return before;
    }

    private Attributes inode(long ino) throws IOException {
        Attributes attributes = inodes.get(ino);
        if (attributes == null) {
            throw new HoldfastException(ErrorCode.CORRUPT, "no inode " + ino);
        }
        return attributes;
    }

    private static byte[] name(RecordReader r) throws IOException {
        int length = r.getUnsignedByte();
        require(length > 0, "an empty name");
        return r.getBytes(length);
    }

    private static void requireRange(long from, long count) throws HoldfastException {
        require(from >= 0 && count > 0 && from <= Long.MAX_VALUE - count,
                "file blocks " + from + "+" + count + " are no range");
    }

    private static void require(boolean condition, String message) throws HoldfastException {
        if (!condition) {
            throw new HoldfastException(ErrorCode.CORRUPT, message);
        }
    }
}
