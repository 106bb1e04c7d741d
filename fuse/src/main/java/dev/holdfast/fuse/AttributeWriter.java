package dev.holdfast.fuse;

import dev.holdfast.file.FileStat;
import dev.holdfast.file.FileType;
import dev.holdfast.fs.Inode;
import dev.holdfast.fs.Limits;
import java.io.IOException;

/** Writes the attributes of inodes into replies. */
final class AttributeWriter {
    private static final long SECOND_NANOS = 1_000_000_000;
    private static final int SECTOR_BYTES = 512;
    /** Numbers are never used again, so that one generation does for all. */
    private static final long GENERATION = 1;

    private final Session session;
    private final long cacheSeconds;
    private final int cacheNanos;

    AttributeWriter(Session session) {
        this.session = session;
        this.cacheSeconds = session.options().cacheDuration().getSeconds();
        this.cacheNanos = session.options().cacheDuration().getNano();
    }

    /** Adds a {@code fuse_entry_out} and counts the look-up. */
    void addEntry(Inode inode, Reply reply) throws IOException {
        session.nodes().grant(inode);
        reply.granted(inode.number());
        putEntry(inode, reply, reply.add(Wire.ENTRY_BYTES));
    }

    /**
     * Adds that there is no such name, for the kernel to remember; false if it is to remember none.
     */
    boolean addNoEntry(Reply reply) {
        if (cacheSeconds == 0 && cacheNanos == 0) {
            return false;
        }
        int at = reply.add(Wire.ENTRY_BYTES);
        reply.putLong(at + Wire.ENTRY_NAME_SECONDS, cacheSeconds);
        reply.putInt(at + Wire.ENTRY_NAME_NANOS, cacheNanos);
        return true;
    }

    /** Fills a {@code fuse_entry_out} whose look-up has been counted. */
    void putEntry(Inode inode, Reply reply, int at) {
        reply.putLong(at + Wire.ENTRY_NODE, inode.number());
        reply.putLong(at + Wire.ENTRY_GENERATION, GENERATION);
        reply.putLong(at + Wire.ENTRY_NAME_SECONDS, cacheSeconds);
        reply.putInt(at + Wire.ENTRY_NAME_NANOS, cacheNanos);
        reply.putLong(at + Wire.ENTRY_ATTR_SECONDS, cacheSeconds);
        reply.putInt(at + Wire.ENTRY_ATTR_NANOS, cacheNanos);
        putAttributes(stat(inode), reply, at + Wire.ENTRY_ATTR);
    }

    /** Adds a {@code fuse_attr_out}. */
    void addAttributes(Inode inode, Reply reply) {
        int at = reply.add(Wire.ATTR_OUT_BYTES);
        reply.putLong(at + Wire.ATTR_OUT_SECONDS, cacheSeconds);
        reply.putInt(at + Wire.ATTR_OUT_NANOS, cacheNanos);
        putAttributes(stat(inode), reply, at + Wire.ATTR_OUT_ATTR);
    }

    private FileStat stat(Inode inode) {
        return session.fs().attributes().stat(inode);
    }

    private void putAttributes(FileStat stat, Reply reply, int at) {
        reply.putLong(at + Wire.ATTR_INO, stat.inode());
        reply.putLong(at + Wire.ATTR_SIZE, stat.sizeBytes());
        reply.putLong(at + Wire.ATTR_BLOCKS, sectors(stat));
        putTime(stat.accessNanos(), reply, at + Wire.ATTR_ATIME, at + Wire.ATTR_ATIME_NANOS);
        putTime(stat.modifyNanos(), reply, at + Wire.ATTR_MTIME, at + Wire.ATTR_MTIME_NANOS);
        putTime(stat.changeNanos(), reply, at + Wire.ATTR_CTIME, at + Wire.ATTR_CTIME_NANOS);
        reply.putInt(at + Wire.ATTR_MODE, stat.type().modeBits() | stat.mode());
        reply.putInt(at + Wire.ATTR_LINKS, stat.links());
        reply.putInt(at + Wire.ATTR_UID, stat.uid());
        reply.putInt(at + Wire.ATTR_GID, stat.gid());
        reply.putInt(at + Wire.ATTR_DEVICE, (int) stat.device());
        reply.putInt(at + Wire.ATTR_BLOCK_BYTES, Limits.BLOCK_BYTES);
    }

    /**
     * Returns the space a file takes. With a write-back cache at least a sector: the kernel may
     * have data of which this process has not heard, and programs skip the content of files that
     * take none.
     */
    private long sectors(FileStat stat) {
        boolean mayHaveMore = stat.type() == FileType.FILE && session.has(Wire.WRITEBACK_CACHE);
        long sectors = stat.blocks() * (Limits.BLOCK_BYTES / SECTOR_BYTES);
        return mayHaveMore ? Math.max(sectors, 1) : sectors;
    }

    private static void putTime(long nanos, Reply reply, int seconds, int rest) {
        reply.putLong(seconds, Math.floorDiv(nanos, SECOND_NANOS));
        reply.putInt(rest, (int) Math.floorMod(nanos, SECOND_NANOS));
    }

    /** Adds a {@code fuse_statx_out}: the attributes and the time of creation. */
    void addStatx(Inode inode, Reply reply) {
        FileStat stat = stat(inode);
        int out = reply.add(Wire.STATX_OUT_BYTES);
        reply.putLong(out + Wire.STATX_OUT_SECONDS, cacheSeconds);
        reply.putInt(out + Wire.STATX_OUT_NANOS, cacheNanos);
        int at = out + Wire.STATX_OUT_STATX;
        reply.putInt(at + Wire.STATX_MASK, Wire.STATX_ALL);
        reply.putInt(at + Wire.STATX_BLOCK_BYTES, Limits.BLOCK_BYTES);
        reply.putInt(at + Wire.STATX_LINKS, stat.links());
        reply.putInt(at + Wire.STATX_UID, stat.uid());
        reply.putInt(at + Wire.STATX_GID, stat.gid());
        reply.putShort(at + Wire.STATX_MODE, stat.type().modeBits() | stat.mode());
        reply.putLong(at + Wire.STATX_INO, stat.inode());
        reply.putLong(at + Wire.STATX_SIZE, stat.sizeBytes());
        reply.putLong(at + Wire.STATX_BLOCKS, sectors(stat));
        putTime(stat.accessNanos(), reply, at + Wire.STATX_ATIME, at + Wire.STATX_ATIME + 8);
        putTime(stat.createNanos(), reply, at + Wire.STATX_BTIME, at + Wire.STATX_BTIME + 8);
        putTime(stat.changeNanos(), reply, at + Wire.STATX_CTIME, at + Wire.STATX_CTIME + 8);
        putTime(stat.modifyNanos(), reply, at + Wire.STATX_MTIME, at + Wire.STATX_MTIME + 8);
        // The kernel's own encoding of a device number: 8 bits of minor, 12 of major, 12 of minor.
        int device = (int) stat.device();
        reply.putInt(at + Wire.STATX_DEVICE_MAJOR, device >>> 8 & 0xfff);
        reply.putInt(at + Wire.STATX_DEVICE_MINOR, device & 0xff | device >>> 12 & 0xfff00);
    }

    /** Returns a time of the protocol in nanoseconds since 1970, as near as those can show it. */
    static long nanos(long seconds, int nanos) {
        long limit = Long.MAX_VALUE / SECOND_NANOS - 1;
        return Math.clamp(seconds, -limit, limit) * SECOND_NANOS + nanos;
    }
}
