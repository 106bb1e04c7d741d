package dev.holdfast.cli.bench;

import dev.holdfast.DaxFile;
import dev.holdfast.MapMode;
import dev.holdfast.Mapping;
import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.device.DeviceCounters;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * This file system's own faults, through its software page table, on a volume file made for each
 * round. The call that asks for the page and the store to it are timed together.
 */
final class SoftwareEngine implements Engine {
    private static final long VOLUME_BYTES = 256L << 20;

    private final Path folder;

    /** Makes volumes in {@code folder}. */
    SoftwareEngine(Path folder) {
        this.folder = folder;
    }

    @Override
    public String name() {
        return "software";
    }

    @Override
    public String label() {
        return "software page table";
    }

    @Override
    public boolean serves(FaultCell cell) {
        return true;
    }

    @Override
    public Round open() throws IOException {
        Path file = Files.createTempFile(folder, "holdfast-bench", ".volume");
        Files.delete(file);
        Volume volume = Volume.create(file, VOLUME_BYTES);
        return new VolumeRound(file, volume);
    }

    private record VolumeRound(Path file, Volume volume) implements Round {
        @Override
        public BackgroundCopy load(Load load, String name) throws IOException {
            return load == Load.COPY ? BackgroundCopy.start(volume, "/" + name) : null;
        }

        @Override
        public FaultSample time(FaultCell cell, int faults, String name) throws IOException {
            long bytes = (long) faults * cell.pageBytes();
            MapMode mode = cell.sync() ? MapMode.SYNC : MapMode.SHARED;
            try (DaxFile timed = volume.createFile("/" + name)) {
                cell.state().prepare(timed, bytes);
                VolumeLab.stock(volume);
                try (Mapping mapping = timed.map(mode, 0, bytes, cell.isHuge());
                        Arena arena = Arena.ofConfined()) {
                    return store(mapping, arena, cell, faults);
                }
            }
        }

        private FaultSample store(Mapping mapping, Arena arena, FaultCell cell, int faults)
                throws IOException {
            DeviceCounters counters = volume.device().counters();
            long[] nanos = new long[faults];
            long barriers = counters.barriers();
            long lines = counters.lines();
            long kernel = KernelFaults.ofThisThread();
            for (int i = 0; i < faults; i++) {
                long offset = (long) i * cell.pageBytes();
                long begin = System.nanoTime();
                mapping.writable(offset, Long.BYTES, arena).set(ValueLayout.JAVA_LONG, 0, i);
                nanos[i] = System.nanoTime() - begin;
            }
            kernel = KernelFaults.ofThisThread() - kernel;
            lines = counters.lines() - lines;
            barriers = counters.barriers() - barriers;
            Arrays.sort(nanos);
            return new FaultSample(nanos, barriers, lines, kernel);
        }

        @Override
        public void close() throws IOException {
            try {
                volume.close();
            } finally {
                Files.deleteIfExists(file);
            }
        }
    }
}
