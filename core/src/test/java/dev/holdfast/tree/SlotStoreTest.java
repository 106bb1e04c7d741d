package dev.holdfast.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.codec.LittleEndian;
import dev.holdfast.device.DaxDevice;
import dev.holdfast.device.MemfdDevice;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.util.Random;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlotStoreTest {
    private static final Slot.Geometry GEOMETRY = new Slot.Geometry(
            new UUID(-1, 7), 256, 4, 16, 16, -5, 6, 1_700_000_000_000L, "Haltefest, größer");

    private DaxDevice device;

    @BeforeEach
    void create() throws IOException {
        device = MemfdDevice.create("slots", 1 << 20);
    }

    @AfterEach
    void close() {
        device.close();
    }

    private static Slot slot(long generation) {
        return new Slot(GEOMETRY, generation, new Root(100 + generation % 100, 2, generation, 300,
                300 * 30), 17 * generation, 40, generation % 3 == 0);
    }

    private void assertRefused(ErrorCode code, String message) {
        assertRefused(() -> SlotStore.load(device), code, message);
    }

    private static void assertRefused(ThrowingCallable load, ErrorCode code, String message) {
        assertThatThrownBy(load).hasMessageContaining(message)
                .isInstanceOfSatisfying(HoldfastException.class, e ->
                        assertThat(e.code()).isEqualTo(code));
    }

    /** Stores a slot with a field changed and its checksum right again. */
    private void storeChanged(Slot slot, int at, long value, int bytes) {
        byte[] encoded = slot.encode();
        if (bytes == 4) {
            LittleEndian.putInt(encoded, at, (int) value);
        } else {
            LittleEndian.putLong(encoded, at, value);
        }
        LittleEndian.putInt(encoded, Layout.SLOT_CRC_AT, Slot.checksum(encoded));
        device.put((long) SlotStore.indexOf(slot.generation()) * Layout.BLOCK_BYTES, encoded, 0,
                encoded.length);
    }

    @Test
    void whatIsWrittenIsReadNewestFirst() throws IOException {
        SlotStore.write(device, slot(6));
        var one = SlotStore.load(device);
        assertThat(one.valid()).containsExactly(slot(6));
        assertThat(one.damaged()).containsExactly(new SlotStore.Damaged(1, "magic"));
        SlotStore.write(device, slot(7));
        var two = SlotStore.load(device);
        assertThat(two.valid()).containsExactly(slot(7), slot(6));
        assertThat(two.damaged()).isEmpty();
        SlotStore.write(device, slot(8));
        assertThat(SlotStore.load(device).newest()).isEqualTo(slot(8));
        assertThat(SlotStore.load(device).valid()).containsExactly(slot(8), slot(7));
    }

    @Test
    void anEmptyTreeIsWrittenToo() throws IOException {
        var empty = new Slot(GEOMETRY, 1, Root.EMPTY, 0, 2, true);
        SlotStore.write(device, empty);
        assertThat(SlotStore.load(device).newest()).isEqualTo(empty);
    }

    @Test
    void aSlotTakesOneBarrier() throws IOException {
        long barriers = device.counters().bytes();
        SlotStore.write(device, slot(1));
        assertThat(device.counters().bytes() - barriers).isEqualTo(Layout.SLOT_BYTES);
    }

    @Test
    void everyFlippedByteLeavesTheOtherSlot() throws IOException {
        SlotStore.write(device, slot(6));
        SlotStore.write(device, slot(7));
        var random = new Random(1);
        for (int i = 0; i < Layout.SLOT_BYTES; i++) {
            long at = Layout.BLOCK_BYTES + i;
            byte was = device.getByte(at);
            device.putByte(at, (byte) (was ^ 1 << random.nextInt(8)));
            var loaded = SlotStore.load(device);
            assertThat(loaded.valid()).containsExactly(slot(6));
            assertThat(loaded.damaged()).hasSize(1);
            device.putByte(at, was);
        }
        assertThat(SlotStore.load(device).valid()).hasSize(2);
    }

    @Test
    void aDeviceWithoutMagicIsNoVolume() throws IOException {
        assertRefused(ErrorCode.INVALID, device.name() + " is not a Holdfast volume");
        SlotStore.write(device, slot(1));
        SlotStore.write(device, slot(2));
        SlotStore.erase(device);
        assertRefused(ErrorCode.INVALID, "not a Holdfast volume");
        try (var tiny = MemfdDevice.create("tiny", Layout.BLOCK_BYTES)) {
            assertRefused(() -> SlotStore.load(tiny), ErrorCode.INVALID, "not a Holdfast volume");
        }
    }

    @Test
    void aNewerFormatIsRefused() {
        storeChanged(slot(1), Layout.SLOT_VERSION_AT, 3, 4);
        assertRefused(ErrorCode.NOT_SUPPORTED, "format version 3");
    }

    @Test
    void anOlderFormatIsRefusedAsWhatItIs() {
        storeChanged(slot(1), Layout.SLOT_VERSION_AT, 1, 4);
        assertRefused(ErrorCode.NOT_SUPPORTED, "format version 1, from before release");
    }

    @Test
    void bothDamagedSaysWhyForEach() throws IOException {
        SlotStore.write(device, slot(6));
        SlotStore.write(device, slot(7));
        device.putByte(Layout.SLOT_GENERATION_AT, (byte) 9);
        device.putByte(Layout.BLOCK_BYTES, (byte) 0);
        assertRefused(ErrorCode.CORRUPT, "slot 0: checksum; slot 1: magic");
    }

    @Test
    void aTruncatedDeviceIsRefused() throws IOException {
        try (var half = MemfdDevice.create("half", 1 << 19)) {
            SlotStore.write(half, slot(1));
            assertRefused(() -> SlotStore.load(half), ErrorCode.CORRUPT, "truncated");
        }
    }

    @Test
    void slotsOfTwoVolumesAreRefused() throws IOException {
        SlotStore.write(device, slot(6));
        storeChanged(slot(7), Layout.SLOT_UUID_LOW_AT, 99, 8);
        assertRefused(ErrorCode.CORRUPT, "different volumes");
    }

    @Test
    void aSlotInTheWrongPlaceIsNotTaken() throws IOException {
        SlotStore.write(device, slot(6));
        byte[] copy = slot(8).encode();
        device.put(Layout.BLOCK_BYTES, copy, 0, copy.length);
        assertThat(SlotStore.load(device).valid()).containsExactly(slot(6));
    }

    @ParameterizedTest(name = "bytes at {0} = {1}: {3}")
    @CsvSource({
        "12, 0, 4, version",
        "32, 4, 8, volume size",
        "32, -1, 8, volume size",
        "40, 3, 8, start of the log",
        "40, 256, 8, start of the log",
        "40, 9223372036854775807, 8, start of the log",
        "48, 0, 8, size of the log",
        "48, 253, 8, size of the log",
        "48, -1, 8, size of the log",
        "56, 8, 8, chunk size",
        "56, 48, 8, chunk size",
        "56, 1024, 8, chunk size",
        "56, 4294967312, 8, chunk size",
        "88, -1, 8, label",
        "128, -5, 8, generation",
        "136, 19, 8, root block",
        "136, 256, 8, root block",
        "144, 8, 8, generation of the root",
        "144, 0, 8, generation of the root",
        "152, 0, 8, number of items",
        "160, 23, 8, number of items",
        "168, 17, 4, height",
        "168, -1, 4, height",
        "168, 0, 4, root of an empty tree",
        "172, 2, 4, flags",
        "176, -1, 8, start LSN",
        "184, 0, 8, next inode",
    })
    void aFieldOutOfItsRangeIsNamed(int at, long value, int bytes, String reason)
            throws IOException {
        SlotStore.write(device, slot(6));
        storeChanged(slot(7), at, value, bytes);
        var loaded = SlotStore.load(device);
        assertThat(loaded.valid()).containsExactly(slot(6));
        assertThat(loaded.damaged().getFirst().reason()).contains(reason);
    }

    @Test
    void aLabelTooLongIsRefused() {
        assertThatThrownBy(() -> new Slot.Geometry(new UUID(1, 1), 256, 4, 16, 16, 0, 0, 0,
                "ä".repeat(17))).isInstanceOf(IllegalArgumentException.class);
    }
}
