package com.example;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Volume;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.explore.junit.Acknowledged;
import dev.holdfast.explore.junit.Acks;
import dev.holdfast.explore.junit.CrashTest;
import dev.holdfast.explore.junit.Recover;
import dev.holdfast.explore.junit.Workload;
import dev.holdfast.nio.Holdfast;
import java.io.IOException;
import java.nio.file.FileSystem;

@CrashTest(medium = TracedDevice.Unit.PAGE)
class BufferJournalCrash {
    @Workload
    void appends(Volume volume, Acks acks) throws IOException {
        FileSystem files = Holdfast.newFileSystem(volume);
        BufferJournal journal = new BufferJournal(files.getPath("/journal"));
        for (int number = 1; number <= 3; number++) {
            journal.append(number);
            acks.ack(number);
        }
    }

    @Recover
    void losesNone(Volume recovered, Acknowledged acks) throws IOException {
        try (FileSystem files = Holdfast.newFileSystem(recovered)) {
            assertThat(BufferJournal.read(files.getPath("/journal")))
                    .containsAll(acks.all(Integer.class));
        }
    }
}
