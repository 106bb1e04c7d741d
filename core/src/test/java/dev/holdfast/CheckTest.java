package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.device.LineFate;
import dev.holdfast.device.MemfdDevice;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.CheckReport;
import dev.holdfast.file.CheckReport.Area;
import dev.holdfast.file.CheckReport.Finding;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class CheckTest {
    @Test
    void aNewVolumeIsClean() throws Exception {
        var device = new FuzzDevice(SampleVolume.SIZE_BYTES);
        try (CheckedVolume checked = CheckedVolume.create(device, SampleVolume.options(1))) {
            CheckedVolume.assertClean(device);
            assertThat(checked.volume().list("/")).isEmpty();
        }
    }

    @Test
    void aFilledVolumeIsCleanAndEverythingInItIsCounted() throws Exception {
        var device = new FuzzDevice(SampleVolume.SIZE_BYTES);
        SampleVolume.closed(device, 2);
        byte[] before = device.image();
        CheckedVolume.assertClean(device);
        CheckReport.Examined examined = Volume.check(device).examined();
        assertThat(examined.slots()).isEqualTo(2);
        assertThat(examined.inodes()).isEqualTo(16);
        assertThat(examined.names()).isEqualTo(16);
        assertThat(examined.blocks()).isEqualTo(256);
        assertThat(examined.knownZeroBlocksRead())
                .isPositive().isEqualTo(examined.knownZeroBlocks());
        assertThat(device.image()).as("check stores nothing").isEqualTo(before);
    }

    @Test
    @DisplayName("S9 S10 A volume is clean after a crash at any state of its lines")
    void aVolumeIsCleanAfterACrash() throws Exception {
        for (int seed = 0; seed < 30; seed++) {
            try (TracedDevice device = TracedDevice.create(SampleVolume.SIZE_BYTES)) {
                Volume volume = Volume.create(device, SampleVolume.options(seed));
                SampleVolume.fill(volume);
                if (seed % 3 == 0) {
                    volume.checkpoint();
                    volume.unlink("/dir/cut");
                }
                if (seed % 2 == 0) {
                    volume.sync();
                }
                device.crash(LineFate.seeded(seed));
                try (CheckedVolume again =
                        CheckedVolume.open(device, SampleVolume.options(seed + 1))) {
                    assertThat(SampleVolume.describe(again.volume())).as("seed " + seed)
                            .startsWith("/ 1 DIRECTORY");
                }
            }
        }
    }

    @Test
    void anInodeThatAHandleKeepsAliveIsANoteNotAFault() throws Exception {
        var device = new FuzzDevice(SampleVolume.SIZE_BYTES);
        try (Volume volume = Volume.create(device, SampleVolume.options(3));
                DaxFile file = volume.createFile("/held")) {
            volume.unlink("/held");
            CheckReport report = Volume.check(device);
            assertThat(report.isClean()).isTrue();
            assertThat(report.findings()).extracting(Finding::area).containsExactly(Area.ORPHANS);
            assertThat(file.size()).isZero();
        }
        CheckedVolume.assertClean(device);
        assertThat(Volume.check(device).findings()).isEmpty();
    }

    @Test
    void whatIsNoVolumeIsRefused() {
        assertThatThrownBy(() -> Volume.check(new FuzzDevice(SampleVolume.SIZE_BYTES)))
                .isInstanceOf(HoldfastException.class).hasMessageContaining("not a Holdfast");
    }

    @Test
    void theLargestVolumeIsCheckedWithoutReadingAllOfItsZeroes() throws Exception {
        try (MemfdDevice device = MemfdDevice.create("check", 64L << 40)) {
            try (CheckedVolume checked = CheckedVolume.create(device, SampleVolume.options(1))) {
                SampleVolume.fill(checked.volume());
            }
            CheckReport.Examined examined = Volume.check(device).examined();
            assertThat(examined.blocks()).isEqualTo((64L << 40) / 4096);
            assertThat(examined.knownZeroBlocksRead()).isBetween(1L, 1L << 19);
        }
    }
}
