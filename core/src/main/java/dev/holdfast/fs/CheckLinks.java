package dev.holdfast.fs;

import dev.holdfast.file.CheckReport.Area;
import dev.holdfast.file.CheckReport.Place;
import dev.holdfast.file.FileType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Names against inodes: each name leads to an inode of its type, each inode has as many names as
 * it has links, each directory has one name, in its parent, and a way to the root. Holds a few
 * words an inode.
 */
final class CheckLinks {
    private final CheckFindings findings;
    private final Map<Long, Seen> inodes = new HashMap<>();
    private final Map<Long, Orphan.Kind> orphans = new HashMap<>();

    /** Where the names above a directory lead. */
    private enum Way { UNKNOWN, TO_ROOT, LOST }

    /** What was seen of an inode. */
    private static final class Seen {
        /** Null while only names were seen. */
        private FileType type;
        private int links;
        private long parent;
        private int names;
        private int subdirectories;
        /** The type that the last name said. */
        private FileType namedType;
        /** The directory of the last name. */
        private long namedIn;
        private Way way = Way.UNKNOWN;
    }

    CheckLinks(CheckFindings findings) {
        this.findings = findings;
    }

    private Seen seen(long ino) {
        return inodes.computeIfAbsent(ino, key -> new Seen());
    }

    void inode(long ino, Attributes attributes) {
        Seen inode = seen(ino);
        inode.type = attributes.type();
        inode.links = attributes.links;
        inode.parent = attributes.parent;
    }

    void name(long directory, String text, Dentry dentry) {
        Seen inode = seen(dentry.ino());
        if (inode.names > 0 && inode.namedType != dentry.type()) {
            damage(dentry.ino(), "its name \"" + text + "\" in inode " + directory + " says "
                    + dentry.type() + ", another " + inode.namedType);
        }
        inode.names++;
        inode.namedType = dentry.type();
        inode.namedIn = directory;
        if (dentry.type() == FileType.DIRECTORY) {
            seen(directory).subdirectories++;
        }
    }

    void orphan(Orphan orphan) {
        orphans.put(orphan.ino(), orphan.kind());
        findings.note(Area.ORPHANS, Place.inode(orphan.ino()),
                orphan.kind() == Orphan.Kind.DELETE
                        ? "has no name and is deleted at the next mount"
                        : "file blocks " + orphan.fromBlock() + " to " + orphan.toBlock()
                                + " are freed at the next mount");
    }

    private void damage(long ino, String problem) {
        findings.damage(Area.LINKS, Place.inode(ino), problem);
    }

    void finish() {
        Seen root = inodes.get(ItemType.ROOT);
        if (root == null || root.type != FileType.DIRECTORY) {
            damage(ItemType.ROOT, "there is no root directory");
        }
        inodes.forEach(this::finish);
        orphans.keySet().forEach(ino -> {
            if (!inodes.containsKey(ino) || inodes.get(ino).type == null) {
                findings.damage(Area.ORPHANS, Place.inode(ino),
                        "has an orphan item but does not exist");
            }
        });
    }

    private void finish(long ino, Seen inode) {
        if (inode.type == null) {
            damage(ino, "does not exist; a name in inode " + inode.namedIn + " leads to it");
            return;
        }
        if (inode.names > 0 && inode.namedType != inode.type) {
            damage(ino, "is a " + inode.type + "; its name in inode " + inode.namedIn + " says "
                    + inode.namedType);
        }
        boolean isNameless = orphans.get(ino) == Orphan.Kind.DELETE;
        if (isNameless && (inode.names > 0 || inode.links > 0)) {
            findings.damage(Area.ORPHANS, Place.inode(ino), "is to be deleted, with "
                    + inode.names + " names and " + inode.links + " links");
        } else if (!isNameless) {
            counts(ino, inode);
        }
    }

    private void counts(long ino, Seen inode) {
        boolean isDirectory = inode.type == FileType.DIRECTORY;
        int links = isDirectory ? inode.subdirectories + 2 : inode.names;
        if (inode.links != links) {
            damage(ino, "says " + inode.links + " links; the names make " + links);
        }
        if (inode.links == 0) {
            findings.warn(Area.ORPHANS, Place.inode(ino),
                    "has no name and no orphan item: nothing will delete it",
                    "its space is lost; nothing else is");
        }
        if (isDirectory) {
            directory(ino, inode);
        } else if (inode.parent != 0) {
            damage(ino, "has the parent " + inode.parent + " but is no directory");
        }
    }

    private void directory(long ino, Seen inode) {
        boolean isRoot = ino == ItemType.ROOT;
        if (inode.names != (isRoot ? 0 : 1)) {
            damage(ino, "is a directory with " + inode.names + " names");
        } else if (inode.parent != (isRoot ? ino : inode.namedIn)) {
            damage(ino, "says its parent is " + inode.parent + "; its name is in inode "
                    + inode.namedIn);
        }
        if (!leadsToRoot(ino)) {
            damage(ino, "cannot be reached from the root directory");
        }
    }

    /** Goes up by names; each directory is passed once over all calls. */
    private boolean leadsToRoot(long ino) {
        List<Seen> path = new ArrayList<>();
        long at = ino;
        Way way = wayFrom(at);
        while (way == Way.UNKNOWN) {
            Seen directory = inodes.get(at);
            // So that a cycle, which comes back here, ends.
            directory.way = Way.LOST;
            path.add(directory);
            at = directory.namedIn;
            way = wayFrom(at);
        }
        for (Seen directory : path) {
            directory.way = way;
        }
        return way == Way.TO_ROOT;
    }

    private Way wayFrom(long ino) {
        if (ino == ItemType.ROOT) {
            return Way.TO_ROOT;
        }
        Seen directory = inodes.get(ino);
        boolean isNamed = directory != null && directory.type == FileType.DIRECTORY
                && directory.names > 0;
        return isNamed ? directory.way : Way.LOST;
    }
}
