package dev.holdfast.fs;

import dev.holdfast.file.FileType;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.concurrent.locks.StampedLock;

/**
 * An inode in the heap: a cache of what the log and the tree say, and the locks of the real thing.
 *
 * <p>Lifecycle:
 * <ol>
 * <li>made by a create, or loaded from the tree by {@link InodeTable};
 * <li>retained while a change of it is not in a durable checkpoint, or data or times are dirty;
 * <li>otherwise weakly held: whoever uses it keeps it;
 * <li>an orphan when its last name went, deleted when then its last holder goes.
 * </ol>
 *
 * <p>Locks, in this order: {@link #lock} (content and names), {@link #invalidate} (no block leaves
 * the file while it is held shared), the extent map's own monitor. Attribute fields are guarded by
 * the monitor of {@link #attributes}; {@link #sizeBytes} may be read without it.
 *
 * <p>Durability: {@link #changeLsn} and {@link #dataLsn} are the two sequence numbers of D5.
 */
public final class Inode {
    private static final VarHandle CHANGE_LSN;
    private static final VarHandle DATA_LSN;
    private static final VarHandle CONTENT_VERSION;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            CHANGE_LSN = lookup.findVarHandle(Inode.class, "changeLsn", long.class);
            DATA_LSN = lookup.findVarHandle(Inode.class, "dataLsn", long.class);
            CONTENT_VERSION = lookup.findVarHandle(Inode.class, "contentVersion", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final long ino;
    final FileType type;
    final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    final StampedLock invalidate = new StampedLock();
    final Attributes attributes;
    final ExtentMap extents = new ExtentMap();
    /** Names, for a directory; else null. */
    final Directory directory;
    /** Extended attributes, or null while they have not been read; guarded by {@link #lock}. */
    XattrMap xattrs;
    /** Target of a symbolic link, or null while it has not been read. */
    volatile byte[] target;
    /** Pages of a regular file once its content was touched; see {@link FileSystem#pages}. */
    volatile FilePages pages;

    /**
     * What the pages of served mappings are bound to, once there was one; see
     * {@link Mappings#serve}.
     */
    volatile Bindings bindings;

    private volatile long sizeBytes;
    private volatile long changeLsn;
    private volatile long dataLsn;
    private volatile long contentVersion;
    private volatile boolean timesDirty;
    /** Bytes between the end of the file and the end of its last block may not be zero (Z2). */
    volatile boolean tailDirty = true;
    /** Handles, mappings and pins; guarded by {@link InodeTable}. */
    int holders;
    /** {@link InodeTable} holds this inode strongly; guarded by the monitor of attributes. */
    boolean retained;
    /** Made without a name, and may get one; guarded by {@link #lock}. */
    boolean isNameable;
    /** Every block is free and the inode item gone; guarded by {@link #lock}. */
    boolean deleted;

    Inode(long ino, Attributes attributes, FileSystem fs) {
        this.ino = ino;
        this.attributes = attributes;
        this.type = attributes.type();
        this.directory = type == FileType.DIRECTORY ? new Directory(this, fs) : null;
        this.sizeBytes = attributes.size;
    }

    /** Returns the inode number. */
    public long number() {
        return ino;
    }

    /** Returns what the inode is. */
    public FileType type() {
        return type;
    }

    /** Returns the size, in bytes. */
    public long sizeBytes() {
        return sizeBytes;
    }

    /** Sets the size; the caller holds {@link #lock} exclusively and the monitor of attributes. */
    void setSize(long bytes) {
        attributes.size = bytes;
        sizeBytes = bytes;
    }

    /** Returns the end of the last block that the file has, in bytes, or 0. */
    long allocatedEnd() {
        synchronized (extents) {
            int last = extents.size() - 1;
            return last < 0 ? 0 : extents.fileEnd(last) * Limits.BLOCK_BYTES;
        }
    }

    /** LSN at which the last change of this inode is durable. */
    public long changeLsn() {
        return changeLsn;
    }

    /** LSN at which the last change that finding its data needs is durable: D1, D5. */
    public long dataLsn() {
        return dataLsn;
    }

    /** Counts changes of content or size since this inode was loaded: what caches compare. */
    public long contentVersion() {
        return contentVersion;
    }

    void contentChanged() {
        CONTENT_VERSION.getAndAdd(this, 1L);
    }

    /** Notes a change of times, owner, mode or attributes. */
    void changedAt(long lsn) {
        raise(CHANGE_LSN, lsn);
    }

    /** Notes a change of extents, size, or the name that leads here. */
    void dataChangedAt(long lsn) {
        raise(CHANGE_LSN, lsn);
        raise(DATA_LSN, lsn);
    }

    boolean timesDirty() {
        return timesDirty;
    }

    void setTimesDirty(boolean dirty) {
        timesDirty = dirty;
    }

    private void raise(VarHandle field, long lsn) {
        long seen;
        do {
            seen = (long) field.getVolatile(this);
        } while (seen < lsn && !field.compareAndSet(this, seen, lsn));
    }

    @Override
    public String toString() {
        return "inode " + ino;
    }
}
