package com.example;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Volume;
import dev.holdfast.explore.junit.Acknowledged;
import dev.holdfast.explore.junit.Acks;
import dev.holdfast.explore.junit.CrashTest;
import dev.holdfast.explore.junit.Recover;
import dev.holdfast.explore.junit.Workload;
import java.io.IOException;
import java.util.List;

@CrashTest
abstract class QueueCrashes {
    private static final List<String> MESSAGES = List.of("wake up", "get dressed", "go to work");

    abstract MappedQueue queue(Volume volume) throws IOException;

    @Workload
    void offersMessages(Volume volume, Acks acks) throws IOException {
        try (MappedQueue queue = queue(volume)) {
            for (String message : MESSAGES) {
                acks.begin(message);
                queue.offer(message);
                acks.ack(message);
            }
        }
    }

    @Recover
    void holdsWhatWasOffered(Volume recovered, Acknowledged acks) throws IOException {
        List<String> found = MappedQueue.messages(recovered);

        assertThat(found).isEqualTo(MESSAGES.subList(0, found.size()));
        assertThat(found).containsAll(acks.all(String.class));
    }
}
