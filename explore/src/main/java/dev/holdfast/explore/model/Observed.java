package dev.holdfast.explore.model;

import dev.holdfast.DaxFile;
import dev.holdfast.Volume;
import dev.holdfast.explore.Violation;
import dev.holdfast.file.DirectoryEntry;
import dev.holdfast.file.FileExtent;
import dev.holdfast.file.FileStat;
import dev.holdfast.file.FileType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Everything a volume shows, contents included. */
record Observed(TreeMap<String, Entry> entries) {
    static final long CHUNK_UNIT_BYTES = 16 * FileBlock.BYTES;
    /** Bytes of the longest attribute's value that takes no blocks of its own. */
    static final int MAX_INLINE_VALUE = 2048;
    private static final byte[] EMPTY = {};

    /** What a block of a file is. */
    static final byte HOLE = 0;
    static final byte UNWRITTEN = 1;
    static final byte WRITTEN = 2;

    /**
     * What a path leads to.
     *
     * @param extents of a file, in order
     * @param kinds of each block of a file up to the last it has
     * @param contents of a file, all of it
     */
    record Entry(FileStat stat, String target, Map<String, String> xattrs,
            List<FileExtent> extents, byte[] kinds, byte[] contents) {
        long size() {
            return stat.sizeBytes();
        }

        byte kind(long page) {
            return page < kinds.length ? kinds[(int) page] : HOLE;
        }

        /** Returns how many bytes of a block lie before the end of the file. */
        int blockEnd(long page) {
            return Math.clamp(size() - page * FileBlock.BYTES, 0, FileBlock.BYTES);
        }

        private long blockCount() {
            long count = 0;
            for (byte kind : kinds) {
                count += kind == HOLE ? 0 : 1;
            }
            for (String value : xattrs.values()) {
                int bytes = value.getBytes(StandardCharsets.UTF_8).length;
                count += bytes <= MAX_INLINE_VALUE ? 0
                        : (bytes + FileBlock.BYTES - 1) / FileBlock.BYTES;
            }
            return count;
        }
    }

    static Observed of(Volume volume) throws IOException {
        Observed all = new Observed(new TreeMap<>());
        all.collect(volume, "/");
        return all;
    }

    private void collect(Volume volume, String directory) throws IOException {
        for (DirectoryEntry dentry : volume.list(directory)) {
            String path = (directory.equals("/") ? "" : directory) + "/" + dentry.name();
            Entry entry = entry(volume, path, dentry.type());
            if (entry.stat.type() != dentry.type() || entry.stat.inode() != dentry.inode()) {
                throw new Violation(path + " is " + dentry + " in its directory and " + entry.stat);
            }
            entries.put(path, entry);
            if (dentry.type() == FileType.DIRECTORY) {
                collect(volume, path);
            }
        }
    }

    static Entry entry(Volume volume, String path, FileType type) throws IOException {
        FileStat stat = volume.statLink(path);
        if (type == FileType.SYMLINK) {
            return new Entry(
                    stat, volume.readSymbolicLink(path), Map.of(), List.of(), EMPTY, EMPTY);
        }
        Map<String, String> xattrs = xattrs(volume, path);
        if (type != FileType.FILE) {
            return counted(path, new Entry(stat, null, xattrs, List.of(), EMPTY, EMPTY));
        }
        try (DaxFile file = volume.openFile(path)) {
            byte[] contents = new byte[(int) file.size()];
            int read = contents.length == 0 ? 0 : file.read(ByteBuffer.wrap(contents), 0);
            Driver.require(read == contents.length,
                    () -> path + ": read " + read + " of " + contents.length);
            List<FileExtent> extents = file.extents();
            return counted(path,
                    new Entry(stat, null, xattrs, extents, kinds(extents), contents));
        }
    }

    private static Entry counted(String path, Entry entry) {
        Driver.require(entry.stat.blocks() == entry.blockCount(), () -> path + ": "
                + entry.stat.blocks() + " blocks instead of " + entry.blockCount() + ", extents "
                + entry.extents);
        return entry;
    }

    private static byte[] kinds(List<FileExtent> extents) {
        if (extents.isEmpty()) {
            return EMPTY;
        }
        FileExtent last = extents.getLast();
        byte[] kinds = new byte[(int) ((last.fileOffset() + last.length()) / FileBlock.BYTES)];
        for (FileExtent extent : extents) {
            int from = (int) (extent.fileOffset() / FileBlock.BYTES);
            Arrays.fill(kinds, from, from + (int) (extent.length() / FileBlock.BYTES),
                    extent.written() ? WRITTEN : UNWRITTEN);
        }
        return kinds;
    }

    private static Map<String, String> xattrs(Volume volume, String path) throws IOException {
        List<String> names = volume.listXattrs(path);
        if (names.isEmpty()) {
            return Map.of();
        }
        Map<String, String> xattrs = new TreeMap<>();
        for (String name : names) {
            xattrs.put(name, new String(volume.getXattr(path, name), StandardCharsets.UTF_8));
        }
        return xattrs;
    }

    /** Checks that every block of the volume belongs to one file, once, or is free. */
    void requireSpace(Volume volume, long emptyFreeBytes) {
        long used = requireNoSharedBlocks() * FileBlock.BYTES;
        // What else is not free is in node chunks, whose lengths are multiples of the smallest.
        long lost = emptyFreeBytes - volume.space().freeBytes() - used;
        Driver.require(lost >= 0 && lost % CHUNK_UNIT_BYTES == 0,
                () -> lost + " bytes are neither free nor in a file");
    }

    /**
     * Checks that no block of the volume belongs to two files, or to one twice; returns how many
     * have an owner.
     */
    long requireNoSharedBlocks() {
        BitSet used = new BitSet();
        BitSet seen = new BitSet();
        entries.forEach((path, entry) -> {
            int ino = (int) entry.stat.inode();
            if (seen.get(ino)) {
                return;
            }
            seen.set(ino);
            for (FileExtent extent : entry.extents) {
                int from = (int) (extent.deviceOffset() / FileBlock.BYTES);
                int to = from + (int) (extent.length() / FileBlock.BYTES);
                int shared = used.nextSetBit(from);
                Driver.require(shared < 0 || shared >= to, () -> path + ": block " + shared
                        + " belongs to another file too");
                used.set(from, to);
            }
        });
        return used.cardinality();
    }
}
