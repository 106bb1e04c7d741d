package dev.holdfast.explore.states;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Volume;
import dev.holdfast.device.ImageDevice;
import dev.holdfast.device.TracedDevice.Unit;
import dev.holdfast.explore.Lab;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Images that are used and come back as they were. */
class ImageDeviceTest {
    private static final int SIZE = 64 * 4096;

    @Test
    @DisplayName("Undo leaves the image bit for bit, whatever was stored in whichever way")
    void undo() throws IOException {
        SplittableRandom random = new SplittableRandom(3);
        try (ImageDevice device = ImageDevice.create(SIZE, Unit.LINE)) {
            byte[] image = new byte[SIZE];
            random.nextBytes(image);
            device.setImage(0, image, 0, SIZE);
            for (int round = 0; round < 200; round++) {
                for (int i = 0; i < 10; i++) {
                    store(device, random);
                }
                device.undo();
                assertThat(device.memory().mismatch(MemorySegment.ofArray(image)))
                        .as("round %s", round).isEqualTo(-1);
                assertThat(device.touchedPages()).isZero();
                byte[] line = new byte[64];
                random.nextBytes(line);
                int at = random.nextInt(SIZE / 64) * 64;
                device.setImage(at, line, 0, 64);
                System.arraycopy(line, 0, image, at, 64);
            }
            assertThat(device.image()).isEqualTo(image);
        }
    }

    private static void store(ImageDevice device, SplittableRandom random) throws IOException {
        int at = random.nextInt(SIZE - 9000);
        switch (random.nextInt(7)) {
            case 0 -> device.putByte(at, (byte) 1);
            case 1 -> device.putInt(at, 2);
            case 2 -> device.putLong(at, 3);
            case 3 -> device.put(at, new byte[5000], 0, 5000);
            case 4 -> device.zero(at, 9000);
            case 5 -> device.copyFrom(MemorySegment.ofArray(new byte[100]), 0, at, 100);
            default -> {
                device.handedOut(at, 4097, true);
                device.memory().set(ValueLayout.JAVA_BYTE, at + 4096L, (byte) 9);
            }
        }
        device.persist(at, 1);
    }

    @Test
    @DisplayName("Stores through a window are undone too")
    void windows() throws IOException {
        try (ImageDevice device = ImageDevice.create(SIZE, Unit.LINE);
                var window = device.newWindow(8192)) {
            window.layDevice(0, 4096, 8192);
            window.memory().set(ValueLayout.JAVA_BYTE, 5000, (byte) 1);
            assertThat(device.getByte(9096)).isEqualTo((byte) 1);
            device.undo();
            assertThat(device.firstNonZero(0, SIZE)).isEqualTo(-1);
            assertThat(device.getByte(9096)).isZero();
        }
    }

    @Test
    @DisplayName("A mount with its recovery, and a whole life of the volume, are undone")
    void aVolume() throws IOException {
        try (ImageDevice device = ImageDevice.create(1 << 20, Unit.LINE)) {
            Volume.create(device, Lab.options(1)).close();
            byte[] image = device.memory().toArray(ValueLayout.JAVA_BYTE);
            device.undo();
            device.setImage(0, image, 0, image.length);
            for (int i = 0; i < 3; i++) {
                try (Volume volume = Volume.open(device, Lab.options(2));
                        Arena arena = Arena.ofConfined()) {
                    new Continuation(volume).run(volume, null);
                    volume.openFile("/holdfast-explorer-renamed").close();
                    assertThat(arena.scope().isAlive()).isTrue();
                }
                device.undo();
                assertThat(device.memory().mismatch(MemorySegment.ofArray(image))).isEqualTo(-1);
            }
        }
    }

    @Test
    @DisplayName("What is zero is found as a plain search does, through changes and undos")
    void firstNonZero() throws IOException {
        SplittableRandom random = new SplittableRandom(5);
        try (ImageDevice device = ImageDevice.create(SIZE, Unit.LINE)) {
            for (int round = 0; round < 2000; round++) {
                switch (random.nextInt(4)) {
                    case 0 -> device.setImage(random.nextInt(SIZE), new byte[] {1}, 0, 1);
                    case 1 -> device.setImage(0, new byte[SIZE], 0, SIZE);
                    case 2 -> device.putByte(random.nextInt(SIZE), (byte) random.nextInt(2));
                    default -> device.undo();
                }
                int from = random.nextInt(SIZE);
                int length = random.nextInt(SIZE - from + 1);
                long expected = -1;
                for (int at = from; expected < 0 && at < from + length; at++) {
                    expected = device.memory().get(ValueLayout.JAVA_BYTE, at) == 0 ? -1 : at;
                }
                assertThat(device.firstNonZero(from, length)).isEqualTo(expected);
            }
        }
    }

    @Test
    @DisplayName("Lines that are read or handed out are remembered, others not")
    void reads() throws IOException {
        try (ImageDevice device = ImageDevice.create(SIZE, Unit.LINE)) {
            device.trackReads(true);
            device.getLong(60);
            device.get(640, new byte[65], 0, 65);
            device.putLong(6400, 1);
            device.handedOut(4096 * 3L, 1, false);
            device.copyTo(4096 * 5L, MemorySegment.ofArray(new byte[4096]), 0, 4096);
            for (int line = 0; line < SIZE / 64; line++) {
                boolean read = line == 0 || line == 1 || line == 10 || line == 11
                        || line == 192 || line >= 320 && line < 384;
                assertThat(device.wasRead(line)).as("line %s", line).isEqualTo(read);
            }
            device.trackReads(true);
            assertThat(device.wasRead(0)).isFalse();
        }
    }
}
