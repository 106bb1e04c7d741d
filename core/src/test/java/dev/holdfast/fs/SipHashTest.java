package dev.holdfast.fs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The vectors that the authors of SipHash publish: key 00 … 0f, messages 00, 00 01, 00 01 02 … */
class SipHashTest {
    private static final SipHash HASH = new SipHash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);

    private static long ofFirst(int length) {
        byte[] message = new byte[length];
        for (int i = 0; i < length; i++) {
            message[i] = (byte) i;
        }
        return HASH.of(message);
    }

    @Test
    void isSipHash24() {
        long[] vectors = {0x726fdb47dd0e0e31L, 0x74f839c593dc67fdL, 0x0d6c8009d9a94f5aL,
            0x85676696d7fb7e2dL, 0xcf2794e0277187b7L, 0x18765564cd99a68dL, 0xcbc9466e58fee3ceL,
            0xab0200f58b01d137L, 0x93f5f5799a932462L};
        for (int length = 0; length < vectors.length; length++) {
            assertThat(ofFirst(length)).as(length + " bytes").isEqualTo(vectors[length]);
        }
        assertThat(ofFirst(15)).as("the paper's example").isEqualTo(0xa129ca6149be45e5L);
    }

    @Test
    void positionsLeaveRoomForTheDotsAndAreNotNegative() {
        for (int length = 0; length < 200; length++) {
            assertThat(HASH.position(new byte[length])).isGreaterThanOrEqualTo(3);
        }
    }

    @Test
    void anotherKeyIsAnotherOrder() {
        byte[] name = {1, 2, 3};
        assertThat(new SipHash(1, 2).of(name)).isNotEqualTo(new SipHash(2, 1).of(name));
    }
}
