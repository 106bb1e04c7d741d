package dev.holdfast.cli.demo;

import dev.holdfast.DaxFile;
import dev.holdfast.MapMode;
import dev.holdfast.Mapping;
import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.VolumeOptions;
import dev.holdfast.dax.PrintingTracer;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.fs.ManualBackground;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Lets one fault tell its steps as it takes them, on a simulated device so that runs agree. */
final class FaultTrace {
    private static final long VOLUME_BYTES = 32 << 20;
    private static final long HUGE_BYTES = 2 << 20;

    /** The volume that the tracer, which its options hold, reads LSNs of. */
    private Volume volume;
    private boolean isOn;
    private final List<String> lines = new ArrayList<>();

    private FaultTrace() {}

    /** Returns the steps of the first store to a page of an empty file. */
    static List<String> of(MapMode mode, boolean huge) throws IOException {
        return new FaultTrace().trace(mode, huge);
    }

    private List<String> trace(MapMode mode, boolean huge) throws IOException {
        ManualBackground background = new ManualBackground();
        PrintingTracer tracer = new PrintingTracer(this::step,
                () -> volume.changeLsn(), () -> volume.durableLsn());
        VolumeOptions options = VolumeLab.withTracer(VolumeLab.deterministic(
                VolumeOptions.defaults(), () -> background, () -> 0, new Random(1)), tracer);
        try (TracedDevice device = TracedDevice.create(VOLUME_BYTES);
                Volume opened = Volume.create(device, options)) {
            volume = opened;
            background.tick();
            try (DaxFile file = volume.createFile("/f")) {
                file.truncate(HUGE_BYTES);
                file.fsync();
                try (Mapping mapping = file.map(mode, 0, HUGE_BYTES, huge);
                        Arena arena = Arena.ofConfined()) {
                    isOn = true;
                    mapping.writable(0, Long.BYTES, arena);
                    isOn = false;
                }
            }
        }
        return List.copyOf(lines);
    }

    private void step(String line) {
        if (isOn) {
            lines.add(line);
        }
    }
}
