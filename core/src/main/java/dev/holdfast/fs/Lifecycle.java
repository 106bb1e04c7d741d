package dev.holdfast.fs;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Stands the volume still: for good when it is closed, for a while when it is frozen (H7).
 *
 * <p>Locks: {@code lifecycle} first, never taken by an operation; then the {@link ChangeGate},
 * shut.
 */
final class Lifecycle {
    private final FileSystem fs;
    private final ChangeGate gate;
    private final Background background;
    private final ReentrantLock lifecycle = new ReentrantLock();
    private boolean frozen;

    Lifecycle(FileSystem fs, ChangeGate gate, Background background) {
        this.fs = fs;
        this.gate = gate;
        this.background = background;
    }

    /**
     * Syncs, gives the known-zero pool back to the claims, writes the last checkpoint and says that
     * the volume is clean. After a shutdown it only lets go; the next mount recovers.
     */
    void close() throws IOException {
        lifecycle.lock();
        try {
            if (!fs.isClosed()) {
                thawLocked();
                fs.mappings().closeAll();
                // Before the gate, which a thread that ends a mapping's last arena has to pass.
                requireNoneHeld();
                closeLocked();
            }
        } finally {
            lifecycle.unlock();
        }
    }

    private void requireNoneHeld() throws HoldfastException {
        Inode held = fs.mappings().firstHeld();
        if (held != null) {
            fs.mappings().reopen();
            throw new HoldfastException(ErrorCode.BUSY,
                    fs.device().name() + " cannot be closed: memory "
                    + "segments of " + held + " are in use; close their arenas first");
        }
    }

    private void closeLocked() throws IOException {
        gate.shut();
        try {
            background.close();
            if (!fs.isReadOnly() && !fs.journal().log().isShutDown()) {
                fs.persistEverything();
                fs.space().allocator().releasePool();
                fs.journal().commit(fs.journal().appendedLsn());
                fs.checkpointer().close();
            }
        } catch (IOException e) {
            fs.shutDown(e);
            throw e;
        } finally {
            fs.setClosed();
            gate.open();
        }
    }

    /**
     * Makes everything durable and keeps changes, stores through mappings among them, waiting until
     * {@link #thaw} (H7). Background work stands still too: nothing is stored to the device.
     *
     * @throws HoldfastException BUSY: memory that can be stored to is in a user's hand, where no
     *     store can be kept waiting; INVALID: frozen already
     */
    void freeze() throws IOException {
        lifecycle.lock();
        try {
            fs.requireWritable();
            if (frozen) {
                throw new HoldfastException(ErrorCode.INVALID,
                        fs.device().name() + " is frozen already");
            }
            gate.shut();
            try {
                fs.persistEverything();
                requireNoneDirty();
                frozen = true;
            } finally {
                if (!frozen) {
                    gate.open();
                }
            }
        } finally {
            lifecycle.unlock();
        }
    }

    /**
     * After a write-back, and with no fault able to come in, only what is pinned writable is dirty.
     */
    private void requireNoneDirty() throws HoldfastException {
        for (Inode inode : fs.inodes().retainedInodes()) {
            if (inode.pages != null && inode.pages.space.hasDirty()) {
                throw new HoldfastException(ErrorCode.BUSY,
                        fs.device().name() + " cannot be frozen: "
                        + "writable memory segments of " + inode.pages.host.fileName()
                        + " are in use; close their arenas first");
            }
        }
    }

    /** Lets changes go on; no error when nothing is frozen. */
    void thaw() {
        lifecycle.lock();
        try {
            thawLocked();
        } finally {
            lifecycle.unlock();
        }
    }

    private void thawLocked() {
        if (frozen) {
            frozen = false;
            gate.open();
            fs.requestWork();
        }
    }
}
