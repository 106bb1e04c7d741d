package dev.holdfast.file;

import java.util.List;

/**
 * What an examination of a volume found. Immutable.
 *
 * @param findings what was found, in the order of the checks; the first
 *     {@value #MAX_FINDINGS}
 * @param omittedFindings findings past those
 * @param examined how much was looked at
 */
public record CheckReport(List<Finding> findings, long omittedFindings, Examined examined) {
    /** Most findings a report lists. */
    public static final int MAX_FINDINGS = 1000;

    /** How bad a finding is. */
    public enum Severity {
        /**
         * Worth knowing and in order: what an open volume, or a crash, leaves to the next mount.
         */
        NOTE,
        /** Nothing is wrong with the files, but a spare copy or some space is lost. */
        WARNING,
        /** Metadata contradicts itself or cannot be read. */
        DAMAGE
    }

    /** The checks, in the order in which they are made. */
    public enum Area {
        /** The two superblock slots. */
        SUPERBLOCK,
        /** The two epoch tables. */
        EPOCHS,
        /** Replay of the log over each slot's tree. */
        LOG,
        /** Every node of each slot's tree. */
        TREE,
        /** Bitmaps of live nodes, against the nodes of the tree. */
        NODES,
        /** Inode items: ranges, block counts. */
        INODES,
        /** Directory entries and their places. */
        NAMES,
        /** Extents of files. */
        EXTENTS,
        /** Targets of symbolic links. */
        SYMLINKS,
        /** Extended attributes. */
        XATTRS,
        /** Unfinished deletions. */
        ORPHANS,
        /** Links, parents and directory sizes, against the names. */
        LINKS,
        /** Every block has one owner. */
        SPACE,
        /** Blocks claimed to be zero are free, and zero. */
        KNOWN_ZERO
    }

    /** What a {@link Place} counts. */
    public enum PlaceKind {
        /** The whole volume; the number means nothing. */
        VOLUME,
        /** An inode number. */
        INODE,
        /** A block of 4096 bytes, from the start of the device. */
        BLOCK,
        /** A position in the log. */
        LSN
    }

    /**
     * Where something was found.
     *
     * @param kind what {@code number} counts
     * @param number inode, block or LSN
     */
    public record Place(PlaceKind kind, long number) {
        /** The whole volume. */
        public static final Place VOLUME = new Place(PlaceKind.VOLUME, 0);

        /** Returns the place of an inode. */
        public static Place inode(long ino) {
            return new Place(PlaceKind.INODE, ino);
        }

        /** Returns the place of a block. */
        public static Place block(long block) {
            return new Place(PlaceKind.BLOCK, block);
        }

        /** Returns a place in the log. */
        public static Place lsn(long lsn) {
            return new Place(PlaceKind.LSN, lsn);
        }

        @Override
        public String toString() {
            return switch (kind) {
                case VOLUME -> "volume";
                case INODE -> "inode " + number;
                case BLOCK -> "block " + number;
                case LSN -> "LSN " + number;
            };
        }
    }

    /**
     * One finding.
     *
     * @param severity how bad it is
     * @param area the check that failed
     * @param place where
     * @param problem what is wrong
     * @param advice what to do
     */
    public record Finding(Severity severity, Area area, Place place, String problem,
            String advice) {
        @Override
        public String toString() {
            return severity + " " + area + ", " + place + ": " + problem + "; " + advice;
        }
    }

    /**
     * How much was looked at.
     *
     * @param slots sound superblock slots
     * @param logRecords records replayed over the newest sound checkpoint
     * @param nodes sound tree nodes of that checkpoint
     * @param items items of the state that a mount would recover, as are those below
     * @param inodes inodes
     * @param names directory entries
     * @param extents extents of files
     * @param blocks blocks whose owner was looked for
     * @param knownZeroBlocks blocks claimed to be zero
     * @param knownZeroBlocksRead those of them that were read: all, or an even sample of very many
     */
    public record Examined(int slots, long logRecords, long nodes, long items, long inodes,
            long names, long extents, long blocks, long knownZeroBlocks,
            long knownZeroBlocksRead) {}

    /** Copies the findings. */
    public CheckReport {
        findings = List.copyOf(findings);
    }

    /** Tells whether nothing was found but notes. */
    public boolean isClean() {
        return omittedFindings == 0
                && findings.stream().allMatch(f -> f.severity() == Severity.NOTE);
    }

    /** Tells whether metadata is damaged, beyond a lost spare copy. */
    public boolean isDamaged() {
        return findings.stream().anyMatch(f -> f.severity() == Severity.DAMAGE);
    }
}
