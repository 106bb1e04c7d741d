package dev.holdfast.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.Volume;
import dev.holdfast.VolumeLab;
import dev.holdfast.VolumeOptions;
import dev.holdfast.alloc.BlockAllocator;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.device.MemfdDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The promises of one file's mappings. */
class ReservationTest {
    private DaxDevice device;
    private Volume volume;
    private BlockAllocator allocator;
    private final Reservation reservation = new Reservation();

    @BeforeEach
    void make() throws IOException {
        device = MemfdDevice.create("reservation", 1 << 20);
        volume = Volume.create(device, VolumeOptions.defaults());
        allocator = VolumeLab.fileSystem(volume).space().allocator();
    }

    @AfterEach
    void close() throws IOException {
        volume.close();
        device.close();
    }

    @Test
    void whatIsPromisedIsNotAvailableUntilThePromiseEnds() throws IOException {
        long available = allocator.availableBlocks();
        reservation.promise(allocator, 30, "/f");
        assertThat(allocator.availableBlocks()).isEqualTo(available - 30);
        assertThat(allocator.reservedBlocks()).isEqualTo(30);
        reservation.end(allocator, 30);
        assertThat(allocator.availableBlocks()).isEqualTo(available);
    }

    @Test
    void aPromiseThatCannotBeKeptIsNotMade() {
        long available = allocator.availableBlocks();
        assertThatExceptionOfType(HoldfastException.class)
                .isThrownBy(() -> reservation.promise(allocator, available + 1, "/f"))
                .withMessageContaining("/f").withMessageContaining("map less")
                .returns(ErrorCode.NO_SPACE, HoldfastException::code);
        assertThat(allocator.reservedBlocks()).isZero();
        assertThat(reservation.covers(1)).isFalse();
    }

    @Test
    void promisesArePooledAndOnlyTheExcessGoesBack() throws IOException {
        reservation.promise(allocator, 10, "/f");
        reservation.promise(allocator, 20, "/f");
        assertThat(reservation.covers(30)).isTrue();
        assertThat(reservation.covers(31)).isFalse();
        reservation.use(15);
        allocator.unreserve(15);
        reservation.end(allocator, 20);
        assertThat(allocator.reservedBlocks()).isEqualTo(10);
        reservation.end(allocator, 10);
        assertThat(allocator.reservedBlocks()).isZero();
    }
}
