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
class AppendLogCrashTest {
    private static final List<String> RECORDS = List.of("one", "two", "three ".repeat(20));

    @Workload
    void appendsRecords(Volume volume, Acks acks) throws IOException {
        try (AppendLog log = new AppendLog(volume)) {
            for (String record : RECORDS) {
                log.append(record);
                acks.ack(record);
            }
        }
    }

    @Recover
    void losesNoneThatWasAcknowledged(Volume recovered, Acknowledged acks) throws IOException {
        List<String> found = AppendLog.read(recovered);

        // What was being appended may be there or not; nothing else may be.
        assertThat(found).isEqualTo(RECORDS.subList(0, found.size()));
        assertThat(found).containsAll(acks.all(String.class));
    }
}
