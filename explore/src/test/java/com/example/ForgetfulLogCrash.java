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
class ForgetfulLogCrash {
    @Workload
    void appendsRecords(Volume volume, Acks acks) throws IOException {
        try (ForgetfulLog log = new ForgetfulLog(volume)) {
            for (String record : List.of("one", "two")) {
                log.append(record);
                acks.ack(record);
            }
        }
    }

    @Recover
    void losesNoneThatWasAcknowledged(Volume recovered, Acknowledged acks) throws IOException {
        assertThat(ForgetfulLog.read(recovered)).containsAll(acks.all(String.class));
    }
}
