package dev.holdfast.log;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import dev.holdfast.codec.LittleEndian;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** The header of a log record: its layout, its kinds, its checksum. */
final class RecordFormat {
    private static final ValueLayout.OfInt LE_INT =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LE_LONG =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    static final StructLayout LAYOUT = MemoryLayout.structLayout(
            LE_INT.withName("crc32c"),
            LE_INT.withName("lengthAndKind"),
            LE_LONG.withName("lsn"),
            LE_LONG.withName("epoch"),
            LE_LONG.withName("witness"));

    /** CRC-32C of everything from {@link #LENGTH_AND_KIND} to the end of the payload. */
    static final int CRC = offset("crc32c");
    /** Payload bytes in the low 24 bits, kind in the high 8. */
    static final int LENGTH_AND_KIND = offset("lengthAndKind");
    static final int LSN = offset("lsn");
    static final int EPOCH = offset("epoch");
    /** The LSN known durable when the record was stored. */
    static final int WITNESS = offset("witness");
    static final int HEADER_BYTES = (int) LAYOUT.byteSize();

    /** A record whose payload is ops. */
    static final int KIND_OPS = 1;
    /** A record without payload that fills the ring to its end. */
    static final int KIND_PAD = 2;

    static final int MAX_LENGTH_BYTES = (1 << 24) - 1;

    private RecordFormat() {}

    private static int offset(String field) {
        return (int) LAYOUT.byteOffset(groupElement(field));
    }

    /** Returns the whole lines that a record with {@code payloadBytes} takes. */
    static int lines(int payloadBytes) {
        return (HEADER_BYTES + payloadBytes + DaxDevice.LINE_BYTES - 1) / DaxDevice.LINE_BYTES;
    }

    static int lengthBytes(int lengthAndKind) {
        return lengthAndKind & MAX_LENGTH_BYTES;
    }

    static int kind(int lengthAndKind) {
        return lengthAndKind >>> 24;
    }

    /** Fills in the header of the record that begins at the start of {@code bytes}. */
    static void seal(byte[] bytes, int payloadBytes, int kind, long lsn, long epoch, long witness,
            CRC32C crc, Mutants mutants) {
        LittleEndian.putInt(bytes, LENGTH_AND_KIND, payloadBytes | kind << 24);
        LittleEndian.putLong(bytes, LSN, lsn);
        LittleEndian.putLong(bytes, EPOCH, epoch);
        LittleEndian.putLong(bytes, WITNESS, witness);
        LittleEndian.putInt(bytes, CRC, checksum(bytes, payloadBytes, crc, mutants));
    }

    /** Returns the checksum that the record at the start of {@code bytes} ought to carry. */
    static int checksum(byte[] bytes, int payloadBytes, CRC32C crc, Mutants mutants) {
        crc.reset();
        if (mutants.on(Mutant.LSN_NOT_IN_CHECKSUM)) {
            crc.update(bytes, LENGTH_AND_KIND, LSN - LENGTH_AND_KIND);
            crc.update(bytes, EPOCH, HEADER_BYTES + payloadBytes - EPOCH);
        } else {
            crc.update(bytes, LENGTH_AND_KIND, HEADER_BYTES + payloadBytes - LENGTH_AND_KIND);
        }
        return (int) crc.getValue();
    }
}
