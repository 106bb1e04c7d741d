package dev.holdfast.iomap;

/**
 * One answer of a file system to "where does this range of the file live?": a run of the file that
 * lies in one piece, or in none. Mutable and reused: the caller owns it and the file system fills
 * it in {@link IomapOps#begin}. Not thread-safe.
 */
public final class Iomap {
    /** What backs the range. */
    public enum Type {
        /** Nothing: reads as zero; a write must allocate. */
        HOLE,
        /** Blocks with unknown content: reads as zero; a write must zero and convert. */
        UNWRITTEN,
        /** Blocks with the file's data. */
        MAPPED
    }

    /** No device address: the offset of a hole. */
    public static final long NO_ADDRESS = -1;

    /**
     * The blocks were allocated, or converted from unwritten, by this very call; their content is
     * durably zero. Set by the file system; read by the fault handler (major fault, P-7) and by
     * write, which then drops stale zero pages (R3).
     */
    public static final int NEW = 1;
    /**
     * Metadata needed to find the data of this range after a crash is not durable yet, including
     * what will only change when the write completes, such as the size: an fdatasync is required
     * (D1-D5). Set by the file system on any iomap; whether it matters is decided by the handler.
     */
    public static final int DIRTY = 2;
    /**
     * The blocks belong to more than one file: a write must copy them first (C1). Set by the file
     * system; nothing sets it yet.
     */
    public static final int SHARED = 4;
    /**
     * No data is there, a hole or unwritten, but a block is bound to the range:
     * {@link #deviceOffset} is its address and it reads as zero by now. Set by the file system for
     * {@link IomapOps#BOUND} only.
     */
    public static final int RESERVED = 8;

    /** What backs the range. */
    public Type type;
    /** First byte of the range in the file; a multiple of the block size. */
    public long offset;
    /** Bytes of the range; a multiple of the block size, never zero. */
    public long length;
    /** Byte address on the device of {@link #offset}, or {@link #NO_ADDRESS} for a hole. */
    public long deviceOffset;
    /** {@link #NEW}, {@link #DIRTY}, {@link #SHARED}. */
    public int flags;

    /** Fills in every field. */
    public void set(Type type, long offset, long length, long deviceOffset, int flags) {
        this.type = type;
        this.offset = offset;
        this.length = length;
        this.deviceOffset = deviceOffset;
        this.flags = flags;
    }

    /** Tells whether a flag is set. */
    public boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** Returns the device address of a file offset within a range that has blocks. */
    public long deviceOffsetOf(long fileOffset) {
        assert deviceOffset != NO_ADDRESS && fileOffset >= offset && fileOffset < offset + length;
        return deviceOffset + (fileOffset - offset);
    }

    /** Returns the first byte of the file past the range. */
    public long end() {
        return offset + length;
    }

    @Override
    public String toString() {
        return "Iomap[" + type + " offset=" + offset + " length=" + length
                + " device=" + deviceOffset + " flags=" + flags + "]";
    }
}
