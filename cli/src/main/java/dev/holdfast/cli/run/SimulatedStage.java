package dev.holdfast.cli.run;

import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.LineFate;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.fs.ManualBackground;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A volume on memory that models a power cut. Deterministic: identity, clock and background are the
 * same at every run, and nothing becomes durable that an operation did not make so.
 */
public final class SimulatedStage implements IoStage {
    /** 2026-01-01T00:00:00Z. */
    private static final long FIRST_NANOS = 1_767_225_600_000_000_000L;
    private static final long TICK_NANOS = 1_000_000;
    private static final int RANDOM_SEED = 1;

    private final AtomicLong clock = new AtomicLong(FIRST_NANOS);
    private final VolumeOptions options = VolumeLab.deterministic(VolumeOptions.defaults(),
            ManualBackground::new, () -> clock.getAndAdd(TICK_NANOS), new Random(RANDOM_SEED));
    private TracedDevice device;
    private Volume volume;

    private SimulatedStage(TracedDevice device) throws IOException {
        this.device = device;
        this.volume = Volume.create(device, options);
    }

    /** Makes an empty volume of {@code sizeBytes}, rounded down to whole blocks. */
    public static SimulatedStage create(long sizeBytes) throws IOException {
        TracedDevice device = TracedDevice.create(sizeBytes & -TracedDevice.BLOCK_BYTES);
        try {
            return new SimulatedStage(device);
        } catch (IOException | RuntimeException e) {
            device.close();
            throw e;
        }
    }

    @Override
    public Volume volume() {
        return volume;
    }

    @Override
    public void crash(OptionalLong seed) throws IOException {
        LineFate fate = seed.isPresent() ? LineFate.seeded(seed.getAsLong()) : LineFate.NONE;
        TracedDevice after = device.crashImage(fate);
        // What the old volume still does when closed no longer reaches what was crashed.
        close();
        device = after;
        volume = Volume.open(device, options);
    }

    @Override
    public void close() throws IOException {
        try {
            volume.close();
        } finally {
            device.close();
        }
    }
}
