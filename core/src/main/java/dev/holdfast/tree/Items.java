package dev.holdfast.tree;

import java.io.IOException;

/**
 * A sorted map from keys to small values. Every method throws an {@link IOException} with code
 * CORRUPT when what it reads is damaged; it never answers wrongly instead.
 */
public interface Items {
    /**
     * A key with its value.
     *
     * @param key name of the item
     * @param value its bytes; the caller's to keep, not to change
     */
    record Item(Key key, byte[] value) {}

    /** Returns the value of {@code key}, or null when there is none. */
    byte[] get(Key key) throws IOException;

    /** Returns the item with the greatest key that is not above {@code key}, or null. */
    Item floor(Key key) throws IOException;

    /**
     * Shows the items with {@code fromInclusive <= key < toExclusive} to {@code visitor},
     * ascending, until it returns false. The visitor may read the same items, not change them.
     */
    void scan(Key fromInclusive, Key toExclusive, ItemVisitor visitor) throws IOException;
}
