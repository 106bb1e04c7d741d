package dev.holdfast.nio.sample;

import dev.holdfast.nio.Holdfast;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import jdk.nio.mapmode.ExtendedMapMode;

/**
 * A durable append log over a synchronous mapping. A record is its length, the checksum of its
 * position, length and bytes, and its bytes, padded to 64 bytes. {@link #append} returns when the
 * record is durable; any number of threads append at once. The log ends at the first record whose
 * checksum is wrong.
 */
final class DurableLog implements AutoCloseable {
    private static final long UNIT = 64;
    private static final long HEADER = 8;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment log;
    /** Everything before it is durable. */
    private final AtomicLong durableEnd = new AtomicLong();
    /** Where the next record goes; guarded by this. */
    private long end;

    /** Opens the log in a file, which then has its full size and all of its blocks. */
    DurableLog(Path file, long sizeBytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ,
                StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
            log = channel.map(ExtendedMapMode.READ_WRITE_SYNC, 0, sizeBytes, arena);
        }
        readAll();
    }

    /**
     * Appends a record, durably: also what others stored before it, for a hole would hide it from
     * readers. Storing is quick and takes turns; persisting is not, and threads share it.
     */
    void append(byte[] record) throws IOException {
        long recordEnd;
        synchronized (this) {
            long length = HEADER + record.length + UNIT - 1 & -UNIT;
            if (end + length > log.byteSize()) {
                throw new IOException("the log is full: " + log.byteSize() + " bytes");
            }
            MemorySegment.copy(record, 0, log, ValueLayout.JAVA_BYTE, end + HEADER, record.length);
            log.set(INT, end + 4, checksum(end, record));
            log.set(INT, end, record.length);
            end += length;
            recordEnd = end;
        }
        long from = durableEnd.get();
        if (from < recordEnd) {
            Holdfast.persist(log, from, recordEnd - from);
            durableEnd.accumulateAndGet(recordEnd, Math::max);
        }
    }

    /** Reads the records from the start, and sets the end behind the last. */
    synchronized List<byte[]> readAll() {
        List<byte[]> records = new ArrayList<>();
        long at = 0;
        while (at + UNIT <= log.byteSize()) {
            int length = log.get(INT, at);
            if (length <= 0 || length > log.byteSize() - at - HEADER) {
                break;
            }
            byte[] record = log.asSlice(at + HEADER, length).toArray(ValueLayout.JAVA_BYTE);
            if (log.get(INT, at + 4) != checksum(at, record)) {
                break;
            }
            records.add(record);
            at += HEADER + length + UNIT - 1 & -UNIT;
        }
        end = at;
        durableEnd.set(at);
        return records;
    }

    private static int checksum(long at, byte[] record) {
        CRC32C crc = new CRC32C();
        for (int shift = 0; shift < Long.SIZE; shift += 8) {
            crc.update((int) (at >>> shift));
        }
        crc.update(record.length);
        crc.update(record);
        return (int) crc.getValue();
    }

    @Override
    public void close() {
        arena.close();
    }
}
