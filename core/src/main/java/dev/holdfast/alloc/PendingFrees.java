package dev.holdfast.alloc;

import java.util.Arrays;

/**
 * Freed runs that wait for their record to be durable, lowest LSN first: until then a crash may
 * bring the old file back, with what its blocks held. A binary heap in one array, three longs a
 * run. Guarded by the lock of {@link FreeSpace}.
 */
final class PendingFrees {
    private static final int LONGS = 3;
    private static final int LSN = 0;
    private static final int BLOCK = 1;
    private static final int COUNT = 2;

    private long[] heap = new long[16 * LONGS];
    private int size;

    /** Returns the lowest LSN waited for, or {@link Long#MAX_VALUE} when there is none. */
    long lowestLsn() {
        return size == 0 ? Long.MAX_VALUE : heap[LSN];
    }

    long lowestBlock() {
        return heap[BLOCK];
    }

    long lowestCount() {
        return heap[COUNT];
    }

    void push(long lsn, long block, long count) {
        if ((size + 1) * LONGS > heap.length) {
            heap = Arrays.copyOf(heap, heap.length * 2);
        }
        int hole = size++;
        while (hole > 0 && heap[(hole - 1) / 2 * LONGS + LSN] > lsn) {
            move((hole - 1) / 2, hole);
            hole = (hole - 1) / 2;
        }
        set(hole, lsn, block, count);
    }

    /** Removes the run with the lowest LSN. */
    void pop() {
        int last = --size;
        long lsn = heap[last * LONGS + LSN];
        int hole = 0;
        for (int child = 1; child < last; child = 2 * hole + 1) {
            if (child + 1 < last && lsnOf(child + 1) < lsnOf(child)) {
                child++;
            }
            if (lsnOf(child) >= lsn) {
                break;
            }
            move(child, hole);
            hole = child;
        }
        move(last, hole);
    }

    private long lsnOf(int index) {
        return heap[index * LONGS + LSN];
    }

    private void move(int from, int to) {
        System.arraycopy(heap, from * LONGS, heap, to * LONGS, LONGS);
    }

    private void set(int index, long lsn, long block, long count) {
        heap[index * LONGS + LSN] = lsn;
        heap[index * LONGS + BLOCK] = block;
        heap[index * LONGS + COUNT] = count;
    }
}
