package dev.holdfast.nio.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Volume;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.LineFate;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.nio.Holdfast;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class DurableLogTest {
    private static final long LOG_BYTES = 256 << 10;

    private static final int RECORDS = 100;

    private static String text(byte[] record) {
        return new String(record);
    }

    @Test
    void everyRecordWhoseAppendReturnedSurvivesAPowerCut() throws Exception {
        for (long seed = 0; seed < 20; seed++) {
            try (TracedDevice device = TracedDevice.create(1 << 20)) {
                List<String> durable = Collections.synchronizedList(new ArrayList<>());
                Volume volume = Volume.create(device, VolumeOptions.defaults());
                FileSystem fs = Holdfast.newFileSystem(volume);
                device.powerOffAfter(100 + seed * 7);
                DurableLog log;
                try {
                    log = new DurableLog(fs.getPath("/log"), LOG_BYTES);
                } catch (IOException before) {
                    continue;
                }
                try (log) {
                    appendFromFourThreads(log, durable);
                }
                device.crash(LineFate.seeded(seed));
                try (Volume again = Volume.open(device, VolumeOptions.defaults());
                        FileSystem found = Holdfast.newFileSystem(again)) {
                    try (DurableLog read = new DurableLog(found.getPath("/log"), LOG_BYTES)) {
                        List<String> records =
                                read.readAll().stream().map(DurableLogTest::text).toList();
                        assertThat(records).as("seed " + seed).containsAll(durable);
                    }
                }
            }
        }
    }

    private static void appendFromFourThreads(DurableLog log, List<String> durable)
            throws InterruptedException {
        List<Thread> writers = new ArrayList<>();
        for (int writer = 0; writer < 4; writer++) {
            int number = writer;
            writers.add(Thread.ofPlatform().start(() -> {
                try {
                    for (int i = 0; i < RECORDS; i++) {
                        String record = "record " + i + " of writer " + number;
                        log.append(record.getBytes());
                        durable.add(record);
                    }
                } catch (IOException powerIsOff) {
                    return;
                }
            }));
        }
        for (Thread writer : writers) {
            writer.join();
        }
    }
}
