package com.example;

import dev.holdfast.Volume;
import java.io.IOException;

class HastyQueueCrash extends QueueCrashes {
    @Override
    MappedQueue queue(Volume volume) throws IOException {
        return new HastyQueue(volume);
    }
}
