package dev.holdfast.fs;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.NameText;
import dev.holdfast.tree.Key;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * The names of one directory: those that changed since the last checkpoint in the heap, over those
 * of the tree. Guarded by the directory's inode lock: shared for look-ups, exclusive for changes.
 */
final class Directory {
    /** A name as listed. */
    record Listed(Name name, Dentry dentry) {}

    /** What a name is since {@code lsn}; a null dentry says that it is gone. */
    private record Changed(Dentry dentry, long lsn) {}

    private static final int SCAN_ITEMS = 256;

    private final Inode inode;
    private final FileSystem fs;
    private final TreeMap<Name, Changed> changed = new TreeMap<>();
    private long prunedGeneration;

    Directory(Inode inode, FileSystem fs) {
        this.inode = inode;
        this.fs = fs;
    }

    /** Returns what a name stands for, or null. */
    Dentry get(Name name) throws IOException {
        Changed change = changed.get(name);
        if (change != null) {
            return change.dentry;
        }
        Key key = ItemType.dentry(inode.ino, name.hash());
        byte[] value = fs.trees().read(tree -> tree.get(key));
        byte[] content = value == null ? null
                : Bucket.decode(value, inode).get(name.bytes());
        return content == null ? null : Dentry.decode(content, inode.ino);
    }

    /** Notes that a name was set, or with null removed, by the record durable at {@code lsn}. */
    void set(Name name, Dentry dentry, long lsn) {
        prune();
        changed.put(name, new Changed(dentry, lsn));
    }

    private void prune() {
        Trees.View view = fs.trees().view();
        if (view.generation() != prunedGeneration) {
            prunedGeneration = view.generation();
            changed.values().removeIf(change -> change.lsn <= view.logStart());
        }
    }

    /** Tells whether no name is left. */
    boolean isEmpty() throws IOException {
        return list(0, 1).isEmpty();
    }

    /**
     * Returns names in order of position, from the first past {@code position}: at least
     * {@code wanted} of them if there are so many, and always every name of the last position.
     */
    List<Listed> list(long position, int wanted) throws IOException {
        List<Listed> result = new ArrayList<>();
        long from = position;
        boolean more = true;
        while (more && result.size() < wanted) {
            TreeMap<Name, Dentry> window = new TreeMap<>();
            long end = scanTree(from, Math.max(SCAN_ITEMS, wanted), window);
            more = end != Long.MAX_VALUE;
            overlay(from, end, window);
            window.forEach((name, dentry) -> result.add(new Listed(name, dentry)));
            from = end;
        }
        return cutAfter(result, wanted);
    }

    /** Reads names past {@code from} from the tree; returns the last position that is complete. */
    private long scanTree(long from, int items, TreeMap<Name, Dentry> into) throws IOException {
        record Raw(long position, byte[] value) {}
        List<Raw> raw = fs.trees().read(tree -> {
            List<Raw> found = new ArrayList<>();
            tree.scan(ItemType.dentry(inode.ino, from + 1),
                    ItemType.end(inode.ino, ItemType.DENTRY), (key, value) -> {
                        found.add(new Raw(key.offset(), value));
                        return found.size() < items;
                    });
            return found;
        });
        for (Raw item : raw) {
            for (Bucket.Entry entry : Bucket.decode(item.value, inode).entries()) {
                Name name = name(entry.name());
                if (name.hash() != item.position) {
                    // Listing goes on from a name's own position: it could go round for ever.
                    throw new HoldfastException(ErrorCode.CORRUPT, inode + ": \"" + name
                            + "\" is not at its position; run check");
                }
                into.put(name, Dentry.decode(entry.content(), inode.ino));
            }
        }
        return raw.size() < items ? Long.MAX_VALUE : raw.getLast().position;
    }

    private Name name(byte[] bytes) throws HoldfastException {
        String what = inode.toString();
        return Name.of(NameText.decode(bytes), fs.hash(), what);
    }

    private void overlay(long from, long end, TreeMap<Name, Dentry> window) {
        for (var entry : changed.tailMap(Name.after(from), true).entrySet()) {
            if (entry.getKey().hash() > end) {
                return;
            }
            if (entry.getValue().dentry == null) {
                window.remove(entry.getKey());
            } else {
                window.put(entry.getKey(), entry.getValue().dentry);
            }
        }
    }

    private static List<Listed> cutAfter(List<Listed> names, int wanted) {
        int end = Math.min(wanted, names.size());
        while (end > 0 && end < names.size()
                && names.get(end).name.hash() == names.get(end - 1).name.hash()) {
            end++;
        }
        return new ArrayList<>(names.subList(0, end));
    }
}
