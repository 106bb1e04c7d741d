package dev.holdfast.fs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.CheckedVolume;
import dev.holdfast.DaxFile;
import dev.holdfast.FuzzDevice;
import dev.holdfast.SampleVolume;
import dev.holdfast.Volume;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.AllocateMode;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HeapAgainstTreeTest {
    private static final int FILES = 5;
    private static final int FILE_BYTES = 120_000;

    @Test
    void theHeapAndTheFoldAgreeAfterAnySequenceOfOperations() throws Exception {
        for (long seed = 0; seed < 12; seed++) {
            FuzzDevice device = new FuzzDevice(SampleVolume.SIZE_BYTES);
            Random random = new Random(seed);
            try (CheckedVolume checked =
                    CheckedVolume.create(device, SampleVolume.options(seed))) {
                SampleVolume.fill(checked.volume());
                HeapAgainstTree.assertSame(checked.volume());
                for (int step = 0; step < 60; step++) {
                    step(checked.volume(), random);
                    if (step % 10 == 9) {
                        HeapAgainstTree.assertSame(checked.volume());
                        CheckedVolume.assertClean(device);
                    }
                }
            } catch (AssertionError | Exception e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private static void step(Volume volume, Random random) throws Exception {
        String path = "/f" + random.nextInt(FILES);
        if (!volume.exists(path)) {
            volume.createFile(path).close();
        }
        long offset = random.nextInt(FILE_BYTES);
        int length = 1 + random.nextInt(30_000);
        try (DaxFile file = volume.openFile(path)) {
            switch (random.nextInt(7)) {
                case 0 -> file.truncate(offset);
                case 1 -> file.punchHole(offset, length);
                case 2 -> file.zeroRange(offset, length);
                case 3 -> file.allocate(AllocateMode.UNWRITTEN, offset, length);
                case 4 -> file.allocate(AllocateMode.UNWRITTEN_KEEP_SIZE, offset, length);
                case 5 -> volume.unlink(path);
                default -> file.write(ByteBuffer.wrap(new byte[length]), offset);
            }
        } catch (HoldfastException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.NO_SPACE);
        }
    }
}
