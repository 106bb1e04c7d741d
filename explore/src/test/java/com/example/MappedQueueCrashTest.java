package com.example;

import dev.holdfast.Volume;
import java.io.IOException;

class MappedQueueCrashTest extends QueueCrashes {
    @Override
    MappedQueue queue(Volume volume) throws IOException {
        return new MappedQueue(volume);
    }
}
