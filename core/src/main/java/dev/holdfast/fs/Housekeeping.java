package dev.holdfast.fs;

import dev.holdfast.device.Medium;
import java.io.IOException;

/**
 * What a volume does in the background: commits the log in time, writes checkpoints before the
 * ring is full, takes node chunks, stocks known-zero blocks and puts memory behind reserved ones
 * ahead of need. Operations ask for it with {@link #request}; it does nothing while the volume is
 * frozen, closing or shut down.
 */
final class Housekeeping {
    private static final long LINE_COMMIT_NANOS = 5_000_000;
    private static final long PAGE_COMMIT_NANOS = 1_000_000_000;
    /** A checkpoint is begun in the background when the log holds this share of the ring. */
    private static final int CHECKPOINT_SHARE = 4;

    interface Work {
        void run() throws IOException;
    }

    private final FileSystem fs;
    private final NodeReserve reserve;
    private final Background background;
    private final Runnable commit;
    private final Runnable checkpoint;
    private final Runnable chunk;
    private final Runnable refill;
    private final Runnable memory;

    Housekeeping(FileSystem fs, NodeReserve reserve, Background background) {
        this.fs = fs;
        this.reserve = reserve;
        this.background = background;
        this.commit = () -> quietly(() -> fs.journal().commit(fs.journal().appendedLsn()));
        this.checkpoint = () -> quietly(fs::checkpoint);
        this.chunk = () -> quietly(reserve::stock);
        this.refill = () -> quietly(this::refillOnce);
        this.memory = () -> quietly(fs.served()::provideMemory);
    }

    /** Begins; a volume open for reading only needs nothing. */
    void start() {
        if (!fs.isReadOnly()) {
            boolean lines = fs.device().medium().granularity() == Medium.Granularity.LINE;
            background.repeat(commit, lines ? LINE_COMMIT_NANOS : PAGE_COMMIT_NANOS);
            background.request(refill);
        }
    }

    /** Asks for the work that the last operations have made worth while. */
    void request() {
        if (fs.isReadOnly()) {
            return;
        }
        var log = fs.journal().log();
        if (log.appendedSince(fs.trees().view().logStart())
                > log.geometry().ringLines() / CHECKPOINT_SHARE) {
            background.request(checkpoint);
        }
        if (reserve.isLow()) {
            background.request(chunk);
        }
        if (fs.space().allocator().needsRefill()) {
            background.request(refill);
        }
        if (fs.served().isMemoryWanted()) {
            background.request(memory);
        }
    }

    private void refillOnce() throws IOException {
        fs.space().allocator().refill();
        if (fs.space().allocator().needsRefill()) {
            background.request(refill);
        }
    }

    /**
     * Runs work that reports to nobody; what failed has shut the log down or is tried again. While
     * the volume is frozen or closing it is left out.
     */
    void quietly(Work work) {
        if (!fs.gate().tryEnter()) {
            return;
        }
        try {
            if (!fs.isClosed() && !fs.journal().log().isShutDown()) {
                work.run();
            }
        } catch (IOException e) {
            System.getLogger(FileSystem.class.getName()).log(System.Logger.Level.WARNING,
                    "background work on " + fs.device().name(), e);
        } finally {
            fs.gate().close();
        }
    }
}
