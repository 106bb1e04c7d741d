package dev.holdfast.dax;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.iomap.Iomap;
import dev.holdfast.iomap.IomapIterator;
import dev.holdfast.iomap.IomapOps;
import dev.holdfast.mutant.Mutant;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Reads and writes one file by copying to and from the device: the same memory that mappings show,
 * so both are coherent at all times (R9).
 *
 * <p>Lock rule: the caller holds the inode lock, shared to read and exclusively to write. A write
 * takes entry locks one at a time, where it must drop zero pages, and holds none while it copies.
 *
 * <p>Durability rule: what is written is marked dirty after it is stored, and is durable after a
 * write-back and, where blocks or the size are new, an fdatasync.
 */
public final class DaxIo {
    private final AddressSpace space;
    private final DaxHost host;
    private final DaxDevice device;

    /** Creates the reader and writer of a file. */
    public DaxIo(AddressSpace space) {
        this.space = space;
        this.host = space.host();
        this.device = space.context().device();
    }

    /**
     * Copies bytes of the file from {@code offset} on into {@code target}, up to the end of the
     * file (R1). Holes and unwritten blocks read as zero without a look at the device.
     *
     * @return the bytes copied; fewer than the target holds at the end of the file, or when the
     *     thread is interrupted after the first run (R5)
     * @throws HoldfastException INTERRUPTED when nothing was copied
     */
    public long read(long offset, MemorySegment target) throws IOException {
        long length = Math.clamp(host.sizeBytes() - offset, 0L, target.byteSize());
        long done = 0;
        try (IomapIterator steps = new IomapIterator(host, offset, length, 0)) {
            while (mayGoOn(done) && steps.next()) {
                long bytes = steps.stepBytes();
                if (steps.iomap().type == Iomap.Type.MAPPED) {
                    device.copyTo(steps.deviceOffset(), target, done, bytes);
                } else {
                    target.asSlice(done, bytes).fill((byte) 0);
                }
                steps.advance(bytes);
                done += bytes;
            }
        }
        return done;
    }

    /** Takes the runs of a read where they lie. */
    public interface RunReader {
        /** The device offset of a run that reads as zero. */
        long ZEROES = -1;

        /** Takes {@code length} bytes at a device offset, or {@link #ZEROES}. */
        void run(long deviceOffset, long length);

        /** Uses the runs; they stay in the file until this returns. */
        void finish() throws IOException;
    }

    /**
     * Shows where up to {@code length} bytes of the file from {@code offset} on lie, up to the end
     * of the file (R1), for a reader that copies them itself.
     *
     * @return the bytes shown
     */
    public long readInPlace(long offset, long length, RunReader reader) throws IOException {
        long wanted = Math.clamp(host.sizeBytes() - offset, 0L, length);
        try (IomapIterator steps = new IomapIterator(host, offset, wanted, 0)) {
            while (steps.next()) {
                long bytes = steps.stepBytes();
                boolean mapped = steps.iomap().type == Iomap.Type.MAPPED;
                reader.run(mapped ? steps.deviceOffset() : RunReader.ZEROES, bytes);
                steps.advance(bytes);
            }
        }
        reader.finish();
        return wanted;
    }

    /**
     * Copies {@code source} into the file from {@code offset} on. Blocks are allocated as needed;
     * the size is the caller's to change afterwards (R7).
     *
     * @return the bytes copied; fewer than given when space ran out or the thread was interrupted
     *     after the first run (R5)
     * @throws HoldfastException NO_SPACE, INTERRUPTED when nothing was copied; IO_ERROR when the
     *     file system has no blocks to write to (R2)
     */
    public long write(long offset, MemorySegment source) throws IOException {
        long done = 0;
        try (IomapIterator steps =
                new IomapIterator(host, offset, source.byteSize(), IomapOps.WRITE)) {
            while (mayGoOn(done) && begins(steps, done)) {
                Iomap iomap = steps.iomap();
                if (iomap.type != Iomap.Type.MAPPED || iomap.has(Iomap.SHARED)) {
                    throw new HoldfastException(ErrorCode.IO_ERROR, host.fileName() + ": write at "
                            + steps.position() + " cannot use " + iomap);
                }
                long bytes = steps.stepBytes();
                if (iomap.has(Iomap.NEW)) {
                    showNewBlocks(steps, bytes);
                }
                try {
                    device.copyFrom(source, done, steps.deviceOffset(), bytes);
                } finally {
                    // After the copy: a write-back in between would take the mark and miss the
                    // bytes.
                    space.markWritten(steps.position(), bytes);
                }
                steps.advance(bytes);
                done += bytes;
            }
        }
        return done;
    }

    /** Begins a step; a lack of space after the first run is a short count, not a failure. */
    private static boolean begins(IomapIterator steps, long done) throws IOException {
        try {
            return steps.next();
        } catch (HoldfastException e) {
            if (e.code() == ErrorCode.NO_SPACE && done > 0) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Takes away zero pages mapped where the file has blocks now, and shows the blocks to segments
     * handed out. After the allocation, so that no fault can bring a zero page back (R3, B19).
     */
    private void showNewBlocks(IomapIterator steps, long bytes) throws IOException {
        if (space.context().mutants().on(Mutant.STALE_ZERO_PAGE_LEFT)) {
            return;
        }
        long firstPage = steps.position() / DaxDevice.BLOCK_BYTES;
        long endPage = (steps.position() + bytes - 1) / DaxDevice.BLOCK_BYTES + 1;
        space.dropZeroEntries(firstPage, endPage);
        long deviceOffset = steps.iomap().deviceOffsetOf(firstPage * DaxDevice.BLOCK_BYTES);
        space.vmas().relay(firstPage, deviceOffset, endPage - firstPage);
    }

    private boolean mayGoOn(long done) throws HoldfastException {
        if (!Thread.currentThread().isInterrupted()) {
            return true;
        }
        if (done > 0) {
            return false;
        }
        throw new HoldfastException(ErrorCode.INTERRUPTED,
                host.fileName() + ": interrupted before the first byte; nothing was changed");
    }
}
