package dev.holdfast.dax;

import dev.holdfast.iomap.Iomap;
import dev.holdfast.mm.Vma;

/**
 * Hears each step of the protocol as it is taken, on the thread that takes it. For demonstrations
 * and for tests, which stop a thread at a step to build a schedule. Implementations must not call
 * back into the address space where a method says that a monitor is held. Pages are pages of the
 * file.
 */
public interface FaultTracer {
    /** Hears nothing. */
    FaultTracer NONE = new FaultTracer() {};

    /** A fault begins. */
    default void begin(Vma vma, long page, Order order, boolean write) {}

    /** A thread is about to wait for an entry. The monitor of the entry's chunk is held. */
    default void waitingForEntry(long page) {}

    /** A fault holds the lock of its entry. */
    default void entryLocked(long page, Order order) {}

    /** The file system has answered; the entry is locked. */
    default void iomap(long page, Iomap iomap) {}

    /** The entry has its content, and is dirty if so said; it is locked. */
    default void entryFilled(long page, Order order, long pfn, boolean dirty) {}

    /** The pfn is handed back and the page table left alone. */
    default void needDataSync(long page, Order order, long pfn) {}

    /** Metadata of a range is about to be made durable; no entry is locked. */
    default void fdatasync(long offset, long length) {}

    /** It is durable. */
    default void fdatasyncDone(long offset, long length) {}

    /** The page table maps storage; the entry is locked. */
    default void mapped(long page, Order order, long pfn, boolean writable) {}

    /** The page table maps the zero page; the entry is locked. */
    default void zeroMapped(long page, Order order) {}

    /** The fault is over. */
    default void end(long page, Order order, FaultResult result) {}

    /** A write-back holds the locks of its batch and has write-protected it. */
    default void writeProtected(long firstPage, long lastPage) {}

    /** A write-back has made its batch durable; the locks are held. */
    default void persisted(long firstPage, long lastPage) {}
}
