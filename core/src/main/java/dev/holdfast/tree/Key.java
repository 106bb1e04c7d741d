package dev.holdfast.tree;

/**
 * The name of an item. Keys are ordered by inode, then type, then offset, each as an unsigned
 * number.
 *
 * @param inode inode the item belongs to; 0 for items of the volume
 * @param type item type
 * @param offset block, hash or index within the inode and type
 */
public record Key(long inode, int type, long offset) implements Comparable<Key> {
    /** The least key of all. */
    public static final Key MIN = new Key(0, 0, 0);
    /** The greatest key of all. */
    public static final Key MAX = new Key(-1, -1, -1);

    @Override
    public int compareTo(Key other) {
        return compare(inode, type, offset, other);
    }

    /** Compares a key given by its fields with {@code other}. */
    static int compare(long inode, int type, long offset, Key other) {
        int order = Long.compareUnsigned(inode, other.inode);
        if (order == 0) {
            order = Integer.compareUnsigned(type, other.type);
        }
        return order != 0 ? order : Long.compareUnsigned(offset, other.offset);
    }

    /** Returns the greatest key below this one. {@link #MIN} has none. */
    public Key previous() {
        if (offset != 0) {
            return new Key(inode, type, offset - 1);
        }
        if (type != 0) {
            return new Key(inode, type - 1, -1);
        }
        assert inode != 0 : "no key below the least";
        return new Key(inode - 1, -1, -1);
    }

    @Override
    public String toString() {
        return "(" + Long.toUnsignedString(inode) + "," + Integer.toUnsignedString(type) + ","
                + Long.toUnsignedString(offset) + ")";
    }
}
