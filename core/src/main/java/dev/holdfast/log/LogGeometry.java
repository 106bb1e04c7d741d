package dev.holdfast.log;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;

/**
 * Where the log lies on the device, and how LSNs map to it.
 *
 * <p>An LSN is a position: the number of 64-byte lines since mkfs, counted from {@link #firstLsn}.
 * Line {@code n} lies at ring line {@code n mod ringLines}. The first lap is lap one, not lap zero,
 * so that 0 is never a valid LSN and the LSN one lap back is never negative.
 *
 * @param firstBlock the block where the ring begins
 * @param blocks blocks of the ring, at least 1
 */
public record LogGeometry(long firstBlock, long blocks) {
    /** Lines of a block. */
    static final int LINES_A_BLOCK = DaxDevice.BLOCK_BYTES / DaxDevice.LINE_BYTES;
    /** A record takes at most this part of the ring. */
    static final int RECORDS_A_RING = 8;
    /** Largest ring: 128 MiB, so that the largest record's length fits its 24 bits. */
    static final long MAX_BLOCKS = 1L << 15;
    /** LSNs stay below this; one that does not is damage. */
    static final long MAX_LSN = 1L << 62;

    /** Checks the ranges. */
    public LogGeometry {
        if (firstBlock < 0 || firstBlock > MAX_LSN / DaxDevice.BLOCK_BYTES
                || blocks < 1 || blocks > MAX_BLOCKS) {
            throw new IllegalArgumentException("log of " + blocks + " blocks at block " + firstBlock
                    + ": 1 to " + MAX_BLOCKS + " blocks are possible");
        }
    }

    /** Returns the lines of the ring. */
    public long ringLines() {
        return blocks * LINES_A_BLOCK;
    }

    /** Returns the LSN of the first record after mkfs. */
    public long firstLsn() {
        return ringLines();
    }

    /** Returns the lines of the largest record, its header included. */
    public int maxRecordLines() {
        return (int) (ringLines() / RECORDS_A_RING);
    }

    /** Returns the payload bytes of the largest record. */
    public int maxPayloadBytes() {
        return maxRecordLines() * DaxDevice.LINE_BYTES - RecordFormat.HEADER_BYTES;
    }

    /** Returns the byte offset on the device of the line at an LSN. */
    public long offsetBytes(long lsn) {
        return firstBlock * DaxDevice.BLOCK_BYTES + lsn % ringLines() * DaxDevice.LINE_BYTES;
    }

    /**
     * Returns the lines from an LSN to the end of its lap: a record of more must not begin there.
     */
    long linesToRingEnd(long lsn) {
        return ringLines() - lsn % ringLines();
    }

    /** Returns where a record of {@code lines} begins when {@code tail} is the next free LSN. */
    long placeOf(long tail, int lines) {
        long room = linesToRingEnd(tail);
        return lines <= room ? tail : tail + room;
    }

    /** Tells whether an LSN, perhaps read from a damaged volume, is in the possible range. */
    boolean isPossible(long lsn) {
        return lsn >= firstLsn() && lsn < MAX_LSN;
    }

    /** Refuses a ring that does not lie on the device. */
    void checkFits(DaxDevice device) throws HoldfastException {
        if ((firstBlock + blocks) * DaxDevice.BLOCK_BYTES > device.sizeBytes()) {
            throw new HoldfastException(ErrorCode.CORRUPT, "the log of " + device.name()
                    + ", " + blocks + " blocks from block " + firstBlock
                    + ", passes the end of the device at byte " + device.sizeBytes()
                    + "; the volume was cut short or its superblock is damaged");
        }
    }
}
