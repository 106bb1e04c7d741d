package dev.holdfast.device;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Windows over every device that has a file. */
@ParameterizedClass
@MethodSource("dev.holdfast.device.DeviceKind#withWindows")
class DeviceWindowTest {
    private static final long SIZE = 1 << 20;
    private static final long PAGE = 4096;

    @Parameter
    DeviceKind kind;

    @TempDir
    Path directory;

    private DaxDevice device;
    private AddressWindow window;

    @BeforeEach
    void create() throws IOException {
        device = kind.create(directory, SIZE);
        window = device.newWindow(4 * PAGE);
    }

    @AfterEach
    void close() {
        window.close();
        device.close();
    }

    @Test
    void aFreshWindowReadsAsZero() {
        assertThat(window.memory().byteSize()).isEqualTo(4 * PAGE);
        assertThat(window.memory().toArray(JAVA_BYTE)).containsOnly((byte) 0);
    }

    @Test
    void aWindowStartsAtAHugePageSoThatOffsetsAgree() {
        assertThat(window.memory().address() % (2L << 20)).isZero();
    }

    @Test
    void piecesOfTheDeviceLieSideBySide() throws IOException {
        device.putLong(7 * PAGE, 7);
        device.putLong(3 * PAGE, 3);

        window.layDevice(0, 7 * PAGE, PAGE);
        window.layDevice(PAGE, 3 * PAGE, 2 * PAGE);

        assertThat(window.memory().get(JAVA_LONG, 0)).isEqualTo(7);
        assertThat(window.memory().get(JAVA_LONG, PAGE)).isEqualTo(3);
        assertThat(window.memory().get(JAVA_LONG, 3 * PAGE)).as("still a hole").isZero();
    }

    @Test
    @DisplayName("R9 a store through the window and a store to the device are one memory")
    void storesAreCoherentBothWays() throws IOException {
        window.layDevice(PAGE, 5 * PAGE, PAGE);

        window.memory().set(JAVA_LONG, PAGE + 8, 11);
        device.putLong(5 * PAGE + 16, 12);

        assertThat(device.getLong(5 * PAGE + 8)).isEqualTo(11);
        assertThat(window.memory().get(JAVA_LONG, PAGE + 16)).isEqualTo(12);
    }

    @Test
    void aHoleLaidOverAPieceReadsAsZeroAndLeavesTheDeviceAlone() throws IOException {
        device.putLong(5 * PAGE, 9);
        window.layDevice(0, 5 * PAGE, 2 * PAGE);

        window.layHole(0, PAGE);

        assertThat(window.memory().get(JAVA_LONG, 0)).isZero();
        assertThat(device.getLong(5 * PAGE)).isEqualTo(9);
    }

    @Test
    void aPrivatePieceKeepsItsStoresToItself() throws IOException {
        device.putLong(5 * PAGE, 9);
        window.layPrivate(0, 5 * PAGE, PAGE);

        assertThat(window.memory().get(JAVA_LONG, 0)).isEqualTo(9);
        window.memory().set(JAVA_LONG, 0, 10);

        assertThat(window.memory().get(JAVA_LONG, 0)).isEqualTo(10);
        assertThat(device.getLong(5 * PAGE)).isEqualTo(9);
    }

    @Test
    void aPrivateHoleIsMemoryOfItsOwn() throws IOException {
        window.layPrivateHole(PAGE, PAGE);

        assertThat(window.memory().get(JAVA_LONG, PAGE)).isZero();
        window.memory().set(JAVA_LONG, PAGE, 4);

        assertThat(window.memory().get(JAVA_LONG, PAGE)).isEqualTo(4);
        assertThat(device.memory().mismatch(MemorySegment.ofArray(new byte[(int) SIZE])))
                .isEqualTo(-1);
    }

    @Test
    void rangesOffTheMappingUnitAreRefusedWithThatReason() {
        List<ThrowingCallable> calls = List.of(
                () -> window.layDevice(512, 0, PAGE),
                () -> window.layDevice(0, 512, PAGE),
                () -> window.layDevice(0, 0, 512),
                () -> window.layHole(512, PAGE),
                () -> window.layPrivateHole(0, 512),
                () -> device.newWindow(PAGE + 512));

        assertThat(calls).allSatisfy(call -> assertThatExceptionOfType(HoldfastException.class)
                .isThrownBy(call)
                .withMessageContaining("mapping unit")
                .returns(ErrorCode.NOT_SUPPORTED, HoldfastException::code));
        assertThatIllegalArgumentException().isThrownBy(() -> device.newWindow(0));
    }

    @Test
    void rangesOutsideWindowOrDeviceAreRefused() {
        List<ThrowingCallable> calls = List.of(
                () -> window.layDevice(4 * PAGE, 0, PAGE),
                () -> window.layDevice(-PAGE, 0, PAGE),
                () -> window.layDevice(0, SIZE, PAGE),
                () -> window.layDevice(0, -PAGE, PAGE),
                () -> window.layPrivate(0, SIZE - PAGE, 2 * PAGE),
                () -> window.layHole(PAGE, 4 * PAGE),
                () -> window.layPrivateHole(0, -PAGE));

        assertThat(calls).allSatisfy(call ->
                assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(call));
        assertThat(window.memory().toArray(JAVA_BYTE)).containsOnly((byte) 0);
    }

    @Test
    void accessToAClosedWindowIsAnException() throws IOException {
        window.layDevice(0, 0, PAGE);
        MemorySegment memory = window.memory();

        window.close();
        window.close();

        assertThatIllegalStateException().isThrownBy(() -> memory.get(JAVA_LONG, 0));
        assertThatIllegalStateException().isThrownBy(() -> window.layDevice(0, 0, PAGE));
        assertThatIllegalStateException().isThrownBy(() -> window.layHole(0, PAGE));
    }

    @Test
    void aWindowOutlivesItsDeviceButGetsNothingNew() throws IOException {
        device.putLong(0, 6);
        window.layDevice(0, 0, PAGE);

        device.close();

        assertThat(window.memory().get(JAVA_LONG, 0)).isEqualTo(6);
        assertThatIllegalStateException().isThrownBy(() -> window.layDevice(PAGE, 0, PAGE));
    }

    @Test
    void whatIsStoredThroughAWindowIsPersistedByDeviceOffset() throws IOException {
        window.layDevice(0, 5 * PAGE, PAGE);
        window.memory().set(JAVA_LONG, 64, 8);

        device.persist(5 * PAGE + 64, 8);

        assertThat(device.counters().bytes()).isEqualTo(8);
        if (device instanceof TracedDevice traced) {
            traced.crash(LineFate.NONE);
            assertThat(window.memory().get(JAVA_LONG, 64)).isEqualTo(8);
        }
    }
}
