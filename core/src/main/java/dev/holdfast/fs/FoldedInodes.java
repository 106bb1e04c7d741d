package dev.holdfast.fs;

import dev.holdfast.tree.Overlay;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * The inodes that a fold has changed, decoded: most records change one that a record shortly before
 * changed too. They go into the items when those are asked for, each once, however many records
 * changed it.
 *
 * <p>Not thread-safe: one fold, one thread.
 */
final class FoldedInodes {
    private final Overlay items;
    private final Map<Long, Attributes> changed = new HashMap<>();

    FoldedInodes(Overlay items) {
        this.items = items;
    }

    /** Returns an inode, or null; a change of it counts once it is {@link #put}. */
    Attributes get(long ino) throws IOException {
        Attributes attributes = changed.get(ino);
        if (attributes != null) {
            return attributes;
        }
        byte[] value = items.get(ItemType.inode(ino));
        return value == null ? null : Attributes.decode(value, ino);
    }

    void put(long ino, Attributes attributes) {
        changed.put(ino, attributes);
    }

    void remove(long ino) {
        changed.remove(ino);
        items.remove(ItemType.inode(ino));
    }

    /** Puts what changed into the items. */
    void flush() {
        changed.forEach((ino, attributes) ->
                items.put(ItemType.inode(ino), attributes.encode()));
        changed.clear();
    }
}
