package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.device.DaxDevice;
import dev.holdfast.device.FileDevice;
import dev.holdfast.device.LineFate;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.fs.ManualBackground;
import dev.holdfast.fs.VolumeAudit;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/**
 * A volume under test: its clock moves only when told, nothing happens behind its back, and
 * whenever it is closed everything on it is accounted for.
 */
final class TestVolume implements AutoCloseable {
    static final int BLOCK = 4096;
    static final int MIB = 1 << 20;
    static final long HUGE = 2L << 20;

    /** The time when the volume is made. */
    static final long START_NANOS = 1_700_000_000_123_456_789L;

    final AtomicLong clock = new AtomicLong(START_NANOS);
    private final Path path;
    private final UnaryOperator<VolumeOptions> with;
    private DaxDevice device;
    private ManualBackground background;
    private Volume volume;
    private long mounts;
    private long chunkBytes;

    private TestVolume(TestMedium medium, long sizeBytes, UnaryOperator<VolumeOptions> with)
            throws IOException {
        this.with = with;
        this.path = medium.newFile();
        this.device = medium.create(path, sizeBytes);
        this.volume = Volume.create(device, options());
    }

    static TestVolume on(TestMedium medium, long sizeBytes) throws IOException {
        return on(medium, sizeBytes, options -> options);
    }

    static TestVolume on(TestMedium medium, long sizeBytes, UnaryOperator<VolumeOptions> with)
            throws IOException {
        return new TestVolume(medium, sizeBytes, with);
    }

    static TestVolume inMemory(long sizeBytes) throws IOException {
        return on(TestMedium.MEMFD, sizeBytes);
    }

    private VolumeOptions options() {
        return with.apply(VolumeLab.deterministic(VolumeOptions.defaults(), () -> {
            background = new ManualBackground();
            return background;
        }, clock::get, new Random(mounts++)));
    }

    Volume volume() {
        return volume;
    }

    DaxDevice device() {
        return device;
    }

    /** Remounts; returns the bytes in no file: free, or taken by node chunks. */
    long unusedBytes() throws IOException {
        return remount().space().freeBytes() + chunkBytes;
    }

    /** Moves the clock and returns the new time. */
    long tick() {
        return clock.addAndGet(1_000_000_007L);
    }

    /** Runs what waits to be done in the background. */
    void runBackground() {
        background.tick();
    }

    /** Closes the volume, checks it, and opens it again. */
    Volume remount() throws IOException {
        volume.close();
        chunkBytes = VolumeAudit.check(device);
        return reopen(options());
    }

    /** Closes the volume and opens it with other options. */
    Volume remount(UnaryOperator<VolumeOptions> changed) throws IOException {
        volume.close();
        return reopen(changed.apply(options()));
    }

    private Volume reopen(VolumeOptions options) throws IOException {
        if (path != null) {
            device.close();
            device = FileDevice.open(path, options.isReadOnly());
        }
        volume = Volume.open(device, options);
        return volume;
    }

    /**
     * Loses what was not persisted, by the seed, and opens the volume again. Traced device only.
     */
    Volume crash(long seed) throws IOException {
        ((TracedDevice) device).crash(LineFate.seeded(seed));
        volume = Volume.open(device, options());
        return volume;
    }

    /** Opens what a crash left, with other options. */
    Volume reopenAfterCrash(UnaryOperator<VolumeOptions> changed) throws IOException {
        volume = Volume.open(device, changed.apply(options()));
        return volume;
    }

    /** Forgets the mount without closing it, as a killed process does, and mounts anew. */
    Volume kill() throws IOException {
        volume = Volume.open(device, options());
        return volume;
    }

    DaxFile create(String file) throws IOException {
        return volume.createFile(file);
    }

    DaxFile open(String file) throws IOException {
        return volume.openFile(file);
    }

    /** Makes a file with content and closes it. */
    void write(String file, byte[] content) throws IOException {
        try (DaxFile made = volume.createFile(file)) {
            made.write(ByteBuffer.wrap(content), 0);
        }
    }

    byte[] read(String file) throws IOException {
        try (DaxFile opened = volume.openFile(file)) {
            return read(opened);
        }
    }

    static byte[] read(DaxFile file) throws IOException {
        return read(file, 0, (int) file.size());
    }

    static byte[] read(DaxFile file, long offset, int length) throws IOException {
        byte[] bytes = new byte[length];
        long read = file.read(MemorySegment.ofArray(bytes), offset);
        return java.util.Arrays.copyOf(bytes, (int) read);
    }

    static int put(DaxFile file, long offset, byte[] content) throws IOException {
        return file.write(ByteBuffer.wrap(content), offset);
    }

    static byte[] bytes(int length, int value) {
        byte[] bytes = new byte[length];
        java.util.Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    List<String> names(String directory) throws IOException {
        return volume.list(directory).stream().map(entry -> entry.name()).sorted().toList();
    }

    static void assertFails(ErrorCode code, ThrowingCallable call) {
        assertThatExceptionOfType(HoldfastException.class).isThrownBy(call)
                .returns(code, HoldfastException::code);
    }

    /** Closes and checks. */
    @Override
    public void close() throws IOException {
        try {
            if (!VolumeLab.fileSystem(volume).isClosed()) {
                volume.close();
                VolumeAudit.check(device);
            }
        } finally {
            device.close();
            if (path != null) {
                Files.deleteIfExists(path);
            }
        }
    }
}
