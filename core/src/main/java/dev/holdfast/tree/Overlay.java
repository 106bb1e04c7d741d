package dev.holdfast.tree;

import java.io.IOException;
import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Changes over items that do not change: what a replay of the log makes of a tree.
 *
 * <p>Lifecycle:
 * <ol>
 * <li>made over the tree of the last checkpoint;
 * <li>filled by {@link #put} and {@link #remove}, read as the merged whole;
 * <li>{@link #changes} goes into {@link TreeMerge}, and the overlay is dropped.
 * </ol>
 *
 * <p>Not thread-safe.
 */
public final class Overlay implements Items {
    private final Items base;
    /** New values; null for a key that is gone. */
    private final TreeMap<Key, byte[]> changes = new TreeMap<>();
    /** The changes that are no removals: a floor need not walk over what a long replay removed. */
    private final TreeMap<Key, byte[]> puts = new TreeMap<>();
    private long changedBytes;

    /** Makes an overlay without changes. */
    public Overlay(Items base) {
        this.base = base;
    }

    /** Gives {@code key} a value, which the overlay keeps without copying. */
    public void put(Key key, byte[] value) {
        if (value.length > Layout.MAX_VALUE_BYTES) {
            throw new IllegalArgumentException("value of item " + key + " has " + value.length
                    + " bytes; the limit is " + Layout.MAX_VALUE_BYTES);
        }
        changedBytes += Layout.itemBytes(value.length);
        puts.put(key, value);
        forget(changes.put(key, value));
    }

    /** Takes {@code key} away, whether or not it has a value. */
    public void remove(Key key) {
        puts.remove(key);
        forget(changes.put(key, null));
    }

    private void forget(byte[] replaced) {
        if (replaced != null) {
            changedBytes -= Layout.itemBytes(replaced.length);
        }
    }

    /** Returns the changes in key order, null standing for a removal. A live, read-only view. */
    public NavigableMap<Key, byte[]> changes() {
        return Collections.unmodifiableNavigableMap(changes);
    }

    /** Returns the number of keys put or removed. */
    public int changedItems() {
        return changes.size();
    }

    /** Returns the bytes that the items put take in leaves, see {@link Layout#itemBytes}. */
    public long changedBytes() {
        return changedBytes;
    }

    @Override
    public byte[] get(Key key) throws IOException {
        byte[] value = changes.get(key);
        return value != null || changes.containsKey(key) ? value : base.get(key);
    }

    @Override
    public Item floor(Key key) throws IOException {
        Map.Entry<Key, byte[]> put = puts.floorEntry(key);
        if (put != null && put.getKey().equals(key)) {
            return new Item(key, put.getValue());
        }
        Item below = base.floor(key);
        while (below != null && isRemoved(below.key()) && !isAbove(put, below)) {
            below = below.key().equals(Key.MIN) ? null : base.floor(below.key().previous());
        }
        return isAbove(put, below) ? new Item(put.getKey(), put.getValue()) : below;
    }

    /** Tells whether what was put is no lower than what the base has. */
    private static boolean isAbove(Map.Entry<Key, byte[]> put, Item below) {
        return put != null && (below == null || put.getKey().compareTo(below.key()) >= 0);
    }

    private boolean isRemoved(Key key) {
        return changes.get(key) == null && changes.containsKey(key);
    }

    @Override
    public void scan(Key fromInclusive, Key toExclusive, ItemVisitor visitor) throws IOException {
        if (fromInclusive.compareTo(toExclusive) >= 0) {
            return;
        }
        var merge = new MergedScan(changes.subMap(fromInclusive, true, toExclusive, false),
                visitor);
        base.scan(fromInclusive, toExclusive, merge);
        merge.finish();
    }

    /** Shows the items of a base, as they come, and the changes between them in one order. */
    private static final class MergedScan implements ItemVisitor {
        private final Iterator<Map.Entry<Key, byte[]>> rest;
        private final ItemVisitor visitor;
        private Map.Entry<Key, byte[]> change;
        private boolean goOn = true;

        MergedScan(NavigableMap<Key, byte[]> changes, ItemVisitor visitor) {
            rest = changes.entrySet().iterator();
            this.visitor = visitor;
            advance();
        }

        private void advance() {
            change = rest.hasNext() ? rest.next() : null;
        }

        @Override
        public boolean item(Key key, byte[] value) throws IOException {
            while (goOn && change != null && change.getKey().compareTo(key) < 0) {
                showChange();
            }
            if (!goOn) {
                return false;
            }
            if (change != null && change.getKey().equals(key)) {
                showChange();
            } else {
                goOn = visitor.item(key, value);
            }
            return goOn;
        }

        private void showChange() throws IOException {
            if (change.getValue() != null) {
                goOn = visitor.item(change.getKey(), change.getValue());
            }
            advance();
        }

        void finish() throws IOException {
            while (goOn && change != null) {
                showChange();
            }
        }
    }
}
