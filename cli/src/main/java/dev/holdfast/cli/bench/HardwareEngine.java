package dev.holdfast.cli.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import jdk.nio.mapmode.ExtendedMapMode;

/**
 * The kernel's faults on files of a folder, through the JDK's own mappings: {@code READ_WRITE_SYNC}
 * where the folder is on a DAX mount, {@code READ_WRITE} everywhere. The store alone is timed, for
 * it is the fault. The kernel tells nothing of barriers; the JDK cannot allocate without writing.
 */
final class HardwareEngine implements Engine {
    private final Path folder;
    private final boolean sync;

    /** Makes files in {@code folder}. */
    HardwareEngine(Path folder) throws IOException {
        this.folder = folder;
        this.sync = canMapSync(folder);
    }

    private static boolean canMapSync(Path folder) throws IOException {
        Path probe = Files.createTempFile(folder, "holdfast-bench", ".probe");
        try (FileChannel channel = open(probe); Arena arena = Arena.ofConfined()) {
            channel.write(ByteBuffer.allocate(FaultCell.SMALL_PAGE_BYTES));
            channel.map(ExtendedMapMode.READ_WRITE_SYNC, 0, FaultCell.SMALL_PAGE_BYTES, arena);
            return true;
        } catch (IOException | UnsupportedOperationException notDax) {
            return false;
        } finally {
            Files.deleteIfExists(probe);
        }
    }

    private static FileChannel open(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE);
    }

    /** Tells whether sync mappings are timed too. */
    boolean hasSync() {
        return sync;
    }

    @Override
    public String name() {
        return "hardware";
    }

    @Override
    public String label() {
        return "hardware fault";
    }

    @Override
    public boolean serves(FaultCell cell) {
        return (sync || !cell.sync()) && !cell.isHuge() && cell.state() != FaultCase.UNWRITTEN;
    }

    @Override
    public Round open() throws IOException {
        return new FolderRound(Files.createTempDirectory(folder, "holdfast-bench"));
    }

    private record FolderRound(Path place) implements Round {
        @Override
        public BackgroundCopy load(Load load, String name) throws IOException {
            return load == Load.COPY ? BackgroundCopy.start(place, name) : null;
        }

        @Override
        public FaultSample time(FaultCell cell, int faults, String name) throws IOException {
            int bytes = faults * cell.pageBytes();
            Path file = place.resolve(name);
            try (FileChannel channel = HardwareEngine.open(file);
                    Arena arena = Arena.ofConfined()) {
                if (cell.state() == FaultCase.PREALLOCATED) {
                    channel.write(ByteBuffer.allocateDirect(bytes), 0);
                } else {
                    // A size and no blocks where stores go: the JDK grows a file only by writing.
                    channel.write(ByteBuffer.allocate(1), bytes);
                }
                channel.force(true);
                MapMode mode = cell.sync() ? ExtendedMapMode.READ_WRITE_SYNC : MapMode.READ_WRITE;
                return store(channel.map(mode, 0, bytes, arena), cell, faults);
            } finally {
                Files.deleteIfExists(file);
            }
        }

        private static FaultSample store(MemorySegment memory, FaultCell cell, int faults) {
            long[] nanos = new long[faults];
            long kernel = KernelFaults.ofThisThread();
            for (int i = 0; i < faults; i++) {
                long offset = (long) i * cell.pageBytes();
                long begin = System.nanoTime();
                memory.set(ValueLayout.JAVA_LONG, offset, i);
                nanos[i] = System.nanoTime() - begin;
            }
            kernel = KernelFaults.ofThisThread() - kernel;
            Arrays.sort(nanos);
            return new FaultSample(nanos, FaultSample.UNKNOWN, FaultSample.UNKNOWN, kernel);
        }

        @Override
        public void close() throws IOException {
            Files.deleteIfExists(place);
        }
    }
}
