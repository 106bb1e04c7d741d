package com.example;

import dev.holdfast.DaxFile;
import dev.holdfast.MapMode;
import dev.holdfast.Mapping;
import dev.holdfast.Volume;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** A queue of short messages in a mapped file: a line with their number, then a line for each. */
class MappedQueue implements AutoCloseable {
    static final long SLOT_BYTES = 64;
    private static final long FILE_BYTES = 64 * 1024;

    final Mapping mapping;
    long count;
    private final DaxFile file;

    MappedQueue(Volume volume) throws IOException {
        file = volume.createFile("/queue");
        file.truncate(FILE_BYTES);
        mapping = file.map(MapMode.SYNC, 0, FILE_BYTES);
    }

    /** Puts a message in; when this returns, no power cut can lose it. */
    void offer(String message) throws IOException {
        long at = (count + 1) * SLOT_BYTES;
        try (Arena arena = Arena.ofConfined()) {
            mapping.writable(at, SLOT_BYTES, arena).setString(0, message);
            mapping.persist(at, SLOT_BYTES);
            mapping.writable(0, SLOT_BYTES, arena).set(ValueLayout.JAVA_LONG, 0, ++count);
            mapping.persist(0, SLOT_BYTES);
        }
    }

    /** Returns the messages of a volume's queue. */
    static List<String> messages(Volume volume) throws IOException {
        List<String> messages = new ArrayList<>();
        if (!volume.exists("/queue") || volume.stat("/queue").sizeBytes() == 0) {
            return messages;
        }
        try (DaxFile file = volume.openFile("/queue");
                Mapping mapping = file.map(MapMode.READ_ONLY, 0, FILE_BYTES);
                Arena arena = Arena.ofConfined()) {
            MemorySegment slots = mapping.readable(0, FILE_BYTES, arena);
            for (long i = 1; i <= slots.get(ValueLayout.JAVA_LONG, 0); i++) {
                messages.add(slots.getString(i * SLOT_BYTES));
            }
        }
        return messages;
    }

    @Override
    public void close() {
        mapping.close();
        file.close();
    }
}
