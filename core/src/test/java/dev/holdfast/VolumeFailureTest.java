package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.device.LineFate;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.RenameMode;
import dev.holdfast.fs.ManualBackground;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The first failed write-back, wherever it strikes, and interrupts. */
class VolumeFailureTest {
    private static final int PAGE = 4096;
    private static final int ROUNDS = 6;

    private static VolumeOptions options(Mutants mutants) {
        return VolumeLab.withMutants(VolumeLab.deterministic(VolumeOptions.defaults(),
                ManualBackground::new, () -> 1_000_000_000L, new Random(3)), mutants);
    }

    @AfterEach
    void clearInterrupt() {
        Thread.interrupted();
    }

    /** A volume at work; {@code acknowledged} counts the rounds reported durable. */
    private static final class Work {
        private final Volume volume;
        private final DaxFile log;
        private final Mapping mapping;
        private final MemorySegment readable;
        private final Arena arena = Arena.ofShared();
        private int acknowledged;

        Work(TracedDevice device, Mutants mutants) throws IOException {
            volume = Volume.create(device, options(mutants));
            log = volume.createFile("/log");
            log.truncate(16 * PAGE);
            mapping = log.map(MapMode.SYNC, 0, 16 * PAGE);
            store(0, 1);
            readable = mapping.readable(0, 8, arena);
            volume.sync();
        }

        void run() throws IOException {
            for (int i = 1; i <= ROUNDS; i++) {
                store(i, i + 1);
                try (DaxFile file = volume.createFile("/new")) {
                    file.write(ByteBuffer.wrap(new byte[1000 * i]), 0);
                    file.truncate(900 * i);
                    file.fsync();
                }
                volume.rename("/new", "/round" + i, RenameMode.REPLACE);
                volume.awaitDurable(volume.changeLsn());
                if (i % 3 == 0) {
                    volume.checkpoint();
                }
                acknowledged = i;
            }
        }

        private void store(int page, long value) throws IOException {
            try (Arena pin = Arena.ofConfined()) {
                mapping.writable((long) page * PAGE, 8, pin).set(ValueLayout.JAVA_LONG, 0, value);
                mapping.persist((long) page * PAGE, 8);
            }
        }

        void close() throws IOException {
            arena.close();
            mapping.close();
            log.close();
            volume.close();
        }
    }

    private interface Call {
        void run() throws Exception;
    }

    private static void assertShutDown(Call call) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(HoldfastException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.SHUT_DOWN));
    }

    @Test
    @DisplayName("H4 W6 the first failed write-back, at any barrier, shuts the volume down for "
            + "good")
    void theFirstFailedWriteBackShutsTheVolumeDown() throws Exception {
        int failedAt = 0;
        while (failsAt(failedAt, Mutants.NONE)) {
            failedAt++;
        }
        assertThat(failedAt).as("barriers of the workload").isGreaterThan(40);
    }

    @Test
    @DisplayName("H4 a failure that is forgotten is noticed")
    void aForgottenFailureIsNoticed() {
        assertThatThrownBy(() -> {
            for (int at = 0; failsAt(at, Mutants.of(Mutant.FAILED_WRITE_BACK_FORGOTTEN)); at++) {
                assertThat(at).isLessThan(1000);
            }
        }).isInstanceOf(AssertionError.class);
    }

    /** Fails one persist; tells whether the workload got so far. */
    private static boolean failsAt(int persist, Mutants mutants) throws IOException {
        try (TracedDevice device = TracedDevice.create(1 << 20)) {
            Work work = new Work(device, mutants);
            device.failPersists(persist, 1);
            boolean failed = false;
            try {
                work.run();
            } catch (HoldfastException e) {
                failed = true;
                assertThat(e.code()).as("persist %s: %s", persist, e)
                        .isIn(ErrorCode.IO_ERROR, ErrorCode.SHUT_DOWN);
            }
            if (!failed) {
                device.failPersists(0, 0);
                work.close();
                return false;
            }
            checkShutDown(work);
            device.crash(LineFate.seeded(persist));
            checkRecovered(device, work.acknowledged);
            return true;
        }
    }

    private static void checkShutDown(Work work) throws IOException {
        Volume volume = work.volume;
        long durable = volume.durableLsn();
        for (int again = 0; again < 2; again++) {
            assertShutDown(volume::sync);
            assertShutDown(volume::checkpoint);
            assertShutDown(work.log::fsync);
            assertShutDown(work.log::fdatasync);
            assertShutDown(work.mapping::sync);
            assertShutDown(() -> work.mapping.persist(0, 8));
            assertShutDown(() -> volume.awaitDurable(volume.changeLsn()));
        }
        assertShutDown(() -> work.log.write(ByteBuffer.allocate(1), 0));
        assertShutDown(() -> work.log.truncate(1));
        assertShutDown(() -> volume.createFile("/more"));
        assertShutDown(() -> work.log.map(MapMode.SYNC, 0, PAGE));
        assertShutDown(() -> work.store(15, 1));
        assertShutDown(volume::freeze);
        assertThat(volume.durableLsn()).isEqualTo(durable);
        assertThat(work.readable.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(1);
        assertThat(read(work.log, 0)).isEqualTo(1);
        work.close();
    }

    private static void checkRecovered(TracedDevice device, int acknowledged) throws IOException {
        try (Volume volume = Volume.open(device, options(Mutants.NONE));
                DaxFile log = volume.openFile("/log")) {
            for (int i = 0; i <= acknowledged; i++) {
                assertThat(read(log, (long) i * PAGE)).isEqualTo(i + 1);
                if (i > 0) {
                    assertThat(volume.stat("/round" + i).sizeBytes()).isEqualTo(900 * i);
                }
            }
            for (int i = acknowledged + 2; i <= ROUNDS; i++) {
                assertThat(volume.exists("/round" + i)).isFalse();
            }
        }
    }

    private static long read(DaxFile file, long offset) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder());
        file.read(bytes, offset);
        return bytes.getLong(0);
    }

    @Test
    @DisplayName("R5 an interrupted thread loses nothing and closes nothing; its write() changes "
            + "nothing")
    void anInterruptedThreadLosesNothingAndClosesNothing() throws Exception {
        try (TracedDevice device = TracedDevice.create(1 << 20)) {
            Work work = new Work(device, Mutants.NONE);
            Volume volume = work.volume;
            Thread.currentThread().interrupt();
            work.store(1, 2);
            DaxFile file = volume.createFile("/new");
            assertThatThrownBy(() -> file.write(ByteBuffer.allocate(9), 0)).isInstanceOfSatisfying(
                    HoldfastException.class,
                    e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERRUPTED));
            file.truncate(900);
            file.fsync();
            volume.rename("/new", "/round1", RenameMode.REPLACE);
            volume.checkpoint();
            volume.sync();
            assertThat(Thread.interrupted()).isTrue();
            assertThat(file.write(ByteBuffer.allocate(9), 0)).isEqualTo(9);
            device.crash(LineFate.NONE);
            checkRecovered(device, 1);
        }
    }
}
