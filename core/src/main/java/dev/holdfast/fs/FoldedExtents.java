package dev.holdfast.fs;

import dev.holdfast.error.HoldfastException;
import dev.holdfast.tree.Items;
import dev.holdfast.tree.Key;
import dev.holdfast.tree.Overlay;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The extents of an inode as items: read, and edited in an overlay. */
final class FoldedExtents {
    interface Edit {
        List<Extent> of(List<Extent> touching) throws HoldfastException;
    }

    private FoldedExtents() {}

    /** Returns every extent of an inode, in order. */
    static List<Extent> all(Items items, long ino) throws IOException {
        List<Extent> result = new ArrayList<>();
        scan(items, ino, 0, Long.MAX_VALUE, result);
        return result;
    }

    /** Returns the extents that overlap the range or end or begin at its ends. */
    static List<Extent> touching(Items items, long ino, long from, long to) throws IOException {
        List<Extent> result = new ArrayList<>();
        if (from > 0) {
            Items.Item before = items.floor(ItemType.extent(ino, from - 1));
            if (before != null && isExtentOf(before.key(), ino)) {
                result.add(Extent.decode(ino, before.key().offset(), before.value()));
            }
        }
        scan(items, ino, from, to + 1, result);
        return result;
    }

    /** Replaces the extents that touch the range by what {@code edit} makes of them. */
    static void edit(Overlay items, long ino, long from, long to, Edit edit) throws IOException {
        List<Extent> before = touching(items, ino, from, to);
        List<Extent> after = edit.of(before);
        for (Extent old : before) {
            if (!after.contains(old)) {
                items.remove(ItemType.extent(ino, old.fileBlock()));
            }
        }
        for (Extent extent : after) {
            if (!before.contains(extent)) {
                items.put(ItemType.extent(ino, extent.fileBlock()), extent.encode());
            }
        }
    }

    private static void scan(Items items, long ino, long from, long to, List<Extent> result)
            throws IOException {
        items.scan(ItemType.extent(ino, from), ItemType.extent(ino, to), (key, value) -> {
            result.add(Extent.decode(ino, key.offset(), value));
            return true;
        });
    }

    private static boolean isExtentOf(Key key, long ino) {
        return key.inode() == ino && key.type() == ItemType.EXTENT;
    }
}
