package dev.holdfast.explore.model;

import dev.holdfast.DaxFile;
import dev.holdfast.Volume;
import dev.holdfast.file.DirectoryEntry;
import dev.holdfast.file.FileExtent;
import dev.holdfast.file.FileStat;
import dev.holdfast.file.FileType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.TreeMap;

/** Everything a volume shows, contents included. */
record Observed(TreeMap<String, Entry> entries) {
    /**
     * What a path leads to.
     *
     * @param blocks of a file: which there are, and whether they are written
     */
    record Entry(FileStat stat, String target, TreeMap<String, String> xattrs,
            TreeMap<Long, Boolean> blocks, byte[] contents) {
        long size() {
            return stat.sizeBytes();
        }

        /** Returns a block of the contents; what lies past the end of the file is zero. */
        byte[] block(long page) {
            int from = (int) Math.min(page * FileBlock.BYTES, contents.length);
            return Arrays.copyOfRange(contents, from, from + FileBlock.BYTES);
        }
    }

    static Observed of(Volume volume) throws IOException {
        Observed all = new Observed(new TreeMap<>());
        all.collect(volume, "/", new BitSet());
        return all;
    }

    private void collect(Volume volume, String directory, BitSet used) throws IOException {
        for (DirectoryEntry dentry : volume.list(directory)) {
            String path = (directory.equals("/") ? "" : directory) + "/" + dentry.name();
            Entry entry = entry(volume, path, dentry.type());
            if (entry.stat.type() != dentry.type() || entry.stat.inode() != dentry.inode()) {
                throw new Violation(path + " is " + dentry + " in its directory and " + entry.stat);
            }
            entries.put(path, entry);
            if (dentry.type() == FileType.DIRECTORY) {
                collect(volume, path, used);
            }
        }
    }

    static Entry entry(Volume volume, String path, FileType type) throws IOException {
        FileStat stat = volume.statLink(path);
        TreeMap<String, String> xattrs = new TreeMap<>();
        if (type == FileType.SYMLINK) {
            return new Entry(stat, volume.readSymbolicLink(path), xattrs, new TreeMap<>(), null);
        }
        for (String name : volume.listXattrs(path)) {
            xattrs.put(name, new String(volume.getXattr(path, name), StandardCharsets.UTF_8));
        }
        if (type != FileType.FILE) {
            return new Entry(stat, null, xattrs, new TreeMap<>(), null);
        }
        try (DaxFile file = volume.openFile(path)) {
            TreeMap<Long, Boolean> blocks = new TreeMap<>();
            for (FileExtent extent : file.extents()) {
                for (long at = 0; at < extent.length(); at += FileBlock.BYTES) {
                    blocks.put((extent.fileOffset() + at) / FileBlock.BYTES, extent.written());
                }
            }
            byte[] contents = new byte[(int) file.size()];
            int read = file.read(ByteBuffer.wrap(contents), 0);
            Violation.unless(read == contents.length,
                    () -> path + ": read " + read + " of " + contents.length);
            Violation.unless(stat.blocks() == blocks.size(),
                    () -> path + ": " + stat.blocks() + " blocks, extents " + blocks);
            return new Entry(stat, null, xattrs, blocks, contents);
        }
    }

    /** Checks that no block of the volume belongs to two files, or to one twice. */
    static void requireNoSharedBlocks(Volume volume, Observed observed) throws IOException {
        BitSet used = new BitSet();
        BitSet seen = new BitSet();
        for (var entry : observed.entries.entrySet()) {
            int ino = (int) entry.getValue().stat.inode();
            if (entry.getValue().stat.type() != FileType.FILE || seen.get(ino)) {
                continue;
            }
            seen.set(ino);
            try (DaxFile file = volume.openFile(entry.getKey())) {
                for (FileExtent extent : file.extents()) {
                    int from = (int) (extent.deviceOffset() / FileBlock.BYTES);
                    int to = from + (int) (extent.length() / FileBlock.BYTES);
                    int shared = used.nextSetBit(from);
                    Violation.unless(shared < 0 || shared >= to, () -> entry.getKey()
                            + ": block " + shared + " belongs to another file too");
                    used.set(from, to);
                }
            }
        }
    }
}
