package dev.holdfast.fs;

import dev.holdfast.alloc.Request;
import dev.holdfast.alloc.Run;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.fs.XattrValue.BlockRun;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Values of extended attributes in blocks of their own.
 *
 * <p>Lifecycle of a value:
 * <ol>
 * <li>{@link #store} takes blocks, fills them and makes them durable;
 * <li>a record names them: from then on they are the attribute's, or {@link #giveBack} returns
 * them;
 * <li>the record that replaces or removes the attribute frees them, and {@link #freed} tells the
 * allocator, which waits for that record to be durable.
 * </ol>
 *
 * <p>Blocks of a value are never written again, so that a reader needs nothing but the inode lock,
 * and a crash shows the old value or the new one.
 */
final class XattrStore {
    private final FileSystem fs;

    XattrStore(FileSystem fs) {
        this.fs = fs;
    }

    /** Makes a value; one too long for an item is durable in blocks when this returns. */
    XattrValue store(byte[] bytes, String who) throws IOException {
        if (bytes.length <= XattrValue.INLINE_BYTES) {
            return new XattrValue.Inline(bytes.clone());
        }
        List<Run> taken = new ArrayList<>(XattrValue.MAX_RUNS);
        try {
            take(InodeHost.blocksToHold(bytes.length), who, taken);
            write(bytes, taken);
        } catch (IOException | RuntimeException e) {
            taken.forEach(run -> fs.space().allocator().giveBack(run, false));
            throw e;
        }
        return new XattrValue.Stored(bytes.length, crc(bytes), taken.stream()
                .map(run -> new BlockRun(run.block, (int) run.count)).toList());
    }

    /** Takes so many blocks in at most {@link XattrValue#MAX_RUNS} runs. */
    private void take(long blocks, String who, List<Run> taken) throws IOException {
        Request request = new Request().content(Request.Content.ANY);
        for (long left = blocks; left > 0; left -= taken.getLast().count) {
            int runsLeft = XattrValue.MAX_RUNS - taken.size();
            Run run = new Run();
            fs.space().allocate(request.count((left + runsLeft - 1) / runsLeft, left), run, who);
            taken.add(run);
        }
    }

    private void write(byte[] bytes, List<Run> runs) throws IOException {
        int from = 0;
        for (Run run : runs) {
            int length = (int) Math.min(bytes.length - from, run.count * Limits.BLOCK_BYTES);
            long at = run.block * Limits.BLOCK_BYTES;
            fs.device().put(at, bytes, from, length);
            fs.persist(at, length);
            from += length;
        }
    }

    /** Returns the blocks of a value that no record named. */
    void giveBack(XattrValue value) {
        for (BlockRun each : value.runs()) {
            Run run = new Run();
            run.block = each.block();
            run.count = each.count();
            fs.space().allocator().giveBack(run, false);
        }
    }

    /** The record durable at {@code lsn} freed the blocks of a value. */
    void freed(XattrValue value, long lsn) {
        for (BlockRun run : value.runs()) {
            fs.space().allocator().free(run.block(), run.count(), lsn);
        }
    }

    /** Returns the bytes of a value. */
    byte[] load(XattrValue value, String who) throws HoldfastException {
        return switch (value) {
            case XattrValue.Inline inline -> inline.bytes().clone();
            case XattrValue.Stored stored ->
                    read(fs.device(), fs.geometry().volumeBlocks(), stored, who);
        };
    }

    /** Reads a value from its blocks and compares the checksum; damage is an exception. */
    static byte[] read(DaxDevice device, long volumeBlocks, XattrValue.Stored value, String who)
            throws HoldfastException {
        byte[] bytes = new byte[value.length()];
        int to = 0;
        for (BlockRun run : value.runs()) {
            if (run.block() > volumeBlocks - run.count()) {
                throw new HoldfastException(ErrorCode.CORRUPT,
                        who + ": " + run + " passes the end of the volume; run check");
            }
            int length = Math.min(bytes.length - to, run.count() * Limits.BLOCK_BYTES);
            device.get(run.block() * Limits.BLOCK_BYTES, bytes, to, length);
            to += length;
        }
        if (crc(bytes) != value.crc()) {
            throw new HoldfastException(ErrorCode.CORRUPT, who + ": the " + bytes.length
                    + " bytes at " + value.runs() + " are not those that were stored");
        }
        return bytes;
    }

    private static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
