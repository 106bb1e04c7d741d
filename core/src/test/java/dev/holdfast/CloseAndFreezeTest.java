package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.device.LineFate;
import dev.holdfast.device.MemfdDevice;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.RenameMode;
import dev.holdfast.fs.ManualBackground;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class CloseAndFreezeTest {
    private static final int PAGE = 4096;

    private static VolumeOptions options() {
        return VolumeLab.deterministic(VolumeOptions.defaults(), ManualBackground::new,
                () -> 1_000_000_000L, new Random(1));
    }

    private static void assertCode(ErrorCode code,
            org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(HoldfastException.class,
                e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void callsThatRaceWithCloseSucceedOrSayThatTheVolumeIsClosed() throws Exception {
        for (int round = 0; round < 40; round++) {
            MemfdDevice device = MemfdDevice.create("close", 4 << 20);
            Volume volume = Volume.create(device, VolumeOptions.defaults());
            var unexpected = new ConcurrentLinkedQueue<Throwable>();
            List<Thread> threads = new ArrayList<>();
            CountDownLatch begun = new CountDownLatch(3);
            for (int i = 0; i < 3; i++) {
                String name = "/f" + i;
                DaxFile file = volume.createFile(name);
                threads.add(Thread.ofPlatform().start(() ->
                        useUntilClosed(volume, file, begun, unexpected)));
            }
            begun.await();
            closeThoughInUse(volume);
            device.close();
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(unexpected).as("round %s", round).isEmpty();
        }
    }

    private static void useUntilClosed(Volume volume, DaxFile file, CountDownLatch begun,
            ConcurrentLinkedQueue<Throwable> unexpected) {
        try {
            for (int i = 0; ; i++) {
                file.write(ByteBuffer.allocate(3000), i * 100L % 100_000);
                volume.createFile(file.path() + "-" + i).close();
                try (Mapping mapping = file.map(MapMode.SYNC, 0, 2 * PAGE);
                        Arena arena = Arena.ofConfined()) {
                    mapping.writable(0, 64, arena).set(ValueLayout.JAVA_LONG, 0, i);
                    mapping.persist(0, 8);
                }
                file.fsync();
                file.read(ByteBuffer.allocate(100), 0);
                file.truncate(50_000);
                begun.countDown();
            }
        } catch (IllegalStateException closed) {
            // What is promised.
        } catch (Throwable e) {
            unexpected.add(e);
        } finally {
            begun.countDown();
        }
    }

    private static void closeThoughInUse(Volume volume) throws Exception {
        while (true) {
            try {
                volume.close();
                return;
            } catch (HoldfastException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.BUSY);
            }
        }
    }

    @Test
    void aVolumeWithMemoryInUseStaysOpenAndClosesOnceItIsNot() throws Exception {
        try (TracedDevice device = TracedDevice.create(1 << 20)) {
            Volume volume = Volume.create(device, options());
            DaxFile file = volume.createFile("/a");
            file.truncate(PAGE);
            Mapping mapping = file.map(MapMode.SYNC, 0, PAGE);
            MemorySegment segment = mapping.writable(0, 8);

            assertCode(ErrorCode.BUSY, volume::close);
            segment.set(ValueLayout.JAVA_LONG, 0, 7);
            assertThatThrownBy(() -> mapping.writable(0, 8))
                    .isInstanceOf(IllegalStateException.class);
            file.map(MapMode.READ_ONLY, 0, PAGE).close();

            mapping.close();
            volume.close();
            file.close();
            mapping.close();
            try (Volume again = Volume.open(device, options())) {
                ByteBuffer read = ByteBuffer.allocate(8).order(java.nio.ByteOrder.nativeOrder());
                again.openFile("/a").read(read, 0);
                assertThat(read.getLong(0)).isEqualTo(7);
            }
        }
    }

    @Test
    void whatUsedAHandleThatIsClosedBesideItNeverGivesBlocksToADeletedFile() throws Exception {
        for (int round = 0; round < 60; round++) {
            try (TracedDevice device = TracedDevice.create(1 << 20)) {
                try (Volume volume = Volume.create(device, options())) {
                    long free = volume.space().freeBytes();
                    DaxFile file = volume.createFile("/a");
                    volume.unlink("/a");
                    Thread closer = Thread.ofPlatform().start(file::close);
                    try {
                        while (true) {
                            file.write(ByteBuffer.allocate(100), 0);
                            file.truncate(0);
                        }
                    } catch (IllegalStateException closed) {
                        closer.join();
                    } catch (HoldfastException e) {
                        assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND);
                        closer.join();
                    }
                    volume.sync();
                    // The log may have taken chunks for its nodes; nothing smaller may be gone.
                    assertThat((free - volume.space().freeBytes()) % (64 << 10)).isZero();
                }
                Volume.open(device, options()).close();
            }
        }
    }

    @Test
    @DisplayName("H7 while frozen nothing reaches the device, no page is writable, stores wait")
    void aFrozenVolumeStandsStill() throws Exception {
        ManualBackground background = new ManualBackground();
        VolumeOptions options = VolumeLab.deterministic(VolumeOptions.defaults(), () -> background,
                () -> 1_000_000_000L, new Random(1));
        try (TracedDevice device = TracedDevice.create(1 << 20);
                Volume volume = Volume.create(device, options)) {
            DaxFile file = volume.createFile("/a");
            file.truncate(4 * PAGE);
            Mapping mapping = file.map(MapMode.SHARED, 0, 4 * PAGE);
            store(mapping, 1);

            volume.freeze();

            assertThat(device.unpersistedLines()).isEmpty();
            assertThat(volume.durableLsn()).isEqualTo(volume.changeLsn());
            long lsn = volume.changeLsn();
            long barriers = device.counters().barriers();
            List<Thread> waiting = List.of(
                    started(() -> file.write(ByteBuffer.allocate(10), 0)),
                    started(() -> store(mapping, 2)),
                    started(() -> volume.createFile("/b").close()),
                    started(() -> volume.rename("/a", "/c", RenameMode.REPLACE)));
            for (Thread thread : waiting) {
                awaitWaiting(thread);
            }
            background.tick();
            assertThat(file.read(ByteBuffer.allocate(10), 0)).isEqualTo(10);
            assertThat(volume.changeLsn()).isEqualTo(lsn);
            assertThat(device.counters().barriers()).isEqualTo(barriers);
            assertThat(device.unpersistedLines()).isEmpty();

            volume.thaw();
            for (Thread thread : waiting) {
                thread.join();
            }
            assertThat(volume.exists("/b")).isTrue();
            assertThat(volume.exists("/c")).isTrue();
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    private static Thread started(Step step) {
        return Thread.ofPlatform().daemon().start(() -> {
            try {
                step.run();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    private static void awaitWaiting(Thread thread) {
        while (thread.getState() != Thread.State.WAITING) {
            assertThat(thread.isAlive()).isTrue();
            Thread.yield();
        }
    }

    private static void store(Mapping mapping, long value) throws Exception {
        try (Arena arena = Arena.ofConfined()) {
            mapping.writable(0, 8, arena).set(ValueLayout.JAVA_LONG, 0, value);
        }
    }

    @Test
    @DisplayName("H7 memory that can be stored to keeps a volume from being frozen")
    void aVolumeWithWritableMemoryInUseIsNotFrozen() throws Exception {
        try (TracedDevice device = TracedDevice.create(1 << 20);
                Volume volume = Volume.create(device, options())) {
            DaxFile file = volume.createFile("/a");
            file.truncate(PAGE);
            Mapping mapping = file.map(MapMode.SHARED, 0, PAGE);
            try (Arena arena = Arena.ofConfined()) {
                mapping.writable(0, 8, arena);
                assertCode(ErrorCode.BUSY, volume::freeze);
                file.write(ByteBuffer.allocate(10), 0);
            }
            volume.freeze();
            assertCode(ErrorCode.INVALID, volume::freeze);
        }
    }

    @Test
    @DisplayName("H7 a crash of a frozen volume finds everything, and closing thaws")
    void aFrozenVolumeIsDurableAndCanBeClosed() throws Exception {
        try (TracedDevice device = TracedDevice.create(1 << 20)) {
            Volume volume = Volume.create(device, options());
            DaxFile file = volume.createFile("/a");
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
            volume.freeze();
            try (TracedDevice image = device.crashImage(LineFate.NONE);
                    Volume copy = Volume.open(image, options())) {
                assertThat(copy.openFile("/a").size()).isEqualTo(3);
            }
            volume.close();
            assertThatThrownBy(volume::thaw).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void directoriesAreNeverExchangedWithWhatTheyHold() throws Exception {
        try (TracedDevice device = TracedDevice.create(1 << 20);
                Volume volume = Volume.create(device, options())) {
            volume.createDirectory("/a");
            volume.createDirectory("/a/b");
            volume.createFile("/a/b/f").close();
            volume.createDirectory("/a/b/d");

            assertCode(ErrorCode.INVALID, () -> volume.rename("/a/b/f", "/a", RenameMode.EXCHANGE));
            assertCode(ErrorCode.INVALID, () -> volume.rename("/a/b/d", "/a", RenameMode.EXCHANGE));
            assertCode(ErrorCode.INVALID, () -> volume.rename("/a", "/a/b/d", RenameMode.EXCHANGE));
            assertCode(ErrorCode.NOT_EMPTY,
                    () -> volume.rename("/a/b/d", "/a", RenameMode.REPLACE));
            assertCode(ErrorCode.IS_A_DIRECTORY,
                    () -> volume.rename("/a/b/f", "/a", RenameMode.REPLACE));
            assertThat(volume.exists("/a/b/f")).isTrue();
        }
    }
}
