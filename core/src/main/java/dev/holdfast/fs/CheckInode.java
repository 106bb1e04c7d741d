package dev.holdfast.fs;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.CheckReport.Area;
import dev.holdfast.file.CheckReport.Place;
import dev.holdfast.file.FileType;
import dev.holdfast.file.NameText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/** The items of one inode, shown in key order. */
final class CheckInode {
    private static final int MODE_BITS = FileType.MODE_MASK | 07777;

    private final long ino;
    private final DaxDevice device;
    private final SipHash hash;
    private final CheckOwners owners;
    private final CheckLinks links;
    private final CheckFindings findings;
    private Attributes attributes;
    private long names;
    private long blocks;
    private Extent lastExtent;
    private final ByteArrayOutputStream target = new ByteArrayOutputStream(0);
    private int targetPieces;

    CheckInode(long ino, DaxDevice device, SipHash hash, CheckOwners owners, CheckLinks links,
            CheckFindings findings) {
        this.ino = ino;
        this.device = device;
        this.hash = hash;
        this.owners = owners;
        this.links = links;
        this.findings = findings;
    }

    long ino() {
        return ino;
    }

    void take(int type, long offset, byte[] value) throws IOException {
        switch (type) {
            case ItemType.INODE -> collect(Area.INODES, () -> inode(offset, value));
            case ItemType.DENTRY -> collect(Area.NAMES, () -> dentries(offset, value));
            case ItemType.XATTR -> collect(Area.XATTRS, () -> xattrs(offset, value));
            case ItemType.SYMLINK -> piece(offset, value);
            case ItemType.EXTENT -> collect(Area.EXTENTS, () -> extent(offset, value));
            default -> damage(Area.TREE, "an item of the unknown type " + type);
        }
    }

    private void collect(Area area, CheckFindings.Step step) throws IOException {
        findings.collect(area, Place.inode(ino), step);
    }

    private void damage(Area area, String problem) {
        findings.damage(area, Place.inode(ino), problem);
    }

    private void inode(long offset, byte[] value) throws HoldfastException {
        if (offset != 0) {
            damage(Area.INODES, "an inode item at offset " + offset);
            return;
        }
        findings.inodes++;
        attributes = Attributes.decode(value, ino);
        if ((attributes.mode & ~MODE_BITS) != 0) {
            damage(Area.INODES, "mode " + Integer.toOctalString(attributes.mode));
        }
        if (attributes.links > Limits.LINKS) {
            damage(Area.INODES, attributes.links + " links; the limit is " + Limits.LINKS);
        }
        links.inode(ino, attributes);
    }

    private void dentries(long position, byte[] value) throws HoldfastException {
        Set<String> seen = new HashSet<>();
        for (Bucket.Entry entry : bucket(value)) {
            findings.names++;
            names++;
            String text = NameText.decode(entry.name());
            if (text.equals(".") || text.equals("..") || text.indexOf('/') >= 0
                    || text.indexOf('\0') >= 0) {
                damage(Area.NAMES, "the name \"" + text + "\" cannot be one");
            }
            if (!seen.add(text)) {
                damage(Area.NAMES, "two entries are named \"" + text + "\"");
            }
            requirePosition(Area.NAMES, entry, text, position);
            links.name(ino, text, Dentry.decode(entry.content(), ino));
        }
    }

    private void xattrs(long position, byte[] value) throws IOException {
        Set<String> seen = new HashSet<>();
        for (Bucket.Entry entry : bucket(value)) {
            String text = NameText.decode(entry.name());
            if (text.indexOf('\0') >= 0 || !seen.add(text)) {
                damage(Area.XATTRS, "attribute \"" + text + "\" is there twice, or has a NUL");
            }
            requirePosition(Area.XATTRS, entry, text, position);
            value(text, XattrValue.decode(entry.content(), "inode " + ino));
        }
    }

    /** A value in blocks owns them, and is what was stored. */
    private void value(String text, XattrValue value) throws IOException {
        for (XattrValue.BlockRun run : value.runs()) {
            blocks += run.count();
            owners.add(run.block(), run.count(), ino);
        }
        if (value instanceof XattrValue.Stored stored) {
            XattrStore.read(device, owners.volumeBlocks(), stored,
                    "attribute \"" + text + "\"");
        }
    }

    private Iterable<Bucket.Entry> bucket(byte[] value) throws HoldfastException {
        Bucket bucket = Bucket.decode(value, "names of inode " + ino);
        if (bucket.isEmpty()) {
            damage(Area.NAMES, "an item without a name");
        }
        return bucket.entries();
    }

    private void requirePosition(Area area, Bucket.Entry entry, String text, long position) {
        if (hash.position(entry.name()) != position) {
            damage(area, "\"" + text + "\" is at position " + position + ", where no look-up "
                    + "finds it");
        }
    }

    /** Pieces are all full but the last. */
    private void piece(long offset, byte[] value) {
        boolean follows = offset == targetPieces
                && target.size() == targetPieces * Limits.SYMLINK_PIECE_BYTES;
        if (!follows || value.length == 0 || value.length > Limits.SYMLINK_PIECE_BYTES) {
            damage(Area.SYMLINKS, "piece " + offset + " of the target, " + value.length
                    + " bytes, does not follow the one before");
        }
        targetPieces++;
        if (target.size() < Limits.PATH_BYTES) {
            target.write(value, 0, value.length);
        }
    }

    private void extent(long fileBlock, byte[] value) throws HoldfastException {
        findings.extents++;
        Extent extent = Extent.decode(ino, fileBlock, value);
        if (lastExtent != null && lastExtent.fileEnd() > fileBlock) {
            damage(Area.EXTENTS, extent + " overlaps " + lastExtent);
        }
        if (extent.fileEnd() > Limits.FILE_MAX_BYTES / Limits.BLOCK_BYTES) {
            damage(Area.EXTENTS, extent + " is past the largest file");
        }
        if (attributes != null && attributes.type() != FileType.FILE) {
            damage(Area.EXTENTS, extent + " belongs to no regular file");
        }
        lastExtent = extent;
        blocks += extent.count();
        owners.add(extent.deviceBlock(), extent.count(), ino);
    }

    /** Compares what the inode item says with the items seen. */
    void finish() throws IOException {
        if (attributes == null) {
            damage(Area.INODES, "has items but no whole inode item");
            return;
        }
        if (attributes.blocks != blocks) {
            damage(Area.INODES,
                    "says " + attributes.blocks + " blocks; its extents and attributes have "
                            + blocks);
        }
        if (attributes.type() == FileType.DIRECTORY) {
            if (attributes.size != names) {
                damage(Area.LINKS, "says " + attributes.size + " names; it has " + names);
            }
        } else if (names > 0) {
            damage(Area.NAMES, "has names but is no directory");
        }
        if (attributes.type() == FileType.SYMLINK) {
            collect(Area.SYMLINKS, this::target);
        } else if (targetPieces > 0) {
            damage(Area.SYMLINKS, "has a link target but is no symbolic link");
        }
        if (noContent() && attributes.size != 0) {
            damage(Area.INODES, "has a size of " + attributes.size + " but no content");
        }
    }

    private void target() throws HoldfastException {
        int bytes = target.size();
        if (attributes.size != bytes || bytes == 0 || bytes >= Limits.PATH_BYTES) {
            damage(Area.SYMLINKS,
                    "says a target of " + attributes.size + " bytes; it has " + bytes);
        }
    }

    private boolean noContent() {
        return !Arrays.asList(FileType.FILE, FileType.DIRECTORY, FileType.SYMLINK)
                .contains(attributes.type());
    }
}
