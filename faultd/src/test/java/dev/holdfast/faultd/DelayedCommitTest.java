package dev.holdfast.faultd;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.DaxFile;
import dev.holdfast.Volume;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.DeviceListener;
import dev.holdfast.device.LineFate;
import dev.holdfast.device.TracedDevice;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Stores of real processes, over a medium of which every crash can be had. */
class DelayedCommitTest {
    private static final long PAGE = 4096;
    private static final long MIB = 1L << 20;
    private static final long SEED = Long.getLong("holdfast.seed", 470);

    private TracedDevice device;
    private LocalServer local;
    private Child client;

    @BeforeEach
    void start() throws Exception {
        Needs.userfaultfd();
        device = TracedDevice.create(16 * MIB);
        local = new LocalServer(device, VolumeOptions.defaults());
    }

    private void open(Child newClient) throws Exception {
        client = newClient;
        client.expect("ok", "open f /file");
        client.expect("ok", "truncate f " + MIB);
    }

    @AfterEach
    void stop() throws Exception {
        if (local != null) {
            device.listen(null);
            local.close();
        }
    }

    /** Holds every persist up while it is closed. */
    private final class Gate implements DeviceListener {
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch opened = new CountDownLatch(1);
        private TracedDevice crashed;

        @Override
        public void beforePersist(long[] ranges, int count) {
            try {
                if (crashed == null) {
                    crashed = device.copy();
                    reached.countDown();
                }
                opened.await();
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Test
    @DisplayName("P1 while the commit is held up the store has not happened, and a collection only "
            + "waits")
    void delayed() throws Exception {
        open(local.javaClient());
        client.expect("ok", "map f m SYNC 0 " + MIB);
        client.expect("ok", "put m 0 1");
        Gate gate = new Gate();
        device.listen(gate);
        client.tell("background put m 8192 42");
        assertThat(gate.reached.await(30, TimeUnit.SECONDS)).isTrue();
        client.tell("background collect");
        assertThat(client.hasAnswer()).isFalse();
        try (TracedDevice crashed = gate.crashed) {
            crashed.crash(LineFate.seeded(SEED));
            assertThat(Volume.check(crashed).findings()).as("seed " + SEED).isEmpty();
            try (Volume volume = Volume.open(crashed, VolumeOptions.defaults())) {
                assertThat(words(volume, 8192)).as("seed " + SEED).isZero();
            }
        }
        assertThat(client.hasAnswer()).isFalse();
        device.listen(null);
        gate.opened.countDown();
        List<String> answers = new ArrayList<>(List.of(client.answer(), client.answer()));
        assertThat(answers).containsExactlyInAnyOrder("ok", "collected");
        assertThat(words(local.volume(), 8192)).isEqualTo(42);
    }

    @Test
    @DisplayName("S3 H4 a store whose commit fails is a bus error, and has not happened")
    void failed() throws Exception {
        open(local.client());
        client.expect("ok", "map f m SYNC 0 " + MIB);
        client.expect("ok", "put m 0 1");
        device.failPersists(0, 1);
        client.expect("bus error", "put m 8192 42");
        client.expect("bus error", "put m 8192 43");
        device.listen(null);
        try (TracedDevice crashed = device.crashImage(LineFate.ALL);
                Volume volume = Volume.open(crashed, VolumeOptions.defaults())) {
            assertThat(words(volume, 0)).isEqualTo(1);
            assertThat(words(volume, 8192)).isZero();
        }
    }

    @Test
    @DisplayName("W3 B6 in six steps with two processes, what is stored after an fsync is in the "
            + "next")
    void sixSteps() throws Exception {
        open(local.client());
        Child other = local.client();
        other.expect("ok", "open f /file WRITE");
        client.expect("ok", "map f m SHARED 0 " + MIB);
        other.expect("ok", "map f m SHARED 0 " + MIB);
        client.expect("ok", "put m 64 1");
        other.expect("ok", "put m 128 2");
        client.expect("ok", "fsync f");
        other.expect("ok", "put m 192 3");
        client.expect("ok", "fsync f");
        try (TracedDevice crashed = device.crashImage(LineFate.only());
                Volume volume = Volume.open(crashed, VolumeOptions.defaults())) {
            assertThat(words(volume, 64)).isEqualTo(1);
            assertThat(words(volume, 128)).isEqualTo(2);
            assertThat(words(volume, 192)).isEqualTo(3);
        }
    }

    @Test
    @DisplayName("S9 S10 generic/470 through real faults: after each store every crash finds page "
            + "and file")
    void everyFaultSurvives() throws Exception {
        open(local.client());
        client.expect("ok", "map f m SYNC 0 " + MIB);
        int stores = 24;
        for (int i = 0; i < stores; i++) {
            long offset = i * 37L % 256 * PAGE;
            client.expect("ok", "put m " + offset + " " + (i + 1));
            boolean persisted = i % 2 == 0;
            if (persisted) {
                client.expect("ok", "persist m " + offset + " 8");
            }
            try (TracedDevice crashed = device.crashImage(LineFate.seeded(SEED + i));
                    Volume volume = Volume.open(crashed, VolumeOptions.defaults())) {
                assertThat(volume.stat("/file").sizeBytes()).isEqualTo(MIB);
                assertThat(volume.stat("/file").blocks()).as("seed %s, store %s", SEED, i)
                        .isGreaterThanOrEqualTo(i + 1);
                for (int j = 0; j <= i; j += 2) {
                    assertThat(words(volume, j * 37L % 256 * PAGE))
                            .as("seed %s, store %s after %s", SEED, j, i).isEqualTo(j + 1);
                }
                assertThat(words(volume, offset)).isIn((long) i + 1, persisted ? i + 1L : 0L);
            }
        }
    }

    private static long words(Volume volume, long offset) throws IOException {
        try (DaxFile file = volume.openFile("/file"); Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(8, 8);
            file.read(bytes, offset);
            return bytes.get(JAVA_LONG, 0);
        }
    }
}
