package dev.holdfast.device;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.ffm.Linux;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Windows over addresses that somebody else mapped, and will unmap. */
@ParameterizedClass
@MethodSource("dev.holdfast.device.DeviceKind#withWindows")
class DeviceWindowOverTest {
    private static final long SIZE = 1 << 20;
    private static final long PAGE = 4096;
    private static final long LENGTH = 4 * PAGE;

    @Parameter
    DeviceKind kind;

    @TempDir
    Path directory;

    private DaxDevice device;
    private long address;
    private MemorySegment memory;

    @BeforeEach
    void create() throws IOException {
        device = kind.create(directory, SIZE);
        address = Linux.mmap(0, LENGTH, Linux.PROT_READ | Linux.PROT_WRITE,
                Linux.MAP_PRIVATE | Linux.MAP_ANONYMOUS, -1, 0);
        memory = MemorySegment.ofAddress(address).reinterpret(LENGTH);
    }

    @AfterEach
    void close() {
        Linux.munmap(address, LENGTH);
        device.close();
    }

    @Test
    @DisplayName("R9 what is laid is the device, and what is not keeps its owner's content")
    void piecesAreLaidOverTheOwnersMemory() throws IOException {
        memory.set(JAVA_LONG, 3 * PAGE, 42);
        device.putLong(7 * PAGE, 7);
        try (AddressWindow window = device.windowOver(address, LENGTH)) {
            window.layDevice(0, 7 * PAGE, PAGE);
            window.layDevice(PAGE, 2 * PAGE, PAGE);
            window.expectSmallPersists();

            assertThat(memory.get(JAVA_LONG, 0)).isEqualTo(7);
            assertThat(memory.get(JAVA_LONG, 3 * PAGE)).isEqualTo(42);
            memory.set(JAVA_LONG, PAGE, 2);
            assertThat(device.getLong(2 * PAGE)).isEqualTo(2);
            device.persist(2 * PAGE, 8);
            window.layHole(PAGE, PAGE);
            assertThat(memory.get(JAVA_LONG, PAGE)).isZero();
        }
    }

    @Test
    void closingTheWindowLeavesTheAddressesToTheirOwner() throws IOException {
        device.putLong(0, 5);
        AddressWindow window = device.windowOver(address, LENGTH);
        window.layDevice(0, 0, PAGE);
        window.close();
        window.close();

        assertThat(memory.get(JAVA_LONG, 0)).as("still laid").isEqualTo(5);
        assertThatIllegalStateException().isThrownBy(() -> window.layDevice(PAGE, 0, PAGE));
        assertThatIllegalStateException().isThrownBy(window::expectSmallPersists);
    }

    @Test
    void privatePagesAreCopiesWhoeverOwnsTheAddresses() throws IOException {
        device.putLong(0, 5);
        try (AddressWindow window = device.windowOver(address, LENGTH)) {
            window.layPrivate(0, 0, PAGE);
            window.layPrivateHole(PAGE, PAGE);
            memory.set(JAVA_LONG, 0, 6);
            memory.set(JAVA_LONG, PAGE, 6);
            assertThat(device.getLong(0)).isEqualTo(5);
        }
    }

    @Test
    void addressesAndLengthsMustBeWholeUnits() {
        assertThatExceptionOfType(HoldfastException.class)
                .isThrownBy(() -> device.windowOver(address + 8, PAGE))
                .withMessageContaining("window address");
        assertThatExceptionOfType(HoldfastException.class)
                .isThrownBy(() -> device.windowOver(address, 100))
                .withMessageContaining("window length");
        assertThatThrownBy(() -> device.windowOver(address, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
