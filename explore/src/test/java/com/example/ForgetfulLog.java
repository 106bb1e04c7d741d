package com.example;

import dev.holdfast.DaxFile;
import dev.holdfast.MapMode;
import dev.holdfast.Mapping;
import dev.holdfast.Volume;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** {@link AppendLog} without its persist: what a crash test is for. */
class ForgetfulLog implements AutoCloseable {
    private static final long FILE_BYTES = 64 * 1024;
    private static final int HEADER_BYTES = 8;
    private static final int LINE_BYTES = 64;

    private final DaxFile file;
    private final Mapping mapping;
    private long end;

    ForgetfulLog(Volume volume) throws IOException {
        file = volume.createFile("/log");
        file.truncate(FILE_BYTES);
        mapping = file.map(MapMode.SYNC, 0, FILE_BYTES);
    }

    /** Appends a record; when this returns, no power cut can lose it. */
    void append(String record) throws IOException {
        byte[] bytes = record.getBytes(StandardCharsets.UTF_8);
        long length = HEADER_BYTES + bytes.length;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment slot = mapping.writable(end, length, arena);
            MemorySegment.copy(bytes, 0, slot, ValueLayout.JAVA_BYTE, HEADER_BYTES, bytes.length);
            slot.set(ValueLayout.JAVA_INT, 4, checksum(bytes));
            slot.set(ValueLayout.JAVA_INT, 0, bytes.length);
        }
        end = nextRecord(end, bytes.length);
    }

    /** Returns the records of a log, up to the first that is not whole. */
    static List<String> read(Volume volume) throws IOException {
        List<String> records = new ArrayList<>();
        if (!volume.exists("/log")) {
            return records;
        }
        try (DaxFile file = volume.openFile("/log"); Arena arena = Arena.ofConfined()) {
            MemorySegment log = arena.allocate(FILE_BYTES, LINE_BYTES);
            file.read(log, 0);
            long at = 0;
            while (at < FILE_BYTES) {
                int length = log.get(ValueLayout.JAVA_INT, at);
                if (length <= 0 || length > FILE_BYTES - at - HEADER_BYTES) {
                    break;
                }
                byte[] bytes = log.asSlice(at + HEADER_BYTES, length)
                        .toArray(ValueLayout.JAVA_BYTE);
                if (log.get(ValueLayout.JAVA_INT, at + 4) != checksum(bytes)) {
                    break;
                }
                records.add(new String(bytes, StandardCharsets.UTF_8));
                at = nextRecord(at, length);
            }
        }
        return records;
    }

    private static long nextRecord(long at, int length) {
        return (at + HEADER_BYTES + length + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES;
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    @Override
    public void close() {
        mapping.close();
        file.close();
    }
}
