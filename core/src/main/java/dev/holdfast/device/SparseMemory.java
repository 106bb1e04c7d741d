package dev.holdfast.device;

import dev.holdfast.ffm.Linux;
import java.io.IOException;

/**
 * The parts of a memory file that were ever touched; all else reads as zero and takes no memory.
 */
final class SparseMemory {
    private SparseMemory() {}

    /** Does something with a range. */
    interface RangeAction {
        void accept(long offset, long length) throws IOException;
    }

    /** Calls {@code action} for each touched range, in order. */
    static void forEachTouched(DeviceMemory memory, RangeAction action) throws IOException {
        long size = memory.segment().byteSize();
        if (memory.fd() == DeviceMemory.NO_FILE) {
            action.accept(0, size);
            return;
        }
        long at = 0;
        while (at < size) {
            long start = Linux.seek(memory.fd(), at, Linux.SEEK_DATA);
            if (start < 0) {
                return;
            }
            long end = Linux.seek(memory.fd(), start, Linux.SEEK_HOLE);
            action.accept(start, end - start);
            at = end;
        }
    }
}
