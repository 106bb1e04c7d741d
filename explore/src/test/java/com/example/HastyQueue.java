package com.example;

import dev.holdfast.Volume;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A queue that saves a barrier a message, and is wrong. */
class HastyQueue extends MappedQueue {
    HastyQueue(Volume volume) throws IOException {
        super(volume);
    }

    @Override
    void offer(String message) throws IOException {
        long at = (count + 1) * SLOT_BYTES;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment slots = mapping.writable(0, at + SLOT_BYTES, arena);
            slots.setString(at, message);
            slots.set(ValueLayout.JAVA_LONG, 0, ++count);
            mapping.persist(0, at + SLOT_BYTES);
        }
    }
}
