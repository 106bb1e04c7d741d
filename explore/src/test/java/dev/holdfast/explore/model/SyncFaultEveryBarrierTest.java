package dev.holdfast.explore.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.CommitPolicy;
import dev.holdfast.DaxFile;
import dev.holdfast.MapMode;
import dev.holdfast.Mapping;
import dev.holdfast.Volume;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.DeviceListener;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.file.FileExtent;
import dev.holdfast.fs.ManualBackground;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * generic/470 made strong: a file of 1 MiB, mapped sync, stored to and persisted page by page. The
 * original looks at one point of a log and at blocks; this one crashes at every barrier and looks
 * at the data.
 */
class SyncFaultEveryBarrierTest {
    private static final int PAGES = 256;
    private static final int FILE_BYTES = PAGES * FileBlock.BYTES;

    /** The run, and at each barrier the judgement of a crash there. */
    private static final class Run implements DeviceListener {
        private final Lab lab;
        private final Lab.Clock clock = new Lab.Clock();
        private final TracedDevice device;
        private final boolean[] persisted = new boolean[PAGES];
        private boolean created;
        private int barriers;
        private int losses;

        Run(Mutants mutants) throws IOException {
            lab = new Lab(4 << 20, TracedDevice.Unit.LINE, true, CommitPolicy.LAZY, mutants);
            device = TracedDevice.create(lab.sizeBytes());
        }

        private VolumeOptions options() {
            return lab.options(new ManualBackground(), clock, barriers);
        }

        void storeAndPersist(IntUnaryOperator order) throws IOException {
            try (device; Volume volume = Volume.create(device, options())) {
                DaxFile file = volume.createFile("/a");
                file.truncate(FILE_BYTES);
                device.listen(this);
                try (Mapping mapping = file.map(MapMode.SYNC, 0, FILE_BYTES)) {
                    for (int i = 0; i < PAGES; i++) {
                        int page = order.applyAsInt(i);
                        store(mapping, page);
                        persisted[page] = true;
                        created = true;
                    }
                }
                crash();
                device.listen(null);
                file.close();
            }
        }

        private static void store(Mapping mapping, int page) throws IOException {
            long at = (long) page * FileBlock.BYTES;
            try (Arena arena = Arena.ofConfined()) {
                mapping.writable(at, FileBlock.BYTES, arena).fill(fill(page));
            }
            mapping.persist(at, FileBlock.BYTES);
        }

        private static byte fill(int page) {
            return (byte) (page % 255 + 1);
        }

        @Override
        public void beforePersist(long[] ranges, int count) {
            try {
                crash();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void crash() throws IOException {
            barriers++;
            try (TracedDevice image = device.crashImage(lab.fate(barriers));
                    Volume volume = Volume.open(image, options())) {
                if (volume.exists("/a")) {
                    judge(volume);
                } else {
                    losses += created ? 1 : 0;
                }
            }
        }

        private void judge(Volume volume) throws IOException {
            byte[] contents = new byte[FILE_BYTES];
            long blocks = 0;
            try (DaxFile file = volume.openFile("/a")) {
                file.read(ByteBuffer.wrap(contents), 0);
                for (FileExtent extent : file.extents()) {
                    blocks += extent.length() / FileBlock.BYTES;
                }
            }
            int expected = 0;
            for (int page = 0; page < PAGES; page++) {
                if (persisted[page]) {
                    expected++;
                    byte[] whole = new byte[FileBlock.BYTES];
                    Arrays.fill(whole, fill(page));
                    int at = page * FileBlock.BYTES;
                    losses += Arrays.equals(contents, at, at + FileBlock.BYTES, whole, 0,
                            FileBlock.BYTES) ? 0 : 1;
                }
            }
            losses += blocks < expected ? 1 : 0;
        }
    }

    private static Run run(IntUnaryOperator order, Mutant... mutants) throws IOException {
        Run run = new Run(Mutants.of(mutants));
        run.storeAndPersist(order);
        return run;
    }

    @Test
    @DisplayName("S10 generic/470 at every barrier, pages in order: blocks and data are there")
    void everyPersistedPageSurvivesACrashAtEveryBarrier() throws IOException {
        Run run = run(i -> i);
        assertThat(run.losses).isZero();
        assertThat(run.barriers).isGreaterThan(2 * PAGES);
    }

    @Test
    @DisplayName("S10 generic/470 at every barrier, pages in no order")
    void theOrderOfPagesDoesNotMatter() throws IOException {
        Run run = run(i -> i * 101 % PAGES);
        assertThat(run.losses).isZero();
        assertThat(run.barriers).isGreaterThan(2 * PAGES);
    }

    @Test
    @DisplayName("generic/470 without the fdatasync loses pages")
    void withoutTheFdatasyncPagesAreLost() throws IOException {
        assertThat(run(i -> i, Mutant.FDATASYNC_SKIPPED).losses).isPositive();
    }
}
