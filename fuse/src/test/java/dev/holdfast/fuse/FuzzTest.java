package dev.holdfast.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.fuse.FakeKernel.Answer;
import dev.holdfast.fuse.FakeKernel.Body;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@DisplayName("Hostile requests")
class FuzzTest {
    private static final int MAX_BODY_BYTES = 600;
    private static final int MAX_ERRNO = 133;
    private static final int RESERVED_NODES = 20;
    private static final int GUESSED_NODES = 12;
    private static final long[] ODD = {0, 1, -1, 2, 3, 4095, 4096, 4097, 1 << 20, 1L << 31,
        1L << 32, 1L << 46, 1L << 62, Long.MAX_VALUE, Long.MIN_VALUE};
    private static final String[] NAMES = {"a", "b", "dir", "..", ".", "", "a/b", "user.x", "#",
        "n\u0000m", "x".repeat(255), "y".repeat(256)};

    @Test
    @DisplayName("ten thousand random requests get an errno each and leave a sound volume")
    void random() throws IOException {
        attack(8_000, Seeds.seed(0));
        attack(2_000, Seeds.seed(1));
    }

    @Test
    @Tag("stress")
    @DisplayName("two million random requests get an errno each and leave a sound volume")
    void manyRandom() throws IOException {
        for (int i = 0; i < 20; i++) {
            attack(100_000, Seeds.seed(2 + i));
        }
    }

    private static void attack(int requests, long seed) throws IOException {
        Random random = new Random(seed);
        try (FakeKernel kernel = new FakeKernel(32 << 20)) {
            kernel.ready();
            byte[] kept = new byte[9000];
            random.nextBytes(kept);
            // No request can name it, by its name or by its number.
            for (int i = 0; i < RESERVED_NODES; i++) {
                kernel.volume().createFile("/none").close();
                kernel.volume().unlink("/none");
            }
            try (var file = kernel.volume().createFile("/kept")) {
                file.write(ByteBuffer.wrap(kept), 0);
            }
            kernel.createFile("a");
            for (int i = 0; i < requests; i++) {
                one(kernel, random, seed, i);
            }
            try (var file = kernel.volume().openFile("/kept")) {
                byte[] now = new byte[kept.length];
                file.read(ByteBuffer.wrap(now), 0);
                assertThat(Arrays.equals(now, kept)).as("seed %d", seed).isTrue();
            }
            assertThat(kernel.closeAndCheck().findings()).as("seed %d", seed).isEmpty();
        }
    }

    private static void one(FakeKernel kernel, Random random, long seed, int number)
            throws IOException {
        int opcode = random.nextInt(20) == 0 ? random.nextInt() : random.nextInt(60);
        if (opcode == Op.DESTROY) {
            return;
        }
        byte[] body = body(random);
        boolean lies = random.nextInt(10) == 0;
        long said = lies ? random.nextInt() & 0xffffffffL : Wire.IN_HEADER_BYTES + body.length;
        int extension = random.nextInt(20) == 0 ? random.nextInt(100) : 0;
        long node = random.nextInt(4) == 0 ? odd(random) : 1 + random.nextInt(GUESSED_NODES);
        Answer answer = kernel.raw(random.nextInt(2) * 1000, opcode, node, body, said, extension);
        boolean isSilent = opcode == Op.FORGET || opcode == Op.BATCH_FORGET
                || opcode == Op.INTERRUPT;
        if (isSilent) {
            assertThat(answer).as("seed %d, request %d", seed, number).isNull();
        } else {
            assertThat(answer).as("seed %d, request %d, opcode %d", seed, number, opcode)
                    .isNotNull();
            // EIO would be a defect met on the way: nothing here is a failure of the medium.
            assertThat(answer.errno()).as("seed %d, request %d, opcode %d", seed, number, opcode)
                    .isBetween(0, MAX_ERRNO).isNotEqualTo(FuseErrno.EIO);
        }
    }

    /** Half noise, half fields and names that mean something to somebody. */
    private static byte[] body(Random random) {
        if (random.nextInt(4) == 0) {
            byte[] noise = new byte[random.nextInt(MAX_BODY_BYTES)];
            random.nextBytes(noise);
            return noise;
        }
        Body body = new Body();
        int fields = random.nextInt(8);
        for (int i = 0; i < fields; i++) {
            if (random.nextBoolean()) {
                body.longs(odd(random));
            } else {
                body.ints(random.nextInt(64), random.nextInt(3));
            }
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            body.name(NAMES[random.nextInt(NAMES.length)]);
        }
        byte[] bytes = body.toBytes();
        return random.nextInt(8) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length + 1))
                : bytes;
    }

    private static long odd(Random random) {
        return random.nextInt(3) == 0 ? random.nextLong() : ODD[random.nextInt(ODD.length)];
    }
}
