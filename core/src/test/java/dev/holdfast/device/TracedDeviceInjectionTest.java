package dev.holdfast.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Power that goes at a persist, write-backs that fail, and the listener. */
class TracedDeviceInjectionTest {
    private TracedDevice device;

    @BeforeEach
    void create() throws IOException {
        device = TracedDevice.create(1 << 20);
    }

    @AfterEach
    void close() {
        device.close();
    }

    @Test
    void thePowerGoesAfterSoManyPersistsAndStaysOff() throws IOException {
        device.powerOffAfter(2);
        store(0);
        device.persist(0, 64);
        store(1);
        device.persist(new long[] {64, 64}, 1);
        store(2);

        assertThatExceptionOfType(PowerCutException.class)
                .isThrownBy(() -> device.persist(128, 64));
        assertThatExceptionOfType(PowerCutException.class)
                .isThrownBy(() -> device.persist(new long[] {128, 64}, 1));

        device.crash(LineFate.NONE);
        assertThat(values(3)).containsExactly(1, 1, 0);
    }

    @Test
    void zeroCutsThePowerAtTheVeryNextPersist() {
        device.powerOffAfter(0);

        assertThatExceptionOfType(PowerCutException.class).isThrownBy(() -> device.persist(0, 64));
        assertThat(device.counters().barriers()).isZero();
    }

    @Test
    void storesBeforeTheCutMayBeKeptButStoresAfterItNever() throws IOException {
        device.powerOffAfter(0);
        store(0);
        assertThatExceptionOfType(PowerCutException.class).isThrownBy(() -> device.persist(0, 64));
        store(1);

        assertThat(device.unpersistedLines()).containsExactly(0);
        try (TracedDevice image = device.crashImage(LineFate.ALL);
                TracedDevice copy = device.copy()) {
            assertThat(image.getLong(0)).isEqualTo(1);
            assertThat(image.getLong(64)).isZero();
            assertThat(copy.unpersistedLines()).containsExactly(0);
        }
        device.crash(LineFate.ALL);
        assertThat(values(2)).containsExactly(1, 0);
    }

    @Test
    void afterTheCrashThePowerIsOnAgain() throws IOException {
        device.powerOffAfter(0);
        assertThatExceptionOfType(PowerCutException.class).isThrownBy(() -> device.persist(0, 64));
        device.crash(LineFate.ALL);

        store(5);
        device.persist(320, 64);

        assertThat(device.unpersistedLines()).isEmpty();
    }

    @Test
    void failingPersistsMakeNothingDurableAndThenWorkAgain() throws IOException {
        device.failPersists(1, 2);
        store(0);
        device.persist(0, 64);
        store(1);

        for (int i = 0; i < 2; i++) {
            assertThatExceptionOfType(HoldfastException.class)
                    .isThrownBy(() -> device.persist(64, 64))
                    .returns(ErrorCode.IO_ERROR, HoldfastException::code);
        }
        assertThat(device.unpersistedLines()).containsExactly(1);
        assertThat(device.counters().barriers()).isEqualTo(1);
        device.persist(64, 64);
        assertThat(device.unpersistedLines()).isEmpty();
    }

    @Test
    void negativeCountsAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> device.powerOffAfter(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> device.failPersists(-1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> device.failPersists(0, -1));
    }

    @Test
    void theListenerHearsStoresLoadsAndPersistsInOrder() throws IOException {
        List<String> heard = new ArrayList<>();
        device.listen(recorder(heard));

        device.putByte(1, (byte) 1);
        device.putInt(8, 1);
        device.putLong(16, 1);
        device.put(24, new byte[5], 1, 3);
        device.zero(64, 128);
        device.getByte(1);
        device.getInt(8);
        device.getLong(16);
        device.get(24, new byte[5], 0, 4);
        device.persist(0, 64);
        device.persist(new long[] {64, 8, 128, 8}, 2);

        assertThat(heard).containsExactly(
                "stored 1+1", "stored 8+4", "stored 16+8", "stored 24+3", "stored 64+128",
                "read 1+1", "read 8+4", "read 16+8", "read 24+4",
                "before 0+64", "after 0+64",
                "before 64+8 128+8", "after 64+8 128+8");
    }

    @Test
    void anAccessThatIsRefusedIsNotHeard() {
        List<String> heard = new ArrayList<>();
        device.listen(recorder(heard));

        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> device.putLong(device.sizeBytes(), 1));

        assertThat(heard).isEmpty();
    }

    @Test
    void aPersistThatFailsIsHeardOnlyToBegin() {
        List<String> heard = new ArrayList<>();
        device.listen(recorder(heard));
        device.failPersists(0, 1);

        assertThatExceptionOfType(HoldfastException.class).isThrownBy(() -> device.persist(0, 64));

        assertThat(heard).containsExactly("before 0+64");
    }

    @Test
    void aCrashImageCanBeTakenInTheListenerJustBeforeAPersist() throws IOException {
        List<TracedDevice> images = new ArrayList<>();
        device.listen(new DeviceListener() {
            @Override
            public void beforePersist(long[] ranges, int count) {
                try {
                    images.add(device.crashImage(LineFate.NONE));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
        });
        store(0);
        device.persist(0, 64);
        store(1);
        device.persist(64, 64);
        device.listen(null);
        device.persist(64, 64);

        assertThat(images).extracting(image -> image.getLong(0)).containsExactly(0L, 1L);
        assertThat(images).extracting(image -> image.getLong(64)).containsExactly(0L, 0L);
        images.forEach(TracedDevice::close);
    }

    private void store(long line) {
        device.putLong(line * 64, 1);
    }

    private long[] values(int lines) {
        long[] values = new long[lines];
        for (int line = 0; line < lines; line++) {
            values[line] = device.getLong(line * 64L);
        }
        return values;
    }

    private static DeviceListener recorder(List<String> heard) {
        return new DeviceListener() {
            @Override
            public void stored(long offset, long length) {
                heard.add("stored " + offset + "+" + length);
            }

            @Override
            public void read(long offset, long length) {
                heard.add("read " + offset + "+" + length);
            }

            @Override
            public void beforePersist(long[] ranges, int count) {
                heard.add("before" + words(ranges, count));
            }

            @Override
            public void afterPersist(long[] ranges, int count) {
                heard.add("after" + words(ranges, count));
            }
        };
    }

    private static String words(long[] ranges, int count) {
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < count; i++) {
            words.append(' ').append(ranges[2 * i]).append('+').append(ranges[2 * i + 1]);
        }
        return words.toString();
    }
}
