package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.device.DeviceListener;
import dev.holdfast.device.LineFate;
import dev.holdfast.device.TracedDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.file.CheckReport.Severity;
import dev.holdfast.file.XattrMode;
import dev.holdfast.fs.ManualBackground;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A value in blocks is replaced again and again, so that freed blocks are used again; at every
 * barrier the volume is crashed. What is found is a whole value: the last one acknowledged, or one
 * asked for since.
 */
class LargeXattrCrashTest {
    private static final long SEED = Long.getLong("holdfast.seed", 7);
    private static final int SETS = 24;
    private static final int REMOVED = -1;

    /** The run, and at each barrier the judgement of crashes there. */
    private static final class Run implements DeviceListener {
        private final TracedDevice device;
        private final int[] lengths = new int[SETS];
        private int acknowledged = REMOVED;
        private int asked = REMOVED;
        private int barriers;

        Run(TracedDevice device) {
            this.device = device;
            Random random = new Random(SEED);
            for (int i = 0; i < SETS; i++) {
                lengths[i] = random.nextInt(4) == 0 ? REMOVED
                        : 1 + random.nextInt(random.nextBoolean() ? 65_536 : 6000);
            }
        }

        void go() throws IOException {
            try (Volume volume = Volume.create(device, options())) {
                volume.createFile("/f").close();
                volume.sync();
                device.listen(this);
                for (int i = 0; i < SETS; i++) {
                    asked = i;
                    if (lengths[i] != REMOVED) {
                        volume.setXattr("/f", "user.a", value(i), XattrMode.CREATE_OR_REPLACE);
                    } else if (!volume.listXattrs("/f").isEmpty()) {
                        volume.removeXattr("/f", "user.a");
                    }
                    if (i % 3 == 0) {
                        volume.fsync("/f");
                        acknowledged = i;
                    }
                    if (i % 7 == 6) {
                        volume.checkpoint();
                    }
                }
                volume.unlink("/f");
                device.listen(null);
            }
        }

        private VolumeOptions options() {
            return VolumeLab.deterministic(VolumeOptions.defaults(), ManualBackground::new,
                    () -> TestVolume.START_NANOS, new Random(SEED));
        }

        private byte[] value(int i) {
            byte[] value = new byte[lengths[i]];
            new Random(i).nextBytes(value);
            return value;
        }

        @Override
        public void beforePersist(long[] ranges, int count) {
            try {
                judge(LineFate.NONE);
                judge(LineFate.ALL);
                judge(LineFate.seeded(SEED + barriers));
                barriers++;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void judge(LineFate fate) throws IOException {
            String where = "seed " + SEED + ", barrier " + barriers + ", " + fate + ", sets "
                    + acknowledged + " to " + asked;
            try (TracedDevice image = device.crashImage(fate)) {
                assertUndamaged(where, image);
                try (Volume volume = Volume.open(image, options())) {
                    assertThat(isOneOfThose(found(volume))).as(where).isTrue();
                }
                assertUndamaged(where, image);
            }
        }

        /** A slot that was being written may be torn, which is no damage. */
        private static void assertUndamaged(String where, TracedDevice image) throws IOException {
            assertThat(Volume.check(image).findings()).as(where)
                    .noneMatch(finding -> finding.severity() == Severity.DAMAGE);
        }

        private boolean isOneOfThose(byte[] found) {
            for (int i = acknowledged; i <= asked; i++) {
                byte[] expected = i == REMOVED || lengths[i] == REMOVED ? null : value(i);
                if (Arrays.equals(found, expected)) {
                    return true;
                }
            }
            return false;
        }

        private static byte[] found(Volume volume) throws IOException {
            try {
                return volume.getXattr("/f", "user.a");
            } catch (HoldfastException e) {
                assertThat(e.code()).isIn(ErrorCode.NO_DATA, ErrorCode.NOT_FOUND);
                return null;
            }
        }
    }

    @ParameterizedTest
    @EnumSource(TracedDevice.Unit.class)
    @DisplayName("A crash at any barrier shows a whole value")
    void aCrashAtAnyBarrierShowsAWholeValue(TracedDevice.Unit unit) throws IOException {
        try (TracedDevice device = TracedDevice.create(1 << 20, unit)) {
            Run run = new Run(device);
            run.go();
            assertThat(run.barriers).isGreaterThan(SETS);
        }
    }
}
