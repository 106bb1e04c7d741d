package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.MetadataFuzz.Outcome;
import dev.holdfast.MetadataFuzz.Structure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/**
 * A flipped byte anywhere in the metadata in use: the volume opens as it was, from another copy,
 * or it is refused by name. Only the last commit group of the log may count as torn, for nothing
 * tells it from that.
 */
class MetadataFlipTest {
    /** Before it lie the slots and epoch tables, where every byte in use counts. */
    private static final int FIRST_LOG_BYTE = 4 * MetadataFuzz.BLOCK;
    private static final int[] MASKS = {0x01, 0x80, 0xFF};

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
    void aFlippedByteIsNeverTakenForTheTruth() throws Exception {
        flip(101);
    }

    @Test
    @Tag("stress")
    @Timeout(value = 2, unit = TimeUnit.HOURS, threadMode = ThreadMode.SEPARATE_THREAD)
    void noFlippedByteIsEverTakenForTheTruth() throws Exception {
        flip(1);
    }

    /** A volume, and what opening it may show. */
    private record Sample(byte[] image, Set<String> contents) {}

    private static void flip(int step) throws Exception {
        FuzzDevice device = new FuzzDevice(SampleVolume.SIZE_BYTES);
        for (Sample sample : List.of(closed(device), open(device))) {
            List<Structure> structures = MetadataFuzz.structures(sample.image);
            assertThat(structures).extracting(s -> s.kind().replaceAll(" .*", ""))
                    .contains("slot", "epochs", "node", "chunk");
            int flips = 0;
            for (int at : bytesOf(structures)) {
                for (int mask : MASKS) {
                    if (flips++ % step == 0) {
                        flip(device, sample, at, mask);
                    }
                }
            }
        }
    }

    private static List<Integer> bytesOf(List<Structure> structures) {
        List<Integer> bytes = new ArrayList<>();
        for (Structure structure : structures) {
            for (int i = 0; i < structure.length(); i++) {
                bytes.add(structure.offset() + i);
            }
        }
        return bytes;
    }

    private static void flip(FuzzDevice device, Sample sample, int at, int mask) {
        device.reset(sample.image);
        device.putByte(at, (byte) (device.getByte(at) ^ mask));
        String what = "byte " + at + " flipped by " + mask;
        Outcome outcome = MetadataFuzz.run(device, () -> what);
        if (!outcome.isRefused()) {
            assertThat(sample.contents).as(what).contains(outcome.content());
        }
        if (at < FIRST_LOG_BYTE) {
            assertThat(outcome.checkedClean()).as("check sees " + what).isFalse();
        }
    }

    private static Sample closed(FuzzDevice device) throws IOException {
        SampleVolume.closed(device, 1);
        byte[] image = device.image();
        return new Sample(image, Set.of(contents(device)));
    }

    /** A volume cut off behind two commit groups, of which the last may go. */
    private static Sample open(FuzzDevice device) throws IOException {
        String before;
        String after;
        byte[] image;
        try (Volume volume = Volume.create(device, SampleVolume.options(2))) {
            SampleVolume.fill(volume);
            volume.checkpoint();
            volume.createDirectory("/new");
            volume.sync();
            before = SampleVolume.describe(volume);
            volume.createDirectory("/last");
            volume.sync();
            after = SampleVolume.describe(volume);
            image = device.image();
        }
        return new Sample(image, Set.of(before, after));
    }

    private static String contents(FuzzDevice device) throws IOException {
        try (Volume volume = Volume.open(device, SampleVolume.options(3))) {
            return SampleVolume.describe(volume);
        }
    }
}
