package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.MetadataFuzz.Outcome;
import dev.holdfast.MetadataFuzz.Structure;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/**
 * Metadata whose fields are wrong and whose checksums are right: a volume made to break us. Opening
 * it ends, in success or in a HoldfastException, and so does everything after; no access leaves the
 * device.
 */
class MetadataMutationTest {
    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
    void wrongFieldsUnderRightChecksumsAreRefusedOrHarmless() throws Exception {
        mutate(12_000, Long.getLong("holdfast.seed", 1));
    }

    @Test
    @Tag("stress")
    @Timeout(value = 2, unit = TimeUnit.HOURS, threadMode = ThreadMode.SEPARATE_THREAD)
    void aMillionWrongFieldsAreRefusedOrHarmless() throws Exception {
        long seed = Long.getLong("holdfast.seed", System.nanoTime());
        System.out.println("mutations: seed " + seed + "; again: mvn -B -pl core verify -Pstress "
                + "-Dtest=MetadataMutationTest -Dholdfast.seed=" + seed);
        mutate(1_000_000, seed);
    }

    private static void mutate(int mutations, long seed) throws Exception {
        Random random = new Random(seed);
        List<byte[]> images = MetadataFuzz.images();
        List<List<Structure>> structures =
                images.stream().map(MetadataFuzz::structures).toList();
        FuzzDevice device = new FuzzDevice(SampleVolume.SIZE_BYTES);
        byte[] image = new byte[(int) SampleVolume.SIZE_BYTES];
        int refused = 0;
        for (int i = 0; i < mutations; i++) {
            int which = random.nextInt(images.size());
            System.arraycopy(images.get(which), 0, image, 0, image.length);
            Structure structure = MetadataFuzz.pick(structures.get(which), random);
            String done = MetadataFuzz.mutate(image, structure, random);
            device.reset(image);
            int number = i;
            Outcome outcome = MetadataFuzz.run(device,
                    () -> "seed " + seed + ", mutation " + number + " of image " + which + ": "
                            + done);
            refused += outcome.isRefused() ? 1 : 0;
        }
        assertThat(refused).as("refused of " + mutations + ", seed " + seed)
                .isBetween(mutations / 20, mutations - mutations / 20);
    }
}
