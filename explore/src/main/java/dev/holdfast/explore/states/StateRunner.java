package dev.holdfast.explore.states;

import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.VolumeOptions;
import dev.holdfast.device.ImageDevice;
import dev.holdfast.explore.CrashPoint;
import dev.holdfast.explore.Judge;
import dev.holdfast.explore.Violation;
import dev.holdfast.file.CheckReport;
import dev.holdfast.fs.Check;
import dev.holdfast.fs.ManualBackground;
import java.io.IOException;
import java.util.random.RandomGenerator;

/**
 * Recovers what a device shows, and has it judged.
 *
 * <p>What runs for each state: the whole check of the image as it is; a mount of it, for writing,
 * with all that a mount stores and persists; the judge. Not run: a close. The volume is dropped
 * where it stands, its background work runs only if the judge asks for it, and the device is
 * undone.
 */
public final class StateRunner {
    /** Later than any workload of ours; the same for every state. */
    private static final long CLOCK_NANOS = 2_000_000_000_000_000_000L;

    /** Numbers that are the same after every {@link #restart}. */
    private static final class SameNumbers implements RandomGenerator {
        private final int seed;
        private long next;

        SameNumbers(int seed) {
            this.seed = seed;
        }

        void restart() {
            next = 0x5851f42d4c957f2dL * seed;
        }

        @Override
        public long nextLong() {
            next = next * 6364136223846793005L + 1442695040888963407L;
            return next ^ next >>> 29;
        }
    }

    private final ImageDevice device;
    private final VolumeOptions options;
    private final SameNumbers numbers;
    private final Judge judge;
    private Check last;

    /**
     * Creates a runner that opens volumes on {@code device}.
     *
     * @param mount counts the mounts after the recorded run from 1: each has epochs of its own
     */
    public StateRunner(ImageDevice device, VolumeOptions reopening, Judge judge, int mount) {
        this.device = device;
        this.numbers = new SameNumbers(mount);
        this.options = VolumeLab.deterministic(
                reopening, ManualBackground::new, () -> CLOCK_NANOS, numbers);
        this.judge = judge;
    }

    /**
     * Checks, mounts and judges what the device shows, and undoes what that did to it.
     *
     * @return what is wrong, or null
     */
    public Throwable run(CrashPoint point) {
        try {
            check("the crashed volume");
            judge.judge(open(), point);
            return null;
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable wrong) {
            return wrong;
        } finally {
            device.undo();
        }
    }

    /** Mounts what the device shows. */
    Volume open() throws IOException {
        numbers.restart();
        return Volume.open(device, options);
    }

    /** Examines what the device shows. */
    void check(String what) throws IOException {
        last = Check.examine(device);
        CheckReport report = last.report();
        if (report.isDamaged()) {
            throw new Violation("the check of " + what + ": " + report);
        }
    }

    /** Returns a number that stands for the items that the last image run recovers to. */
    long recoveredItems() {
        return last.digest();
    }

    /**
     * Returns a number that stands for what the last image run recovers to: all its items, and the
     * content of the blocks that files have.
     */
    long recovered(ImageState image) {
        long[] hash = {last.digest()};
        last.forEachFileRun((start, count) -> {
            for (long block = start; block < start + count; block++) {
                hash[0] ^= image.blockHash((int) block);
            }
        });
        return hash[0];
    }

    ImageDevice device() {
        return device;
    }
}
