package dev.holdfast.explore.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.CommitPolicy;
import dev.holdfast.DaxFile;
import dev.holdfast.MapInfo;
import dev.holdfast.MapMode;
import dev.holdfast.Mapping;
import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.VolumeOptions;
import dev.holdfast.dax.FaultTracer;
import dev.holdfast.device.LineFate;
import dev.holdfast.device.PowerCutException;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.AttributeChange;
import dev.holdfast.fs.ManualBackground;
import dev.holdfast.mutant.Mutant;
import dev.holdfast.mutant.Mutants;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Mutants that take more than operations and crashes to be seen: other threads, failures, single
 * words.
 */
class MutantDirectedTest {
    private static final int RING_LINES = 1024;
    private static final long LOG_OFFSET = 4 * FileBlock.BYTES;
    private static final int LSN_WORD = 1 << 1;

    private final Lab.Clock clock = new Lab.Clock();
    private TracedDevice device;
    private int mounts;

    @BeforeEach
    void createDevice() throws IOException {
        device = TracedDevice.create(1 << 20);
    }

    @AfterEach
    void closeDevice() {
        device.close();
    }

    private VolumeOptions options(Mutant... mutants) {
        return new Lab(1 << 20, TracedDevice.Unit.LINE, true, CommitPolicy.LAZY,
                Mutants.of(mutants)).options(new ManualBackground(), clock, mounts++);
    }

    @Test
    @DisplayName("P1 S10 No page is writable while its metadata is being made durable")
    void noPageIsWritableBeforeTheFdatasync() throws IOException {
        assertThat(losesAStoreOfAnotherThread()).isFalse();
    }

    @Test
    @DisplayName("ENTRY_BEFORE_FDATASYNC loses what another thread stores meanwhile")
    void aStoreBeforeTheFdatasyncIsLost() throws IOException {
        assertThat(losesAStoreOfAnotherThread(Mutant.ENTRY_BEFORE_FDATASYNC)).isTrue();
    }

    /** Another thread, played by the tracer, stores and persists once the page table lets it. */
    private static final class Other implements FaultTracer {
        private TracedDevice device;
        private Mapping mapping;
        private TracedDevice image;

        @Override
        public void fdatasync(long offset, long length) {
            boolean writable = mapping.mapInfo().ranges().stream()
                    .anyMatch(range -> range.entry() == MapInfo.Entry.WRITABLE);
            if (writable && image == null) {
                try (Arena arena = Arena.ofConfined()) {
                    mapping.writable(offset, 64, arena).fill((byte) 7);
                    mapping.persist(offset, 64);
                    image = device.crashImage(LineFate.NONE);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
        }
    }

    private boolean losesAStoreOfAnotherThread(Mutant... mutants) throws IOException {
        Other other = new Other();
        other.device = device;
        Volume volume = Volume.create(device, VolumeLab.withTracer(options(mutants), other));
        DaxFile file = volume.createFile("/a");
        file.truncate(16384);
        other.mapping = file.map(MapMode.SYNC, 0, 16384);
        try (Arena arena = Arena.ofConfined()) {
            other.mapping.writable(8192, 64, arena);
        }
        if (other.image == null) {
            return false;
        }
        ByteBuffer stored = ByteBuffer.allocate(64);
        try (TracedDevice image = other.image; Volume found = Volume.open(image, options());
                DaxFile again = found.openFile("/a")) {
            again.read(stored, 8192);
        }
        return stored.get(0) != 7;
    }

    @Test
    @DisplayName("D3 A store to the page that holds the end of the file waits for the size")
    void theLastPageIsDirty() throws IOException {
        assertThat(syncFaultsOfTheLastPage()).isEqualTo(2);
    }

    @Test
    @DisplayName("DIRTY_FORGOTTEN_PAST_EOF does not wait")
    void theMutantForgetsTheLastPage() throws IOException {
        assertThat(syncFaultsOfTheLastPage(Mutant.DIRTY_FORGOTTEN_PAST_EOF)).isEqualTo(1);
    }

    private long syncFaultsOfTheLastPage(Mutant... mutants) throws IOException {
        try (Volume volume = Volume.create(device, options(mutants));
                DaxFile file = volume.createFile("/a")) {
            file.truncate(100);
            try (Mapping mapping = file.map(MapMode.SYNC, 0, 4096)) {
                for (int i = 0; i < 2; i++) {
                    try (Arena arena = Arena.ofConfined()) {
                        mapping.writable(0, 64, arena);
                    }
                    file.fsync();
                }
            }
            return volume.faults().byKind().get("PTE_NEED_DATA_SYNC");
        }
    }

    @Test
    @DisplayName("A torn record over one of an older lap is not the older record again")
    void aTornRecordIsNotTheOneOfAnOlderLap() throws IOException {
        assertThat(modeAfterATornLap()).isEqualTo(0777);
    }

    @Test
    @DisplayName("LSN_NOT_IN_CHECKSUM replays the record of an older lap")
    void theMutantReplaysAnOlderLap() throws IOException {
        assertThat(modeAfterATornLap(Mutant.LSN_NOT_IN_CHECKSUM)).isEqualTo(0111);
    }

    private int modeAfterATornLap(Mutant... mutants) throws IOException {
        Volume volume = Volume.create(device, options(mutants));
        volume.createFile("/a").close();
        volume.checkpoint();
        // One line each: the lap ends where it began.
        long start = volume.changeLsn();
        while (volume.changeLsn() < start + RING_LINES) {
            volume.setAttributes("/a", new AttributeChange().mode(0111));
            if (volume.changeLsn() == start + RING_LINES - 1) {
                volume.setAttributes("/a", new AttributeChange().mode(0777));
            }
        }
        assertThat(volume.changeLsn()).isEqualTo(start + RING_LINES);
        volume.awaitDurable(volume.changeLsn());
        volume.setAttributes("/a", new AttributeChange().mode(0222));
        assertThat(volume.changeLsn()).isEqualTo(start + RING_LINES + 1);
        try (TracedDevice image = device.crashImage(line -> LSN_WORD);
                Volume found = Volume.open(image, options(mutants))) {
            return found.stat("/a").mode();
        }
    }

    @Test
    @DisplayName("A damaged record that was durable is refused, not taken for the end of the log")
    void aDamagedRecordIsRefused() throws IOException {
        assertThat(openAfterDamage()).isEqualTo(ErrorCode.CORRUPT);
    }

    @Test
    @DisplayName("WITNESS_IGNORED forgets durable changes without a word")
    void theMutantForgetsDurableChanges() throws IOException {
        assertThat(openAfterDamage(Mutant.WITNESS_IGNORED)).isNull();
    }

    private ErrorCode openAfterDamage(Mutant... mutants) throws IOException {
        Volume volume = Volume.create(device, options(mutants));
        long damaged = volume.changeLsn();
        for (String path : new String[] {"/a", "/b", "/c"}) {
            volume.createFile(path).close();
            volume.awaitDurable(volume.changeLsn());
        }
        long at = LOG_OFFSET + damaged % RING_LINES * 64;
        device.putLong(at + 40, ~device.getLong(at + 40));
        try (TracedDevice image = device.crashImage(LineFate.ALL);
                Volume found = Volume.open(image, options(mutants))) {
            assertThat(found.exists("/a")).isFalse();
            return null;
        } catch (HoldfastException e) {
            return e.code();
        }
    }

    @Test
    @DisplayName("A checkpoint that the power interrupts leaves both older ones whole")
    void anInterruptedCheckpointLeavesTheOlderOnesWhole() throws IOException {
        assertThat(isCleanAfterInterruptedCheckpoint()).isTrue();
    }

    @Test
    @DisplayName("LIVE_NODES_REUSED damages the older checkpoint")
    void theMutantDamagesTheOlderCheckpoint() throws IOException {
        assertThat(isCleanAfterInterruptedCheckpoint(Mutant.LIVE_NODES_REUSED)).isFalse();
    }

    private boolean isCleanAfterInterruptedCheckpoint(Mutant... mutants) throws IOException {
        Volume volume = Volume.create(device, options(mutants));
        for (int i = 0; i < 4; i++) {
            volume.createFile("/a" + i).close();
            volume.checkpoint();
        }
        volume.createFile("/b").close();
        volume.awaitDurable(volume.changeLsn());
        // The nodes are the first barrier, the bitmaps the second.
        device.powerOffAfter(1);
        try {
            volume.checkpoint();
            throw new AssertionError("the power did not go");
        } catch (PowerCutException | HoldfastException e) {
            try (TracedDevice image = device.crashImage(LineFate.ALL)) {
                return Volume.check(image).isClean();
            }
        }
    }

    @Test
    @DisplayName("H4 A failed write-back is never success when tried again")
    void aFailedWriteBackIsNotForgotten() throws IOException {
        assertThat(secondFsyncSucceeds()).isFalse();
    }

    @Test
    @DisplayName("FAILED_WRITE_BACK_FORGOTTEN reports success for lost data")
    void theMutantForgetsAFailedWriteBack() throws IOException {
        assertThat(secondFsyncSucceeds(Mutant.FAILED_WRITE_BACK_FORGOTTEN)).isTrue();
    }

    private boolean secondFsyncSucceeds(Mutant... mutants) throws IOException {
        Volume volume = Volume.create(device, options(mutants));
        DaxFile file = volume.createFile("/a");
        file.write(ByteBuffer.wrap(new byte[100]), 0);
        device.failPersists(0, 1);
        try {
            file.fsync();
            throw new AssertionError("the fsync did not fail");
        } catch (IOException first) {
            try {
                file.fsync();
                return true;
            } catch (IOException second) {
                return false;
            }
        }
    }

    @Test
    @DisplayName("H4 A write-back that fails in a checkpoint stops the volume")
    void aCheckpointThatFailsStopsTheVolume() throws IOException {
        for (int barrier = 1; barrier <= 3; barrier++) {
            try (TracedDevice fresh = TracedDevice.create(1 << 20)) {
                Volume volume = Volume.create(fresh, options());
                volume.createFile("/a").close();
                fresh.failPersists(barrier, 1);
                ErrorCode failed = codeOf(volume::checkpoint);
                assertThat(failed).as("barrier " + barrier).isNotNull();
                assertThat(codeOf(volume::sync)).isEqualTo(ErrorCode.SHUT_DOWN);
            }
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    private static ErrorCode codeOf(Step step) throws IOException {
        try {
            step.run();
            return null;
        } catch (HoldfastException e) {
            return e.code();
        }
    }
}
