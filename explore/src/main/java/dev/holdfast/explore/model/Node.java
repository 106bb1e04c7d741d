package dev.holdfast.explore.model;

import dev.holdfast.file.FileType;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * An inode of the model. Copied before each change, so that older states keep theirs; blocks are
 * shared.
 */
final class Node {
    final int id;
    final FileType type;
    final String target;
    int mode;
    long size;
    /** Every size since the first state: number of the state, and size. */
    final List<long[]> sizes;
    /** Number of the state in which something last changed that finding the data needs. */
    int dataChangedAt;
    /** Number of the state in which anything that is logged last changed. */
    int changedAt;
    final TreeMap<String, Integer> names;
    final TreeMap<String, String> xattrs;
    final TreeMap<Long, FileBlock> blocks;

    Node(int id, FileType type, int mode, String target) {
        this.id = id;
        this.type = type;
        this.mode = mode;
        this.target = target;
        this.size = target == null ? 0 : target.length();
        this.sizes = new ArrayList<>();
        sizes.add(new long[] {0, size});
        this.names = new TreeMap<>();
        this.xattrs = new TreeMap<>();
        this.blocks = new TreeMap<>();
    }

    private Node(Node from) {
        id = from.id;
        type = from.type;
        target = from.target;
        mode = from.mode;
        size = from.size;
        dataChangedAt = from.dataChangedAt;
        changedAt = from.changedAt;
        sizes = new ArrayList<>(from.sizes);
        names = new TreeMap<>(from.names);
        xattrs = new TreeMap<>(from.xattrs);
        blocks = new TreeMap<>(from.blocks);
    }

    Node copy() {
        return new Node(this);
    }

    boolean isFile() {
        return type == FileType.FILE;
    }

    boolean isDirectory() {
        return type == FileType.DIRECTORY;
    }

    void resize(long newSize, int state) {
        if (newSize != size) {
            size = newSize;
            sizes.add(new long[] {state, newSize});
            dataChanged(state);
        }
    }

    void dataChanged(int state) {
        dataChangedAt = state;
        changedAt = state;
    }

    /** Returns the number of the state since which the size has covered a page. */
    int coveredAt(long page) {
        int covered = 0;
        for (int i = sizes.size() - 1; i >= 0; i--) {
            if (sizes.get(i)[1] <= page * FileBlock.BYTES) {
                return covered;
            }
            covered = (int) sizes.get(i)[0];
        }
        return covered;
    }
}
