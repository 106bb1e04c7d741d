package dev.holdfast.log;

import dev.holdfast.codec.LittleEndian;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.mutant.Mutants;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Reads one record at a time from the ring and trusts nothing it reads: every length is bounded
 * before it is used. After {@link #read} said true, the other methods tell about that record. Not
 * thread-safe.
 */
final class RecordScan {
    /** Lines that are looked at together for headers. */
    private static final int LOOK_LINES = 64;
    private static final int FIRST_LOOK_LINES = 8;

    private final DaxDevice device;
    private final LogGeometry geometry;
    private final Mutants mutants;
    private final CRC32C crc = new CRC32C();
    private final RecordReader reader = new RecordReader();

    private byte[] bytes = new byte[DaxDevice.LINE_BYTES];
    private byte[] look = {};
    private int payloadBytes;
    private int kind;
    private long lines;
    private long witness;

    RecordScan(DaxDevice device, LogGeometry geometry, Mutants mutants) {
        this.device = device;
        this.geometry = geometry;
        this.mutants = mutants;
    }

    /**
     * Returns the first LSN from {@code lsn} on whose line claims to begin its record, or
     * {@code limit}. Ever more lines are read together, up to {@value #LOOK_LINES}.
     */
    long nextClaimed(long lsn, long limit, long epoch) {
        long at = lsn;
        int atOnce = FIRST_LOOK_LINES;
        while (at < limit) {
            int lines = (int) Math.min(Math.min(limit - at, geometry.linesToRingEnd(at)), atOnce);
            atOnce = Math.min(2 * atOnce, LOOK_LINES);
            int bytesToLook = lines * DaxDevice.LINE_BYTES;
            if (look.length < bytesToLook) {
                look = new byte[bytesToLook];
            }
            device.get(geometry.offsetBytes(at), look, 0, bytesToLook);
            for (int i = 0; i < lines; i++) {
                int line = i * DaxDevice.LINE_BYTES;
                if (LittleEndian.getLong(look, line + RecordFormat.LSN) == at + i
                        && LittleEndian.getLong(look, line + RecordFormat.EPOCH)
                                == epoch) {
                    return at + i;
                }
            }
            at += lines;
        }
        return limit;
    }

    /** Tells whether the line at {@code lsn} claims to begin the record of this LSN and epoch. */
    boolean isClaimed(long lsn, long epoch) {
        long at = geometry.offsetBytes(lsn);
        return device.getLong(at + RecordFormat.LSN) == lsn
                && device.getLong(at + RecordFormat.EPOCH) == epoch;
    }

    /**
     * Reads the record at {@code lsn}; false when LSN, epoch, length or checksum is wrong.
     *
     * @throws HoldfastException CORRUPT when all of these are right and the record is still none of
     *     ours
     */
    boolean read(long lsn, long epoch) throws HoldfastException {
        if (!isClaimed(lsn, epoch) || !loadHeader(lsn)) {
            return false;
        }
        int recordBytes = RecordFormat.HEADER_BYTES + payloadBytes;
        if (bytes.length < recordBytes) {
            bytes = Arrays.copyOf(bytes, Math.max(recordBytes, 2 * bytes.length));
        }
        device.get(geometry.offsetBytes(lsn), bytes, 0, recordBytes);
        int crcFound = LittleEndian.getInt(bytes, RecordFormat.CRC);
        if (crcFound != RecordFormat.checksum(bytes, payloadBytes, crc, mutants)) {
            return false;
        }
        reader.reset(bytes, payloadBytes, lsn);
        boolean isKnown = kind == RecordFormat.KIND_OPS
                || kind == RecordFormat.KIND_PAD && payloadBytes == 0;
        if (!isKnown) {
            throw new HoldfastException(ErrorCode.CORRUPT, "log record at LSN " + lsn + " of "
                    + device.name() + " has the unknown kind " + kind + " with " + payloadBytes
                    + " bytes; it was written by a newer Holdfast or is damaged");
        }
        return true;
    }

    /** Loads the header's fields; false when the length can be no record's at this LSN. */
    private boolean loadHeader(long lsn) {
        long at = geometry.offsetBytes(lsn);
        int lengthAndKind = device.getInt(at + RecordFormat.LENGTH_AND_KIND);
        payloadBytes = RecordFormat.lengthBytes(lengthAndKind);
        kind = RecordFormat.kind(lengthAndKind);
        witness = device.getLong(at + RecordFormat.WITNESS);
        long room = geometry.linesToRingEnd(lsn);
        lines = kind == RecordFormat.KIND_PAD ? room : RecordFormat.lines(payloadBytes);
        return RecordFormat.lines(payloadBytes) <= geometry.maxRecordLines()
                && lines <= geometry.maxRecordLines() && lines <= room;
    }

    boolean isPad() {
        return kind == RecordFormat.KIND_PAD;
    }

    /** Returns the lines of the record, at least 1. */
    long lines() {
        return lines;
    }

    /**
     * Returns the lines that had to be read for a checksum, also after {@link #read} said false.
     */
    long linesRead() {
        return RecordFormat.lines(payloadBytes);
    }

    long witness() {
        return witness;
    }

    /** Returns the payload; valid until the next read. */
    RecordReader payload() {
        return reader;
    }
}
