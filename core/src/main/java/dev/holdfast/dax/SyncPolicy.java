package dev.holdfast.dax;

import dev.holdfast.iomap.Iomap;
import dev.holdfast.mm.Vma;

/** Which faults of a sync mapping must wait until metadata is durable: the predicate of 2.1a. */
public enum SyncPolicy {
    /** Write faults: what a reader sees promises nothing. */
    WRITES,
    /** Read faults too: what was read is still there after a crash. */
    READS_TOO;

    /**
     * Decides one fault. The answer stays safe when the iomap's flag is out of date: a commit since
     * then made the wait unnecessary, and a change since then belongs to another operation (D7).
     */
    boolean requiresSync(Vma vma, boolean write, Iomap iomap) {
        return vma.sync() && iomap.has(Iomap.DIRTY) && (write || this == READS_TOO);
    }
}
