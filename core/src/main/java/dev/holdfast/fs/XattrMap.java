package dev.holdfast.fs;

import java.util.TreeMap;

/** The extended attributes of one inode, all of them. Guarded by the inode lock. */
final class XattrMap {
    final TreeMap<Name, XattrValue> values = new TreeMap<>();

    boolean isEmpty() {
        return values.isEmpty();
    }
}
